/* SPDX-License-Identifier: MIT */
/* unmapping.c - see mapping.h: what takes mappings or rights away, and what becomes of the rest. */
#include "abi/status.h"
#include "kernel/frame.h"
#include "kernel/mapping.h"
#include "kernel/pt.h"
#include "riscv/pte.h"

#define MANY 8 /* leaves whose frames go to their blocks, not to the cache of this hart */

/* Clear leaves of one last-level table from @entry on, until it is empty. */
static unsigned remove_run(struct change *change, uint64_t *entry, unsigned units,
			   struct gathered *gathered)
{
	struct frame *table = frame_of(phys(entry) & ~(PAGE_SIZE - 1));
	uint64_t left = (change->length - change->done) / PAGE_SIZE;
	uint64_t *end = (uint64_t *)(((uintptr_t)entry | (PAGE_SIZE - 1)) + 1), *first = entry;
	unsigned live = table->live;

	if ((uint64_t)(end - entry) > left)
		end = entry + left;
	if (end - entry > units)
		end = entry + units;
	do {
		uint64_t leaf = *entry;

		if (leaf != 0) {
			*(volatile uint64_t *)entry = 0;
			gathered->leaf[gathered->n++] = leaf;
			live--;
		}
	} while (++entry < end && live != 0);
	table->live = (uint16_t)live;
	if (live == 0)
		pt_prune(change->to->user, change->start + change->done, &gathered->tables);
	change->done += (uint64_t)(entry - first) * PAGE_SIZE;
	/* Under Sv39 every table below the root is counted there: none left, nothing left. */
	if (live == 0 && pt_levels == 3 && frame_of(phys(change->to))->live == 0)
		change->done = change->length;
	return units - (unsigned)(entry - first);
}

/* Go on behind an empty entry of a higher table and those like it that follow in the same table. */
static void skip_empty(struct change *change, struct pt_place place)
{
	uint64_t span = pte_span(place.level), *entry = place.entry;
	uint64_t at = (change->start + change->done) & ~(span - 1);
	uint64_t end = change->start + change->length;

	do {
		at += span;
	} while (in_table(++entry) && *entry == 0 && at < end);
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

	if (frame->type != FRAME_USER || frame->owner != resource_id(&vas->resource))
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
		if (place.level > 0 &&
		    ((address & (span - 1)) != 0 || change->length - change->done < span)) {
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
	if (leaf_is_device(leaf))
		return;

	void *page = virt(pte_physical(leaf));
	struct frame *frame = frame_of(pte_physical(leaf));

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
		frame_put(frame); /* FRAME_FIXED: boot has a reference of its own */
	}
}

void gathered_release(struct gathered *gathered)
{
	if (gathered->n >= MANY)
		gathered->n = blocks_release(gathered->leaf, gathered->n);
	for (unsigned i = 0; i < gathered->n; i++)
		release_leaf(gathered->leaf[i]);
	while (gathered->tables != 0) {
		uint64_t table = gathered->tables;

		struct frame *frame = frame_of(table);

		gathered->tables = frame->next;
		frame_give_zeroed(virt(table), frame);
	}
}
