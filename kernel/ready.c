/* SPDX-License-Identifier: MIT */
/* ready.c - see ready.h. */
#include "kernel/ready.h"

#include "kernel/sched.h"

bool ready_anybody(void)
{
	for (unsigned s = 0; s < global->n_harts; s++)
		if (atomic_load_explicit(&global->harts[s]->second, memory_order_relaxed) != NULL)
			return true;
	return ready_queued();
}

struct executor *ready_steal(void)
{
	struct executor *executor = NULL;

	for (unsigned s = 0; s < global->n_harts && executor == NULL; s++)
		executor = ready_take_second(global->harts[s]);
	return executor;
}

struct executor *ready_give_way(struct executor *executor)
{
	bool is_second = atomic_load_explicit(&this_hart->second, memory_order_relaxed) != NULL;
	struct executor *first = NULL, *second = executor;

	if (ready_queued()) {
		lock_acquire(&global->queue_lock, LOCK_QUEUE);
		if (!is_second)
			first = ready_remove_first();
		ready_append(executor);
		second = ready_remove_first();
		lock_release(&global->queue_lock, LOCK_QUEUE);
	}
	if (!is_second && first == NULL)
		return executor; /* nobody waits */
	/* release: its registers are saved; pairs with ready_take_second. acquire: the same of the
	 * other */
	struct executor *before =
		atomic_exchange_explicit(&this_hart->second, second, memory_order_acq_rel);

	if (is_second)
		return before;
	/* The place was empty. A hart that is called may find other work. */
	sched_call_a_hart();
	timer_start_slice();
	return first;
}
