/* SPDX-License-Identifier: MIT */
/*
 * mutex.c - see <pudu/sync.h>.
 *
 * state holds three things, changed by atomic read-modify-write only:
 *	LOCKED	somebody has the lock
 *	QUEUED	the holder's queue (first, last) is not empty
 *	the rest: a stack of waiters that came since the holder last looked, youngest on top
 *
 * Who finds LOCKED pushes its record on the stack, in the same step in which it sees LOCKED; so
 * there is a holder, and it will see the record when it unlocks. Only the holder takes records out:
 * it moves the whole stack to the end of the queue, takes the oldest record off, lets go of the
 * lock, and wakes that one, which tries again like everybody else. Between unlock and its try, any
 * other may take the lock, and then it is that one's unlock that wakes the next.
 * So whenever records wait, there is a holder, or a woken thread that is on its way.
 */
#include <pudu/sync.h>

#include <pudu/start.h>

#include "waiter.h"

#define LOCKED ((uintptr_t)1)
#define QUEUED ((uintptr_t)2)
#define BITS   (LOCKED | QUEUED)
#define SPINS  64 /* looks before a thread sleeps, if the holder may run elsewhere */

int pudu_mutex_try(struct pudu_mutex *mutex)
{
	uintptr_t state = atomic_load_explicit(&mutex->state, memory_order_relaxed);

	while (!(state & LOCKED))
		if (atomic_compare_exchange_weak(&mutex->state, &state, state | LOCKED))
			return 1;
	return 0;
}

/* Put the caller on the stack and sleep, or return at once because the lock is free or changed. */
static void mutex_sleep(struct pudu_mutex *mutex)
{
	uintptr_t state = atomic_load_explicit(&mutex->state, memory_order_relaxed);
	struct pudu_waiter self;

	if (!(state & LOCKED))
		return;
	waiter_init(&self);
	self.next = (struct pudu_waiter *)(state & ~BITS);
	if (atomic_compare_exchange_strong(&mutex->state, &state,
					   (uintptr_t)&self | (state & BITS)))
		waiter_sleep(&self);
}

void pudu_mutex_lock(struct pudu_mutex *mutex)
{
	uintptr_t expected = 0;
	unsigned spins;

	if (atomic_compare_exchange_strong(&mutex->state, &expected, LOCKED))
		return;
	spins = pudu_info()->harts > 1 ? SPINS : 0;
	while (!pudu_mutex_try(mutex)) {
		if (spins > 0)
			spins--;
		else
			mutex_sleep(mutex);
	}
}

/* Move the stack to the end of the queue, oldest first. The caller has the lock. */
static void mutex_collect(struct pudu_mutex *mutex)
{
	uintptr_t state = atomic_fetch_and(&mutex->state, BITS);
	struct pudu_waiter *stack = (struct pudu_waiter *)(state & ~BITS), *youngest = stack;
	struct pudu_waiter *oldest = 0;

	while (stack != 0) {
		struct pudu_waiter *next = stack->next;

		stack->next = oldest;
		oldest = stack;
		stack = next;
	}
	if (oldest == 0)
		return;
	if (mutex->first == 0)
		mutex->first = oldest;
	else
		mutex->last->next = oldest;
	mutex->last = youngest;
}

void pudu_mutex_unlock(struct pudu_mutex *mutex)
{
	uintptr_t expected = LOCKED;
	struct pudu_waiter *oldest;

	if (atomic_compare_exchange_strong(&mutex->state, &expected, 0))
		return;
	mutex_collect(mutex);
	oldest = mutex->first;
	mutex->first = oldest->next;
	if (mutex->first != 0) {
		atomic_fetch_or(&mutex->state, QUEUED);
		atomic_fetch_and(&mutex->state, ~LOCKED);
	} else {
		atomic_fetch_and(&mutex->state, ~BITS);
	}
	/* The mutex is another's from here on, and may be gone. */
	waiter_wake(oldest);
}
