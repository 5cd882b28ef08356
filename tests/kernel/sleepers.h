/* SPDX-License-Identifier: MIT */
/* sleepers.h - executors of one page that wait until a deadline, and say what came of it. */
#ifndef SLEEPERS_H
#define SLEEPERS_H

/* Offsets in struct sleeper, for assembly. */
#define SLEEPER_DEADLINE 0
#define SLEEPER_STATUS	 8
#define SLEEPER_TIME	 16
#define SLEEPER_WAITS	 24
#define SLEEPER_PLACE	 32
#define SLEEPER_ORDER	 40
#define SLEEPER_WORD	 48

#ifndef __ASSEMBLER__
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sleeper {
	uint64_t deadline;
	uint64_t status;	 /* of the last wait */
	uint64_t time;		 /* when that was over */
	uint64_t waits;		 /* how many there were */
	uint64_t place;		 /* how many had ended before it */
	_Atomic uint64_t *order; /* the count of those that have ended */
	_Atomic uint32_t word;	 /* 0: wait */
	uint32_t pad;
	uint64_t pad_to_a_line;
};

_Static_assert(offsetof(struct sleeper, status) == SLEEPER_STATUS, "sleepers_raw.S");
_Static_assert(offsetof(struct sleeper, time) == SLEEPER_TIME, "sleepers_raw.S");
_Static_assert(offsetof(struct sleeper, waits) == SLEEPER_WAITS, "sleepers_raw.S");
_Static_assert(offsetof(struct sleeper, place) == SLEEPER_PLACE, "sleepers_raw.S");
_Static_assert(offsetof(struct sleeper, order) == SLEEPER_ORDER, "sleepers_raw.S");
_Static_assert(offsetof(struct sleeper, word) == SLEEPER_WORD, "sleepers_raw.S");

/* Raw executors, with a struct sleeper as argument: wait by park_if or accept until that answers
 * anything but PUDU_OK, or the word is not 0; end with the status. */
void sleeper_park(void);
void sleeper_accept(void);

#define SLEEPERS_MAX 10000

extern struct sleeper sleeper[SLEEPERS_MAX];
extern _Atomic uint64_t order; /* how many have ended */

/* So many, in ticks. */
uint64_t sleepers_milliseconds(uint64_t n);

/* Sleep until then, at least. */
void sleepers_sleep_until(uint64_t time);

/* Start sleeper[i] as TEST_HANDLE(i): by park_if if i is even, else by accept; they share heaps. */
void sleepers_start(unsigned i, uint64_t deadline);

/* Drop the handles of the first n. */
void sleepers_close(unsigned n);

/* Until so many have ended. Result: have they? */
bool sleepers_await(uint64_t n);

/* Claim that the sleeper was told of its deadline, and not before. */
void sleepers_check_deadline(unsigned i);
#endif

#endif
