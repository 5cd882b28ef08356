/* SPDX-License-Identifier: MIT */
/* posix_check.h - what the tests of POSIX threads share: to know that a thread waits. */
#ifndef POSIX_CHECK_H
#define POSIX_CHECK_H

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "check.h"

#define MILLISECOND 1000000 /* nanoseconds */

/* A thread, and what tells of it. */
struct worker {
	pthread_t thread;
	_Atomic uint64_t executor; /* handle, once it runs */
	_Atomic int step;	   /* what it has come to */
	int result;		   /* of the call that is tested */
};

/* Say that the caller runs: await_parked() can look at it. */
static inline void worker_begin(struct worker *worker)
{
	atomic_store(&worker->executor, pudu_thread_self());
}

/* Start function(worker) in a thread. */
static inline void worker_start(struct worker *worker, void *(*function)(void *))
{
	worker->executor = 0;
	worker->step = 0;
	worker->result = -1;
	if (!CHECK_EQUAL(pthread_create(&worker->thread, NULL, function, worker), 0))
		abort();
}

static inline void worker_join(struct worker *worker)
{
	CHECK_EQUAL(pthread_join(worker->thread, NULL), 0);
}

/* Wait until a thread has begun and sleeps. */
static inline void await_parked(struct worker *worker)
{
	while (atomic_load(&worker->executor) == 0)
		sched_yield();
	check_await_state(atomic_load(&worker->executor), PUDU_STATE_PARKED);
}

static inline void await_step(struct worker *worker, int step)
{
	while (atomic_load(&worker->step) < step)
		sched_yield();
}

/* The time of a clock, some milliseconds from now. */
static inline struct timespec soon(clockid_t clock, long milliseconds)
{
	struct timespec time;

	clock_gettime(clock, &time);
	time.tv_nsec += milliseconds % 1000 * MILLISECOND;
	time.tv_sec += milliseconds / 1000 + time.tv_nsec / (1000 * MILLISECOND);
	time.tv_nsec %= 1000 * MILLISECOND;
	return time;
}

/* Has a time of a clock passed? */
static inline bool has_passed(clockid_t clock, const struct timespec *time)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec > time->tv_sec ||
	       (now.tv_sec == time->tv_sec && now.tv_nsec >= time->tv_nsec);
}

static int64_t (*at_once_body)(void *);
static _Atomic unsigned at_once_arrived;

static inline int64_t at_once(void *number)
{
	atomic_fetch_add(&at_once_arrived, 1);
	while (atomic_load(&at_once_arrived) < pudu_info()->harts)
		sched_yield();
	return at_once_body(number);
}

/* check_on_all_harts(), where nobody begins before all are there. */
static inline void check_at_once(int64_t (*body)(void *))
{
	at_once_body = body;
	at_once_arrived = 0;
	check_on_all_harts(at_once);
}

static inline void *nothing(void *unused)
{
	return unused;
}

static inline void *sleep_for_ever(void *unused)
{
	static const uint32_t zero;

	for (;;)
		pudu_park_if((uint64_t)&zero, 0, PUDU_FOREVER);
	return unused;
}

/*
 * What the first thread of a program costs for good is spent before frames are counted. None ends
 * before that: the kernel would give its page back at some later time.
 */
static inline int posix_check_main(int argc, char **argv, const struct check_case *cases,
				   unsigned n)
{
	void *volatile heap = malloc(1);
	pthread_t thread;

	free(heap);
	if (pthread_create(&thread, NULL, sleep_for_ever, NULL) != 0)
		return 1;
	return check_main(argc, argv, cases, n);
}

#endif
