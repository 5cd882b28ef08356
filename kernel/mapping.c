/* SPDX-License-Identifier: MIT */
/* mapping.c - see mapping.h: what adds mappings. */
#include "kernel/mapping.h"

#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/frame.h"
#include "kernel/pt.h"
#include "kernel/tlb.h"
#include "riscv/pte.h"

int64_t area_check(uint64_t start, uint64_t length, bool *handles)
{
	uint64_t end;

	*handles = false;
	if (start >= PUDU_MEMORY_START && start < PUDU_MEMORY_END)
		end = PUDU_MEMORY_END;
	else if (start >= PUDU_HANDLES && start < PUDU_HANDLES_END)
		end = PUDU_HANDLES_END, *handles = true;
	else if (pt_levels == 4 && start >= PUDU_MEMORY48_START && start < PUDU_MEMORY48_END)
		end = PUDU_MEMORY48_END;
	else
		return PUDU_ERR_ADDRESS;
	if (start % PAGE_SIZE != 0)
		return PUDU_ERR_ADDRESS;
	if (length == 0 || length % PAGE_SIZE != 0 || length > end - start)
		return PUDU_ERR_LENGTH;
	return PUDU_OK;
}

/*
 * Memory ran out on the way to @address: take the tables away that were made for it and hold
 * nothing.
 */
static int64_t out_of_memory(struct vas *vas, uint64_t address, struct gathered *gathered)
{
	pt_prune(vas->user, address, &gathered->tables);
	gathered->shoot = true;
	return PUDU_ERR_MEMORY;
}

/* The last-level entry for @address in @vas, or NULL and why. */
static uint64_t *make_entry(struct vas *vas, uint64_t address, struct gathered *gathered,
			    int64_t *status)
{
	bool large;
	uint64_t *entry = pt_make(vas->user, address, &large);

	if (entry == NULL)
		*status = large ? PUDU_ERR_EXISTS : out_of_memory(vas, address, gathered);
	return entry;
}

int64_t mapping_fresh(struct change *change, struct gathered *gathered)
{
	uint64_t bits = change->rights | PTE_V | PTE_U | PTE_A | PTE_MEMORY;
	uint64_t id = resource_id(&change->to->resource);
	unsigned units = MAPPING_UNITS;

	if (change->rights & PTE_W)
		bits |= PTE_D;
	while (change->done < change->length) {
		int64_t status;
		uint64_t *entry =
			make_entry(change->to, change->start + change->done, gathered, &status);
		if (entry == NULL)
			return status;
		struct frame *table = frame_of(phys(entry) & ~(PAGE_SIZE - 1));

		do {
			if (*entry != 0)
				return PUDU_ERR_EXISTS;
			if (units < UNITS_OF_ZEROING)
				return MAPPING_MORE;
			void *page = frame_take_for(FRAME_USER, id);

			if (page == NULL)
				return out_of_memory(change->to, change->start + change->done,
						     gathered);
			pt_fill(entry++, pte_of(phys(page), bits), table);
			change->done += PAGE_SIZE;
			units -= UNITS_OF_ZEROING;
		} while (change->done < change->length && in_table(entry));
	}
	return PUDU_OK;
}

/* The 4 KiB leaf for @address that a leaf at @level contains. */
static uint64_t small_leaf(uint64_t leaf, unsigned level, uint64_t address)
{
	return leaf + ((address & (pte_span(level) - 1)) >> 2);
}

/*
 * May @leaf be mapped again, with @rights? Handles for handles, memory for memory: the areas see
 * to that.
 */
static int64_t check_source(uint64_t leaf, uint64_t rights)
{
	if (!pte_is_leaf(leaf))
		return PUDU_ERR_ADDRESS;
	if ((leaf & PTE_U) == 0 && (rights & PTE_X))
		return PUDU_ERR_ARGUMENT;
	if (leaf_is_device(leaf) && (rights & PTE_X))
		return PUDU_ERR_ARGUMENT;
	return (rights & ~leaf) != 0 ? PUDU_ERR_RIGHT : PUDU_OK;
}

