/* SPDX-License-Identifier: MIT */
/* event.c - see <pudu/sync.h>: events and barriers. */
#include <pudu/sync.h>

#include "abi/executor.h"
#include "abi/status.h"
#include "waiter.h"

void pudu_event_signal(struct pudu_event *event)
{
	uint64_t waiter;

	/* Count first, then look who waits; pudu_event_wait() tells that it waits first, then
	 * looks at the count. Both in the one order of seq_cst: so one of them sees the other. */
	atomic_fetch_add(&event->count, 1);
	waiter = atomic_load(&event->waiter);
	if (waiter != 0)
		pudu_unpark(waiter);
}

uint32_t pudu_event_wait(struct pudu_event *event, uint32_t seen)
{
	struct pudu_result result = { PUDU_OK, 0 };
	uint32_t count = atomic_load(&event->count);

	if (count != seen)
		return count;
	atomic_store(&event->waiter, pudu_self);
	do {
		result = pudu_park_if((uint64_t)&event->count, seen, PUDU_FOREVER);
		count = atomic_load(&event->count);
	} while (count == seen && result.status != PUDU_ERR_EVENT);
	atomic_store_explicit(&event->waiter, 0, memory_order_relaxed);
	return count;
}

int pudu_barrier_wait(struct pudu_barrier *barrier)
{
	uintptr_t top = atomic_load(&barrier->arrived);
	struct pudu_waiter self, *waiter;

	/* A record that is on the stack stays valid: only the last to come takes it off. */
	waiter_init(&self);
	do {
		self.next = (struct pudu_waiter *)top;
		self.position = self.next == 0 ? 1 : self.next->position + 1;
		if (self.position == barrier->n)
			break;
	} while (!atomic_compare_exchange_weak(&barrier->arrived, &top, (uintptr_t)&self));

	if (self.position < barrier->n) {
		waiter_sleep(&self);
		return 0;
	}
	waiter = (struct pudu_waiter *)atomic_exchange(&barrier->arrived, 0);
	while (waiter != 0) {
		struct pudu_waiter *next = waiter->next;

		waiter_wake(waiter);
		waiter = next;
	}
	return 1;
}
