/* SPDX-License-Identifier: MIT */
/* barrier.h - places where threads meet: a barrier, and a thing that is done once. */
#ifndef PUDU_BARRIER_H
#define PUDU_BARRIER_H

#include <stdatomic.h>
#include <stdint.h>

#include "abi/executor.h"
#include "abi/status.h"

/* A place where n threads meet. Set n, at least 1; the rest is 0. */
struct pudu_barrier {
	uint32_t n;		 /* constant */
	uint32_t waiting;	 /* how many wait; of the one that has locked the queue */
	_Atomic uintptr_t queue; /* see user/lib/sync/queue.h */
};

#define PUDU_BARRIER(threads)                                                                      \
	{                                                                                          \
		(threads), 0, 0                                                                    \
	}

/*
 * Wait until n threads have called this; the barrier can be used again at once.
 * Result: 1 in the one that came last, 0 in the others.
 */
int pudu_barrier_wait(struct pudu_barrier *barrier);

/*
 * The same until a deadline.
 * Result: 1 or 0 as above; PUDU_ERR_DEADLINE if too few came: it is as if the caller had not come.
 */
int64_t pudu_barrier_wait_until(struct pudu_barrier *barrier, uint64_t deadline);

/* Something that is done once. */
struct pudu_once {
	_Atomic uintptr_t word; /* see user/lib/sync/once.c */
};

#define PUDU_ONCE                                                                                  \
	{                                                                                          \
		0                                                                                  \
	}

/*
 * Call function(argument), unless a call with the same `once` has done so; waits while another
 * thread is at it. When it returns, the function has returned, and what it did can be seen.
 * Arguments:
 *   function   must return, and not call this with the same `once`.
 */
void pudu_once(struct pudu_once *once, void (*function)(void *), void *argument);

/*
 * The same until a deadline, for those that wait for another thread.
 * Result: PUDU_OK; PUDU_ERR_DEADLINE: another thread is still at it.
 */
int64_t pudu_once_until(struct pudu_once *once, void (*function)(void *), void *argument,
			uint64_t deadline);

#endif
