/* SPDX-License-Identifier: MIT */
/* mapping.c - see mapping.h. */
#include "kernel/mapping.h"

#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/frame.h"
#include "kernel/pt.h"
#include "kernel/tlb.h"
#include "riscv/pte.h"

#define SMALL	PAGE_SIZE

static bool in_table(const uint64_t *entry)
{
	return ((uintptr_t)entry & (PAGE_SIZE - 1)) != 0;
}

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

/* Memory ran out on the way to @address: take the tables away that were made for it and hold nothing. */
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
		uint64_t *entry = make_entry(change->to, change->start + change->done, gathered,
					     &status);
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
			change->done += SMALL;
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

/* May @leaf be mapped again, with @rights? Handles for handles, memory for memory: the areas see to that. */
static int64_t check_source(uint64_t leaf, uint64_t rights)
{
	if (!pte_is_leaf(leaf))
		return PUDU_ERR_ADDRESS;
	if ((leaf & PTE_U) == 0 && (rights & PTE_X))
		return PUDU_ERR_ARGUMENT;
	if ((leaf & PTE_U) != 0 && (leaf & PTE_RSW) == PTE_DEVICE && (rights & PTE_X))
		return PUDU_ERR_ARGUMENT;
	return (rights & ~leaf) != 0 ? PUDU_ERR_RIGHT : PUDU_OK;
}

/* One page of SHARE or MOVE. */
static int64_t share_page(struct change *change, struct pt_place source, uint64_t *entry,
			  struct gathered *gathered)
{
	uint64_t from = change->source + change->done;
	uint64_t leaf = small_leaf(*source.entry, source.level, from);
	struct frame *frame = frame_of(pte_physical(leaf));

	leaf = (leaf & ~PTE_RWX) | change->rights | PTE_A;
	if (change->rights & PTE_W)
		leaf |= PTE_D;
	if (!change->move) {
		if (frame != NULL)
			frame_get(frame);
		pt_set(entry, leaf);
		return PUDU_OK;
	}
	pt_set(entry, leaf);
	pt_set(source.entry, 0);
	gathered->shoot = true;
	if (frame != NULL && frame->type == FRAME_USER &&
	    atomic_load_explicit(&frame->references, memory_order_relaxed) == 1)
		frame->owner = resource_id(&change->to->resource);
	return PUDU_OK;
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
		uint64_t *entry = make_entry(change->to, change->start + change->done, gathered,
					     &status);
		if (entry == NULL)
			return status;
		if (*entry != 0)
			return PUDU_ERR_EXISTS;
		share_page(change, source, entry, gathered);
		if (change->move && frame_of(phys(source.entry) & ~(PAGE_SIZE - 1))->live == 0)
			pt_prune(change->from->user, from, &gathered->tables);
		change->done += SMALL;
	}
	return PUDU_OK;
}

/* Clear leaves of one last-level table from @entry on. */
static unsigned remove_run(struct change *change, uint64_t *entry, unsigned units,
			   struct gathered *gathered)
{
	struct frame *table = frame_of(phys(entry) & ~(PAGE_SIZE - 1));
	unsigned before = gathered->n;

	do {
		uint64_t leaf = *entry;

		if (leaf != 0) {
			*(volatile uint64_t *)entry = 0;
			gathered->leaf[gathered->n++] = leaf;
		}
		entry++;
		units--;
		change->done += SMALL;
	} while (units > 0 && change->done < change->length && in_table(entry));
	table->live = (uint16_t)(table->live - (gathered->n - before));
	if (table->live == 0)
		pt_prune(change->to->user, change->start + change->done - SMALL, &gathered->tables);
	return units;
}

/* Go on behind an empty entry of a higher table and those like it that follow in the same table. */
static void skip_empty(struct change *change, struct pt_place place)
{
	uint64_t span = pte_span(place.level), *entry = place.entry;
	uint64_t at = (change->start + change->done) & ~(span - 1);
	uint64_t end = change->start + change->length;

	do {
		at += span;
		entry++;
	} while (in_table(entry) && *entry == 0 && at < end);
	change->done = (at < end ? at : end) - change->start;
}

