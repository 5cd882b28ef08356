/* SPDX-License-Identifier: MIT */
/* mapping_page.c - see mapping.h: one page of memory, the short way. */
#include "kernel/frame.h"
#include "kernel/mapping.h"
#include "riscv/pte.h"

bool mapping_fresh_page(struct vas *vas, uint64_t address, uint64_t rights)
{
	struct pt_place place = pt_find(vas, address);

	if (place.level != 0 || *place.entry != 0 || !budget_take(vas, 1))
		return false;
	void *page = frame_take_for(FRAME_USER, (uintptr_t)vas);

	if (page == NULL) {
		budget_give(vas, 1);
		return false;
	}
	pt_fill(place.entry, pte_of(phys(page), rights | PTE_FRESH), pt_table(place.entry));
	return true;
}

uint64_t mapping_remove_page(struct vas *vas, uint64_t address)
{
	struct pt_place place = pt_find(vas, address);
	uint64_t leaf = *place.entry;

	if (place.level != 0 || (leaf & (PTE_V | PTE_U)) != (PTE_V | PTE_U) || leaf_is_device(leaf))
		return 0;
	struct frame *table = pt_table(place.entry);

	if (table->live == 1 || frame_of(pte_physical(leaf))->type != FRAME_USER)
		return 0;
	table->live--;
	*(volatile uint64_t *)place.entry = 0;
	return leaf;
}

void mapping_release_page(uint64_t leaf)
{
	uint64_t physical = pte_physical(leaf);
	struct frame *frame = frame_of(physical);
	struct vas *owner = (struct vas *)frame->owner;

	if (!frame_drop(frame))
		return;
	budget_give(owner, 1);
	frame_give(virt(physical), frame);
}
