/* SPDX-License-Identifier: MIT */
/* tlb.c - see tlb.h. */
#include "kernel/tlb.h"

#include "kernel/hart.h"
#include "kernel/vas_load.h"
#include "riscv/csr.h"
#include "riscv/sbi.h"

/*
 * Call a remote fence for the harts whose slots are set in @slots: one SBI call where the ids fit
 * in 64 bits.
 */
static void remote_fence(uint64_t slots, uint64_t function)
{
	while (slots != 0) {
		uint64_t base = ~0ull, mask = 0;

		for (unsigned s = 0; s < global->n_harts; s++)
			if ((slots >> s & 1) && global->harts[s]->id < base)
				base = global->harts[s]->id;
		for (unsigned s = 0; s < global->n_harts; s++) {
			if ((slots >> s & 1) && global->harts[s]->id - base < 64) {
				mask |= 1ull << (global->harts[s]->id - base);
				slots &= ~(1ull << s);
			}
		}
		/* Start and size 0: everything. Only an invalid hart id could fail, and it is one
		 * that runs. */
		sbi_call(SBI_RFENCE, function, mask, base, 0, 0);
	}
}

/*
 * Drop the bits of those harts of @slots that do not use @vas. Result: the others, which do.
 * REQUIRES(vas->lock)
 */
static uint64_t drop_unused(struct vas *vas, uint64_t slots)
{
	uint64_t away = 0, back = 0;

	for (unsigned s = 0; slots >> s != 0; s++)
		if ((slots >> s & 1) && !vas_uses(global->harts[s], vas))
			away |= 1ull << s;
	if (away == 0)
		return slots;
	/* acq_rel: a hart that set its bit before wrote vas_next before, which we see now; one that
	 * comes after finds its bit gone, sees the changed tables, and flushes. Pairs with
	 * vas_switch. */
	atomic_fetch_and_explicit(&vas->harts, ~(away << 1), memory_order_acq_rel);
	for (unsigned s = 0; away >> s != 0; s++)
		if ((away >> s & 1) && vas_uses(global->harts[s], vas))
			back |= 1ull << s;
	if (back != 0)
		atomic_fetch_or_explicit(&vas->harts, back << 1, memory_order_relaxed);
	return (slots & ~away) | back;
}

void tlb_shoot(struct vas *vas)
{
	/* The tables are changed before the bits are read; pairs with vas_switch: a hart whose bit
	 * is not there yet walks later. */
	atomic_thread_fence(memory_order_seq_cst);
	uint64_t slots = atomic_load_explicit(&vas->harts, memory_order_relaxed) >> 1;

	if (atomic_load_explicit(&this_hart->vas, memory_order_relaxed) == vas) {
		slots &= ~(1ull << this_hart->slot);
		vas_flush();
	}
	if (slots != 0)
		remote_fence(drop_unused(vas, slots), SBI_RFENCE_SFENCE_VMA);
}

void tlb_shoot_code(void)
{
	uint64_t all = (1ull << global->n_harts) - 1;

	fence_i();
	remote_fence(all & ~(1ull << this_hart->slot), SBI_RFENCE_FENCE_I);
}
