/* SPDX-License-Identifier: MIT */
/* mcs.c - see mcs.h: what happens when a lock is wanted by several harts. */
#include "kernel/mcs.h"

#include <stddef.h>

#include "kernel/timer.h"
#include "riscv/relax.h"

void mcs_wait(struct mcs_node *before, struct mcs_node *me)
{
	atomic_store_explicit(&me->held, 1, memory_order_relaxed);
	/* release: held = 1 must be there before the holder, having found us, stores 0. */
	atomic_store_explicit(&before->next, me, memory_order_release);
	/* The load pairs with the store of mcs_pass_on. */
	for (unsigned polls = 1; atomic_load_explicit(&me->held, memory_order_acquire); polls++) {
		cpu_relax();
		if (polls % MCS_PATIENCE == 0)
			timer_nap(MCS_NAPS_PER_SECOND);
	}
}

void mcs_pass_on(struct mcs_node *me)
{
	struct mcs_node *after;

	/* Our successor has swapped the tail; it may still be about to link itself. acquire: pairs
	 * with the release in mcs_wait. */
	while ((after = atomic_load_explicit(&me->next, memory_order_acquire)) == NULL)
		cpu_relax();
	atomic_store_explicit(&after->held, 0, memory_order_release);
}
