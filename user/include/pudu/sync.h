/* SPDX-License-Identifier: MIT */
/*
 * sync.h - waiting for each other inside one program, built on park_if and unpark.
 *
 * The kernel keeps no queue of who waits, so each of these keeps its own: a list of records on the
 * stacks of those that wait, with the handle to unpark. A handle means something in one address
 * space only: none of this works in memory that is shared between programs. (There, use park_if and
 * unpark with a handle that was granted.)
 *
 * park_if may return without a reason (an unpark can come late): all who wait look again.
 */
#ifndef PUDU_SYNC_H
#define PUDU_SYNC_H

#include <stdatomic.h>
#include <stdint.h>

struct pudu_waiter;

/*
 * A lock. All bits zero is a free one. Not recursive. Nobody is favoured: who comes while it is
 * free gets it, those that sleep are woken first come, first served.
 */
struct pudu_mutex {
	_Atomic uintptr_t state;   /* see user/lib/mutex.c */
	struct pudu_waiter *first; /* the holder's: those to wake, oldest first */
	struct pudu_waiter *last;
};

#define PUDU_MUTEX                                                                                 \
	{                                                                                          \
		0, 0, 0                                                                            \
	}

/* Take the lock; waits while another thread has it. No system call if it is free. */
void pudu_mutex_lock(struct pudu_mutex *mutex);

/* Take the lock if it is free. Result: 1 if taken, 0 if another thread (or the caller) has it. */
int pudu_mutex_try(struct pudu_mutex *mutex);

/* Let go of the lock. The caller has it. No system call if nobody waits. */
void pudu_mutex_unlock(struct pudu_mutex *mutex);

/*
 * A count that grows, and at most one thread at a time that waits for it to grow. All bits zero is
 * a fresh one.
 */
struct pudu_event {
	_Atomic uint32_t count;	 /* of signals, wraps */
	_Atomic uint64_t waiter; /* handle of the thread that waits, or 0 */
};

#define PUDU_EVENT                                                                                 \
	{                                                                                          \
		0, 0                                                                               \
	}

/* Add 1 to the count and wake the thread that waits, if one does. */
void pudu_event_signal(struct pudu_event *event);

/*
 * Wait until the count is not what it was. One thread at a time.
 * Arguments:
 *   seen   the count that the caller has dealt with.
 * Result: the count now. It is `seen` only if an executor that the caller supervises has ended.
 */
uint32_t pudu_event_wait(struct pudu_event *event, uint32_t seen);

/* A place where n threads meet. Set n; the rest is 0. */
struct pudu_barrier {
	uint32_t n;		   /* constant */
	_Atomic uintptr_t arrived; /* those that wait, the last one first */
};

#define PUDU_BARRIER(threads)                                                                      \
	{                                                                                          \
		(threads), 0                                                                       \
	}

/*
 * Wait until n threads have called this; the barrier can be used again at once.
 * Result: 1 in the one that came last, 0 in the others.
 */
int pudu_barrier_wait(struct pudu_barrier *barrier);

#endif
