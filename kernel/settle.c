/* SPDX-License-Identifier: MIT */
/* settle.c - see mapping.h: lazy and copy-on-write pages get their frames when they are touched. */
#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/shortage.h"
#include "kernel/tlb.h"
#include "riscv/csr.h"
#include "riscv/pte.h"

static void copy_page(uint64_t *to, const uint64_t *from)
{
	for (const uint64_t *end = from + PAGE_SIZE / sizeof *from; from != end;
	     from += 8, to += 8) {
		uint64_t a = from[0], b = from[1], c = from[2], d = from[3];
		uint64_t e = from[4], f = from[5], g = from[6], h = from[7];

		to[0] = a, to[1] = b, to[2] = c, to[3] = d;
		to[4] = e, to[5] = f, to[6] = g, to[7] = h;
		__asm__ volatile("" ::: "memory"); /* no call of memcpy: it is slower */
	}
}

static int64_t take_charged(struct vas *vas, void **page, bool zeroed)
{
	if (!budget_take(vas, 1))
		return PUDU_ERR_MEMORY;
	*page = zeroed ? frame_take_for(FRAME_USER, (uintptr_t)vas) : frame_take_any(FRAME_USER);
	if (*page != NULL)
		return PUDU_OK;
	budget_give(vas, 1);
	shortage_note();
	return MAPPING_WAIT;
}

/* The frame of the leaf is mapped here alone: no copy is needed, and it is ours from now on. */
static void keep_frame(struct vas *vas, struct frame *frame, uint64_t *entry)
{
	struct vas *owner = (struct vas *)frame->owner;

	/* Who has no budget for it leaves it charged where it was. */
	if (owner != vas && budget_take(vas, 1)) {
		frame->owner = (uintptr_t)vas;
		budget_give(owner, 1);
	}
	pt_change(entry, PTE_RSW, PTE_W | PTE_A | PTE_D);
}

static int64_t settle_copy(struct vas *vas, uint64_t *entry, struct gathered *gathered)
{
	uint64_t leaf = *entry;
	struct frame *frame = frame_of(pte_physical(leaf));
	void *page;

	/* Ours is the only reference, and only through this leaf could another one be made;
	 * acquire: pairs with frame_put of the one before. */
	if (frame->type == FRAME_USER &&
	    atomic_load_explicit(&frame->references, memory_order_acquire) == 1) {
		keep_frame(vas, frame, entry);
		return PUDU_OK;
	}
	int64_t status = take_charged(vas, &page, false);

	if (status != PUDU_OK)
		return status;
	copy_page(page, virt(pte_physical(leaf)));
	frame_of(phys(page))->owner = (uintptr_t)vas;
	if (leaf & PTE_X)
		tlb_shoot_code();
	pt_set(entry, pte_of(phys(page), (leaf & PTE_RWX) | PTE_W | PTE_FRESH));
	gathered_add(gathered, leaf, 0);
	return PUDU_OK;
}

int64_t settle_place(struct vas *vas, uint64_t address, struct pt_place *place,
		     struct gathered *gathered)
{
	bool lazy = pte_is_lazy(*place->entry);
	void *page;

	while (place->level > 0) {
		int64_t status = pt_split(vas, address, place);

		if (status != PUDU_OK)
			return status;
	}
	if (!lazy)
		return settle_copy(vas, place->entry, gathered);
	uint64_t rights = pte_rights(*place->entry);
	int64_t status = take_charged(vas, &page, true);

	if (status != PUDU_OK)
		return status;
	if (rights & PTE_X)
		tlb_shoot_code();
	pt_set(place->entry, pte_of(phys(page), rights | PTE_FRESH));
	return PUDU_OK;
}

/* Is @address one that the tables translate, outside the handle window? */
static bool translated(uint64_t address)
{
	uint64_t top = pt_levels == 4 ? PUDU_MEMORY48_END : PUDU_HANDLES;

	return address < top && (address < PUDU_HANDLES || address >= PUDU_HANDLES_END);
}

static int64_t settle_locked(struct vas *vas, uint64_t address, uint64_t right,
			     struct gathered *gathered)
{
	struct pt_place place = pt_find(vas, address);
	uint64_t entry = *place.entry;

	if (!pte_is_lazy(entry) && !(pte_is_leaf(entry) && (entry & PTE_U)))
		return PUDU_ERR_ADDRESS;
	if ((pte_rights(entry) & right) == 0 || (vas->flags & VAS_DEAD))
		return PUDU_ERR_ADDRESS;
	if (pte_is_lazy(entry) || (entry & right) == 0)
		return settle_place(vas, address, &place, gathered);
	/* The leaf allows it: an old translation, or a hart that leaves A and D to us. */
	if ((entry & PTE_A) == 0 || (right == PTE_W && (entry & PTE_D) == 0))
		pt_change(place.entry, 0, right == PTE_W ? PTE_A | PTE_D : PTE_A);
	return PUDU_OK;
}

int64_t settle_fault(struct vas *vas, uint64_t address, uint64_t right)
{
	struct gathered gathered;

	if (!translated(address))
		return PUDU_ERR_ADDRESS;
	gathered_init(&gathered);
	lock_acquire(&vas->lock, LOCK_VAS);
	int64_t status = settle_locked(vas, address, right, &gathered);

	if (gathered.shoot)
		tlb_shoot(vas);
	else
		sfence_vma();
	lock_release(&vas->lock, LOCK_VAS);
	gathered_release(&gathered);
	return status;
}
