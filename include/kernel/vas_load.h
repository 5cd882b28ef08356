/* SPDX-License-Identifier: MIT */
/*
 * vas_load.h - which address space a hart has loaded, and under which number its TLB knows it.
 *
 * Where all harts have address-space ids, translations stay in the TLB across switches. The bits of
 * vas->harts say which harts are told of changes; see vas_load.c and tlb.c.
 */
#ifndef KERNEL_VAS_LOAD_H
#define KERNEL_VAS_LOAD_H

#include <stdbool.h>

#include "kernel/hart.h"
#include "kernel/vas.h"
#include "riscv/csr.h"

/*
 * vas_switch - load @vas on this hart (NULL: the kernel's own map). When it returns, this hart uses
 * no translation of @vas that is out of date, and its bit is set: who changes the tables from now
 * on tells it.
 */
void vas_switch(struct vas *vas);

/* vas_flush - this hart, which has an address space loaded, forgets its translations. */
void vas_flush(void);

/* vas_flush_leaf - the same, inline; leaves were changed, but no tables taken out. */
static inline void vas_flush_leaf(void)
{
	uint64_t asid = (csr_read(satp) & SATP_ASID) >> SATP_ASID_SHIFT;

	/* No ASID is 0 where there are any. */
	if (asid != 0)
		sfence_vma_asid(asid);
	else
		sfence_vma();
}

/*
 * vas_leave_dead - if this hart, which is idle, has a dead address space loaded: load the
 * kernel's map.
 */
void vas_leave_dead(void);

/*
 * vas_uses - does @hart have @vas loaded, or is it about to? If not, and it loads @vas later, it
 * does so after whatever the caller did to vas->harts before.
 */
static inline bool vas_uses(const struct hart *hart, const struct vas *vas)
{
	/*
	 * In this order: a hart that has gone on from @vas to another one wrote vas before
	 * vas_next (release in vas_switch), so who reads its new vas_next finds @vas in vas until
	 * satp has another root.
	 */
	return atomic_load_explicit(&hart->vas_next, memory_order_acquire) == vas ||
	       atomic_load_explicit(&hart->vas, memory_order_acquire) == vas;
}

/* vas_load_boot - @root: the kernel's own root; @levels: 3 or 4. */
void vas_load_boot(const uint64_t *root, unsigned levels);

/* vas_load_kernel_satp - satp for the kernel's own root. */
uint64_t vas_load_kernel_satp(void);

/* vas_load_limit - at boot: use no more than @bits bits of address-space ids. */
void vas_load_limit(uint64_t bits);

/* vas_load_probe - Result: how many bits of address-space ids this hart has, 0 to 16. It has the
 * kernel's own root loaded. */
uint64_t vas_load_probe(void);

/*
 * vas_load_start - before any address space is loaded, once: @bits, 0 to 16, is what all harts
 * have. Result: the bits that are used.
 */
uint64_t vas_load_start(uint64_t bits);

#endif
