/* SPDX-License-Identifier: MIT */
/* event.h - event counts, and waiting for any of several things. */
#ifndef PUDU_EVENT_H
#define PUDU_EVENT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/executor.h"
#include "abi/status.h"

struct pudu_semaphore;

/*
 * A count that grows, and threads that wait for it to grow. The way to use it, without a lock:
 *
 *	seen = pudu_event_count(&event);
 *	while (!what_i_wait_for())
 *		seen = pudu_event_wait(&event, seen);
 *
 * while the other side makes it true and then signals. It must live until all signals have
 *returned.
 */
struct pudu_event {
	_Atomic uint32_t count;	 /* of signals, wraps */
	_Atomic uintptr_t queue; /* see user/lib/sync/queue.h */
};

#define PUDU_EVENT                                                                                 \
	{                                                                                          \
		0, 0                                                                               \
	}

/* Add 1 to the count and wake all that wait. No system call if nobody waits. */
void pudu_event_signal(struct pudu_event *event);

/* The count now. What was done before the signals in it is seen after. */
uint32_t pudu_event_count(const struct pudu_event *event);

/*
 * Wait until the count is not what it was.
 * Arguments:
 *   seen   the count that the caller has dealt with.
 * Result: the count now. It is `seen` only if an executor that the caller supervises has ended.
 */
uint32_t pudu_event_wait(struct pudu_event *event, uint32_t seen);

/* The same until a deadline. Result: the same; it is also `seen` if the deadline has passed. */
uint32_t pudu_event_wait_until(struct pudu_event *event, uint32_t seen, uint64_t deadline);

/* How a thread waits in a queue. The library's own; see user/lib/sync/queue.h. */
struct pudu_waiter {
	struct pudu_waiter *next, *previous;
	_Atomic(void *) queue;
	uint64_t executor;
	_Atomic uint32_t *woken;
	_Atomic uint32_t own;
	uint32_t answer;
	void *object;
} __attribute__((aligned(16)));

/* One of the things that pudu_wait_any() waits for. */
struct pudu_wait {
	struct pudu_event *event; /* wait until its count is not `seen`; or NULL */
	uint32_t seen;
	struct pudu_semaphore *semaphore; /* or take a unit of this one, if event is NULL */
	struct pudu_waiter waiter;	  /* the library's while it waits */
};

/*
 * Wait until one of several things is ready. Of a semaphore exactly one unit is taken, if it is
 * the one that is answered, and none of the others. The first that is ready at once is taken.
 * Arguments:
 *   waits      n of them, different objects or not.
 *   n          1 to 2^31 - 1.
 *   deadline   a time of rdtime, or PUDU_FOREVER.
 * Result: the index of the one that is ready;
 *   PUDU_ERR_DEADLINE  none is.
 *   PUDU_ERR_ARGUMENT  n is out of range, or a wait has neither event nor semaphore.
 */
int64_t pudu_wait_any(struct pudu_wait *waits, size_t n, uint64_t deadline);

#endif
