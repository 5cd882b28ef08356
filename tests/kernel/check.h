/* SPDX-License-Identifier: MIT */
/*
 * check.h - what a program that tests the kernel is made of: cases, and what they claim.
 *
 * A case is a function that is named after what it proves. check_main() runs them one after the
 * other; a claim that does not hold is printed with its place, and the case goes on. After each
 * case as many frames must be free as before it.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/memory.h>
#include <pudu/start.h>
#include <pudu/thread.h>

#include "abi/executor.h"
#include "abi/memory.h"
#include "abi/status.h"

/* Slots and memory that neither the library nor check.c uses. */
#define TEST_HANDLE(i) PUDU_HANDLE(0x10000 + (uint64_t)(i))
#define TEST_MEMORY    0x2000000000
#define TEST_PAGE(i)   (TEST_MEMORY + (uint64_t)(i)*PUDU_PAGE_SIZE)

struct check_case {
	const char *name;
	void (*run)(void);
};

#define CASE(function)                                                                             \
	{                                                                                          \
#function, function                                                                \
	}

/* CHECK(claim) - it holds, or the case fails. Result: the claim. */
#define CHECK(claim) check_claim(__FILE__, __LINE__, #claim, (claim))

/* CHECK_EQUAL(value, expected) - two numbers, printed if they differ. Result: are they equal? */
#define CHECK_EQUAL(value, expected)                                                               \
	check_equal(__FILE__, __LINE__, #value, (uint64_t)(value), (uint64_t)(expected))

/* EXPECT(call, status) - a system call answers this. Result: does it? */
#define EXPECT(call, expected) check_status(__FILE__, __LINE__, #call, (call).status, (expected))

#define CHECK_OK(call)	       EXPECT(call, PUDU_OK)

bool check_claim(const char *file, int line, const char *text, bool claim);
bool check_equal(const char *file, int line, const char *text, uint64_t value, uint64_t expected);
bool check_status(const char *file, int line, const char *text, int64_t status, int64_t expected);

/*
 * Run the cases; with words in argv that are no name=value, only those cases.
 * Result: 0 if no claim failed, else 1: the exit code.
 */
int check_main(int argc, char **argv, const struct check_case *cases, unsigned n);

/* Run @body in as many threads as there are harts, with 0, 1, ... as argument, until all have
 * returned. */
void check_on_all_harts(int64_t (*body)(void *));

/* The value of the word name=NUMBER in argv of check_main(), or what it is without one. */
uint64_t check_argument(const char *name, uint64_t without);

/* Let every hart that is idle run something, and come back: what the kernel left to do is done. */
void check_nap(void);

/* Nap until the count of free frames stays the same. Result: the count. */
uint64_t check_frames(void);

/* Claim that, after some naps at most, so many frames are free. */
void check_frames_settle(uint64_t expected);

/* Make park_if answer no ERR_EVENT for an end that was before. Done before each case. */
void check_forget_events(void);

/* Sleep until an executor that the caller supervises has ended. Result: its code. */
int64_t check_await_end(uint64_t executor);

/* Nap until the reasons of an executor are these, and nobody has its registers. Result: are they?
 */
bool check_await_state(uint64_t executor, uint64_t reasons);

/* What PUDU_STATE_* bits an executor has now; ~0 if there is no such executor. */
uint64_t check_state(uint64_t executor);

/* What query tells: the mapping, and in *length (unless NULL) how far it goes. ~0 on an error. */
uint64_t check_query(uint64_t vas, uint64_t address, uint64_t *length);

/* What every fresh mapping with these rights is told as by query. */
uint64_t check_memory(uint64_t rights);

/* A new executor of this program that runs code of raw.S, without a stack; the caller supervises.
 */
struct pudu_result check_raw(uint64_t slot, void (*code)(void), uint64_t argument);

#endif
