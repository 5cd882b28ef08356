/* SPDX-License-Identifier: MIT */
/* mcs.c - see mcs.h. */
#include "kernel/mcs.h"

#include <stddef.h>

#include "riscv/relax.h"

void mcs_acquire(struct mcs_lock *lock, struct mcs_node *me)
{
	atomic_store_explicit(&me->next, NULL, memory_order_relaxed);

	/* release: our successor must find next = NULL done. acquire: pairs with the compare-exchange of
	 * the holder that left the lock free. */
	struct mcs_node *before =
		atomic_exchange_explicit(&lock->tail, me, memory_order_acq_rel);
	if (before == NULL)
		return;

	atomic_store_explicit(&me->held, 1, memory_order_relaxed);
	/* release: held = 1 must be there before the holder, having found us, stores 0. */
	atomic_store_explicit(&before->next, me, memory_order_release);
	while (atomic_load_explicit(&me->held, memory_order_acquire))
		cpu_relax();	/* the load pairs with the last store of mcs_release */
}

void mcs_release(struct mcs_lock *lock, struct mcs_node *me)
{
	struct mcs_node *after = atomic_load_explicit(&me->next, memory_order_acquire);

	if (after == NULL) {
		struct mcs_node *expected = me;

		/* Release would do, but GCC 12 drops it from any order weaker than seq_cst. */
		if (atomic_compare_exchange_strong(&lock->tail, &expected, NULL))
			return;

		/* Our successor has swapped the tail and is about to link itself. */
		while ((after = atomic_load_explicit(&me->next, memory_order_acquire)) == NULL)
			cpu_relax();
	}
	atomic_store_explicit(&after->held, 0, memory_order_release);
}