/* One page of SHARE or MOVE. */
static void share_page(struct change *change, struct pt_place source, uint64_t *entry,
		       struct gathered *gathered)
{
	uint64_t from = change->source + change->done;
	uint64_t leaf = small_leaf(*source.entry, source.level, from);
	struct frame *frame = leaf_is_device(leaf) ? NULL : frame_of(pte_physical(leaf));

	leaf = (leaf & ~PTE_RWX) | change->rights | PTE_A;
	if (change->rights & PTE_W)
		leaf |= PTE_D;
	if (!change->move) {
		if (frame != NULL)
			frame_get(frame);
		pt_set(entry, leaf);
		return;
	}
	pt_set(entry, leaf);
	pt_set(source.entry, 0);
	gathered->shoot = true;
	if (frame != NULL && frame->type == FRAME_USER &&
	    atomic_load_explicit(&frame->references, memory_order_relaxed) == 1)
		frame->owner = resource_id(&change->to->resource);
}

int64_t mapping_share(struct change *change, struct gathered *gathered)
{
	for (unsigned units = MAPPING_UNITS; change->done < change->length; units--) {
		uint64_t from = change->source + change->done;
		struct pt_place source = pt_find(change->from->user, from);
		int64_t status = check_source(*source.entry, change->rights);

		if (status != PUDU_OK)
			return status;
		if (units == 0)
			return MAPPING_MORE;
		if (change->move && source.level > 0) {
			if (!pt_split(change->from->user, from))
				return PUDU_ERR_MEMORY;
			continue;
		}
		uint64_t *entry =
			make_entry(change->to, change->start + change->done, gathered, &status);
		if (entry == NULL)
			return status;
		if (*entry != 0)
			return PUDU_ERR_EXISTS;
		share_page(change, source, entry, gathered);
		if (change->move && frame_of(phys(source.entry) & ~(PAGE_SIZE - 1))->live == 0)
			pt_prune(change->from->user, from, &gathered->tables);
		change->done += PAGE_SIZE;
	}
	return PUDU_OK;
}

int64_t mapping_handle(struct vas *vas, uint64_t slot, void *page, uint64_t type)
{
	bool large;
	uint64_t *entry = pt_make(vas->user, slot, &large);

	if (entry == NULL) {
		struct gathered gathered;

		gathered_init(&gathered);
		int64_t status = out_of_memory(vas, slot, &gathered);

		tlb_shoot(vas);
		gathered_release(&gathered);
		return status;
	}
	if (*entry != 0)
		return PUDU_ERR_EXISTS;
	frame_get(frame_of(phys(page)));
	pt_set(entry, pte_of(phys(page), type | PTE_V | PTE_R | PTE_W | PTE_A | PTE_D));
	return PUDU_OK;
}

/* The largest level whose span fits at @address, @physical and @length. */
static unsigned level_that_fits(uint64_t address, uint64_t physical, uint64_t length)
{
	unsigned level = 2;

	while (level > 0 &&
	       (((address | physical) & (pte_span(level) - 1)) != 0 || length < pte_span(level)))
		level--;
	return level;
}

bool mapping_physical(struct vas *vas, uint64_t start, uint64_t physical, uint64_t length,
		      uint64_t bits)
{
	while (length > 0) {
		unsigned level = level_that_fits(start, physical, length);
		struct pt_place place = pt_find(vas->user, start);

		while (place.level > level) {
			uint64_t *table = frame_take(FRAME_TABLE);

			if (table == NULL)
				return false;
			pt_set(place.entry, pte_of(phys(table), PTE_V));
			place = pt_find(vas->user, start);
		}
		pt_set(place.entry, pte_of(physical, bits | PTE_V | PTE_A | PTE_D));
		start += pte_span(level);
		physical += pte_span(level);
		length -= pte_span(level);
	}
	return true;
}
