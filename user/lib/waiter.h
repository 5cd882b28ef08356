/* SPDX-License-Identifier: MIT */
/* waiter.h - a thread that waits in a list of <pudu/sync.h>: a record on its own stack. */
#ifndef PUDU_LIB_WAITER_H
#define PUDU_LIB_WAITER_H

#include <stdatomic.h>
#include <stdint.h>

#include <pudu/calls.h>

#include "abi/executor.h"
#include "internal.h"

struct pudu_waiter {
	struct pudu_waiter *next;
	uint64_t executor;	/* handle to unpark */
	uint32_t position;	/* in a barrier: how many have come, with this one */
	_Atomic uint32_t woken; /* 0 until a waker is done with the record */
};

/* Fill the record of the calling thread. */
static inline void waiter_init(struct pudu_waiter *waiter)
{
	waiter->next = 0;
	waiter->executor = pudu_self;
	waiter->position = 0;
	atomic_store_explicit(&waiter->woken, 0, memory_order_relaxed);
}

/* Sleep until somebody wakes this record. What the waker did before is seen after. */
static inline void waiter_sleep(struct pudu_waiter *waiter)
{
	while (!atomic_load_explicit(&waiter->woken, memory_order_acquire))
		pudu_park_if((uint64_t)&waiter->woken, 0, PUDU_FOREVER);
}

/* Wake the thread of a record that is in no list any more. */
static inline void waiter_wake(struct pudu_waiter *waiter)
{
	uint64_t executor = waiter->executor;

	/* From here on the record may be gone: its thread can go on without being unparked. */
	atomic_store_explicit(&waiter->woken, 1, memory_order_release);
	pudu_unpark(executor);
}

#endif