int64_t mapping_remove(struct change *change, struct gathered *gathered)
{
	unsigned units = MAPPING_UNITS;

	gathered->shoot = true;
	while (change->done < change->length) {
		uint64_t address = change->start + change->done;
		struct pt_place place = pt_find(change->to->user, address);
		uint64_t span = pte_span(place.level), left = change->length - change->done;

		if (units == 0)
			return MAPPING_MORE;
		if (place.level == 0) {
			units = remove_run(change, place.entry, units, gathered);
			continue;
		}
		units--;
		if (*place.entry == 0) {
			skip_empty(change, place);
			continue;
		}
		if ((address & (span - 1)) != 0 || left < span) {
			if (!pt_split(change->to->user, address))
				return PUDU_ERR_MEMORY;
			continue;
		}
		/* Large leaves name devices: nothing to give back. */
		pt_set(place.entry, 0);
		pt_prune(change->to->user, address, &gathered->tables);
		change->done += span;
	}
	return PUDU_OK;
}

/* May the rights of @leaf become @rights in @vas? */
static int64_t check_protect(const struct vas *vas, uint64_t leaf, uint64_t rights)
{
	if (!pte_is_leaf(leaf))
		return PUDU_ERR_ADDRESS;
	if ((rights & ~leaf) == 0)
		return PUDU_OK;
	if ((leaf & PTE_U) == 0 || (leaf & PTE_RSW) != PTE_MEMORY)
		return PUDU_ERR_RIGHT;

	struct frame *frame = frame_of(pte_physical(leaf));

	if (frame == NULL || frame->type != FRAME_USER ||
	    frame->owner != resource_id(&vas->resource))
		return PUDU_ERR_RIGHT;
	return PUDU_OK;
}

int64_t mapping_protect(struct change *change, struct gathered *gathered)
{
	for (unsigned units = MAPPING_UNITS; change->done < change->length; units--) {
		uint64_t address = change->start + change->done;
		struct pt_place place = pt_find(change->to->user, address);
		int64_t status = check_protect(change->to, *place.entry, change->rights);
		uint64_t span = pte_span(place.level);

		if (status != PUDU_OK)
			return status;
		if (units == 0)
			return MAPPING_MORE;
		if (place.level > 0 && ((address & (span - 1)) != 0 ||
					change->length - change->done < span)) {
			if (!pt_split(change->to->user, address))
				return PUDU_ERR_MEMORY;
			continue;
		}
		uint64_t leaf = (*place.entry & ~PTE_RWX) | change->rights;

		if (change->rights & PTE_W)
			leaf |= PTE_D;
		gathered->shoot = true;
		pt_set(place.entry, leaf);
		change->done += span;
	}
	return PUDU_OK;
}

static void release_leaf(uint64_t leaf)
{
	void *page = virt(pte_physical(leaf));
	struct frame *frame = frame_of(pte_physical(leaf));

	if (frame == NULL)
		return;
	if (frame->type == FRAME_USER) {
		/* Ours is the only reference, and its leaf is gone: nobody can add one. */
		if (atomic_load_explicit(&frame->references, memory_order_acquire) == 1 ||
		    frame_put(frame))
			frame_give(page, frame);
	} else if (frame->type == FRAME_EXECUTOR) {
		executor_put(page);
	} else if (frame->type == FRAME_VAS) {
		vas_put(page);
	} else {
		frame_put(frame);	/* FRAME_FIXED: boot has a reference of its own */
	}
}

void gathered_release(struct gathered *gathered)
{
	for (unsigned i = 0; i < gathered->n; i++)
		release_leaf(gathered->leaf[i]);
	while (gathered->tables != 0) {
		uint64_t table = gathered->tables;

		struct frame *frame = frame_of(table);

		gathered->tables = frame->next;
		frame_give_zeroed(virt(table), frame);
	}
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

	while (level > 0 && (((address | physical) & (pte_span(level) - 1)) != 0 ||
			     length < pte_span(level)))
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
