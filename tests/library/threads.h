/* SPDX-License-Identifier: MIT */
/* threads.h - what the tests of locks have in common: threads that wait, and one that disturbs. */
#ifndef THREADS_H
#define THREADS_H

#include "../kernel/check.h"

/* Start body(argument) in a thread; ends the program if there is no memory. */
struct pudu_thread *begin(int64_t (*body)(void *), void *argument);

/* The same, and let it run until it waits. */
struct pudu_thread *begin_waiter(int64_t (*body)(void *), void *argument);

/* Wait until a thread has returned, at least 0, and claim that. Result: what it returned. */
int64_t finish(struct pudu_thread *thread);

/* Claim that a thread waits. */
void await_wait(const struct pudu_thread *thread);

/* Microseconds: a deadline that is still to come when a thread is seen to wait for it. */
#define LONG 300000

/* The time so many microseconds from now. */
uint64_t after(uint64_t microseconds);

/* Sleep until then. */
void sleep_until(uint64_t time);

/* Unpark these threads for no reason, again and again, until calm(). They live until then. */
void disturb(struct pudu_thread **threads, unsigned n);
void calm(void);

/* Run body in n threads with 0, 1, ... as argument until all have returned 0; disturbed. */
void run_disturbed(int64_t (*body)(void *), unsigned n);

/* A number below n, another one each time. */
unsigned pick(uint32_t *seed, unsigned n);

/* Threads and rounds of a case with contention: threads=, rounds= of the command line. */
unsigned n_threads(void);
unsigned n_rounds(void);

#endif
