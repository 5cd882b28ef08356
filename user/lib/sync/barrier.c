/* SPDX-License-Identifier: MIT */
/* barrier.c - see <pudu/barrier.h>: a barrier; its word is that of queue.h. */
#include <pudu/barrier.h>

#include "queue.h"

/* Come to the barrier. Result: 1 if the caller is the last, which has woken the others. */
static int barrier_enter(struct pudu_barrier *barrier, struct pudu_waiter *self)
{
	struct pudu_waiter *first = word_first(word_lock(&barrier->queue));

	if (barrier->waiting + 1 < barrier->n) {
		barrier->waiting++;
		word_unlock(&barrier->queue, (uintptr_t)ring_append(first, self, &barrier->queue));
		return 0;
	}
	first = ring_detach(first);
	barrier->waiting = 0;
	word_unlock(&barrier->queue, 0);
	waiters_claim(first);
	return 1;
}

/* Go away from the barrier. Result: 1; 0 if the others have come by now. */
static int barrier_leave(struct pudu_barrier *barrier, struct pudu_waiter *self)
{
	uintptr_t word = word_lock(&barrier->queue);
	int in = atomic_load_explicit(&self->queue, memory_order_relaxed) == &barrier->queue;

	if (in) {
		barrier->waiting--;
		word = (uintptr_t)ring_remove(word_first(word), self);
	}
	word_unlock(&barrier->queue, word);
	return in;
}

int64_t pudu_barrier_wait_until(struct pudu_barrier *barrier, uint64_t deadline)
{
	struct pudu_waiter self;

	waiter_init(&self);
	if (barrier_enter(barrier, &self))
		return 1;
	if (waiter_sleep(&self, deadline) == ANSWER_NONE) {
		if (barrier_leave(barrier, &self))
			return PUDU_ERR_DEADLINE;
		waiter_sleep(&self, PUDU_FOREVER);
	}
	return 0;
}

int pudu_barrier_wait(struct pudu_barrier *barrier)
{
	return (int)pudu_barrier_wait_until(barrier, PUDU_FOREVER);
}
