/* SPDX-License-Identifier: MIT */
/* event.c - see <pudu/event.h>: event counts. */
#include <pudu/event.h>

#include "queue.h"
#include "wait_any.h"

void pudu_event_signal(struct pudu_event *event)
{
	struct pudu_waiter *first;

	/* Count first, then look who waits; those that wait enter the queue first, then look at the
	 * count. Both in the one order of seq_cst: so one of them sees the other. */
	atomic_fetch_add(&event->count, 1);
	if (atomic_load(&event->queue) == 0)
		return;
	first = ring_detach(word_first(word_lock(&event->queue)));
	word_unlock(&event->queue, 0);
	waiters_claim(first);
}

uint32_t pudu_event_count(const struct pudu_event *event)
{
	return atomic_load(&event->count);
}

int event_enter(struct pudu_event *event, uint32_t seen, struct pudu_waiter *waiter)
{
	queue_enter(&event->queue, waiter);
	/* The record has to be seen before the count is looked at: the release in word_unlock() is
	 * not enough. Pairs with the seq_cst of pudu_event_signal(). */
	atomic_thread_fence(memory_order_seq_cst);
	return atomic_load(&event->count) != seen;
}

uint32_t pudu_event_wait_until(struct pudu_event *event, uint32_t seen, uint64_t deadline)
{
	uint32_t count = atomic_load(&event->count);
	struct pudu_waiter self;

	if (count != seen)
		return count;
	waiter_init(&self);
	if (event_enter(event, seen, &self) || word_sleep(&self.own, deadline) != PUDU_OK) {
		if (!queue_leave(&event->queue, &self))
			waiter_sleep(&self, PUDU_FOREVER);
	}
	return atomic_load(&event->count);
}

uint32_t pudu_event_wait(struct pudu_event *event, uint32_t seen)
{
	return pudu_event_wait_until(event, seen, PUDU_FOREVER);
}
