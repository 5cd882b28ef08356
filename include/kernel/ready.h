/* SPDX-License-Identifier: MIT */
/*
 * ready.h - who waits for a hart: one queue for all harts, and on each hart a place for one in
 * front of it, hart->second. Two that yield to each other need no lock.
 *
 * If nobody is queued, whoever yields changes places with the one there. Else it is appended to the
 * queue, the one in the place goes on, and the first of the queue takes the place: who has waited
 * longer is before who yields. Whoever waits leaves the hart to the one in the place, and then to
 * the queue. Only its hart fills the place, and while somebody is there a slice is running, at
 * whose end the hart empties it. Any hart with nothing else to do takes who is there. So nobody
 * waits in the place for more than a slice, nor in the queue for more than one for each that is
 * before it.
 *
 * In both are executors that are ready, or dead and to be buried; all are OWNED.
 */
#ifndef KERNEL_READY_H
#define KERNEL_READY_H

#include <stddef.h>

#include "kernel/hart.h"
#include "kernel/timer.h"

/* ready_queued - is anybody in the queue? A peek without the lock. */
static inline bool ready_queued(void)
{
	return atomic_load_explicit(&global->queue_head, memory_order_relaxed) != NULL;
}

/* ready_anybody - the same for the queue and the places of all harts. */
bool ready_anybody(void);

/* ready_see_to_the_rest - somebody was taken; who waits behind must not wait for ever. */
static inline void ready_see_to_the_rest(void)
{
	if (ready_queued())
		timer_start_slice();
}

/* ready_append - @executor is the last of the queue. REQUIRES(queue_lock) */
static inline void ready_append(struct executor *executor)
{
	executor->next = NULL;
	if (!ready_queued())
		atomic_store_explicit(&global->queue_head, executor, memory_order_relaxed);
	else
		global->queue_tail->next = executor;
	global->queue_tail = executor;
}

/* ready_remove_first - take the first of the queue. NULL: it is empty. REQUIRES(queue_lock) */
static inline struct executor *ready_remove_first(void)
{
	struct executor *first = atomic_load_explicit(&global->queue_head, memory_order_relaxed);

	if (first != NULL)
		atomic_store_explicit(&global->queue_head, first->next, memory_order_relaxed);
	return first;
}

/* ready_take_queued - the same. Takes LOCK_QUEUE. */
static inline __attribute__((always_inline)) struct executor *ready_take_queued(void)
{
	if (!ready_queued())
		return NULL;
	lock_acquire(&global->queue_lock, LOCK_QUEUE);
	struct executor *first = ready_remove_first();
	lock_release(&global->queue_lock, LOCK_QUEUE);
	return first;
}

/* ready_rotate - append @executor, and take the first. Takes LOCK_QUEUE. */
static inline struct executor *ready_rotate(struct executor *executor)
{
	lock_acquire(&global->queue_lock, LOCK_QUEUE);
	ready_append(executor);
	struct executor *first = ready_remove_first();
	lock_release(&global->queue_lock, LOCK_QUEUE);

	ready_see_to_the_rest();
	return first;
}

/* ready_take_second - take who is in the place of @hart. NULL: nobody. */
static inline struct executor *ready_take_second(struct hart *hart)
{
	if (atomic_load_explicit(&hart->second, memory_order_relaxed) == NULL)
		return NULL;
	/* acquire: its registers are saved; pairs with the exchange of ready_give_way, and those of
	 * call_yield */
	return atomic_exchange_explicit(&hart->second, NULL, memory_order_acquire);
}

/* ready_steal - the same of any hart. */
struct executor *ready_steal(void);

/*
 * ready_give_way - @executor, the current one, yields: all its registers are saved. Takes
 * LOCK_QUEUE. Result: who goes on, perhaps itself; NULL: it waits, and another hart has taken whom
 * it was for.
 */
struct executor *ready_give_way(struct executor *executor);

#endif
