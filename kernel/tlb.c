/* SPDX-License-Identifier: MIT */
/* tlb.c - see tlb.h. */
#include "kernel/tlb.h"

#include "kernel/hart.h"
#include "kernel/vas.h"
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

void tlb_shoot(struct vas *vas)
{
	/* The tables are changed before the bits are read; pairs with vas_switch, whose bit is
	 * there before it walks. */
	atomic_thread_fence(memory_order_seq_cst);
	uint64_t slots = atomic_load_explicit(&vas->harts, memory_order_relaxed) >> 1;
	uint64_t self = 1ull << this_hart->slot;

	if (slots & self)
		sfence_vma();
	remote_fence(slots & ~self, SBI_RFENCE_SFENCE_VMA);
}

void tlb_shoot_code(void)
{
	uint64_t all = (1ull << global->n_harts) - 1;

	fence_i();
	remote_fence(all & ~(1ull << this_hart->slot), SBI_RFENCE_FENCE_I);
}
