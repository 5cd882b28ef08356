/* SPDX-License-Identifier: MIT */
/* mapping.c - see mapping.h: what adds mappings. */
#include "kernel/mapping.h"

#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/frame.h"
#include "kernel/pt.h"
#include "kernel/shortage.h"
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

unsigned mapping_prune(struct vas *vas, uint64_t address, struct gathered *gathered)
{
	unsigned tables = pt_prune(vas, address, &gathered->tables);

	gathered->shoot |= tables != 0;
	return tables;
}

int mapping_cost(struct pt_place place, unsigned level)
{
	int below = (int)(place.level - level);

	if (below == 0)
		return level > 0 && pte_is_leaf(*place.entry) ? 1 + UNITS_OF_BLOCK : 1;
	return 1 + below * (*place.entry == 0 ? UNITS_OF_ZEROING : UNITS_OF_SPLIT);
}

int64_t mapping_open(struct change *change, unsigned level, struct pt_place *place,
		     struct gathered *gathered)
{
	uint64_t address = change->start + change->done;

	while (place->level > level) {
		int64_t status = *place->entry == 0 ? pt_make(change->to, address, level, place)
				 : change->replace  ? pt_split(change->to, address, place)
						    : PUDU_ERR_EXISTS;
		if (status != PUDU_OK) {
			mapping_prune(change->to, address, gathered);
			return status;
		}
	}
	return *place->entry == 0 || change->replace ? PUDU_OK : PUDU_ERR_EXISTS;
}

void gathered_add(struct gathered *gathered, uint64_t leaf, unsigned level)
{
	gathered->shoot = true;
	if (level == 0)
		gathered->leaf[gathered->n++] = leaf;
	else if (!leaf_is_device(leaf))
		gathered->large[gathered->n_large++] = leaf;
}

void mapping_put(struct pt_place place, uint64_t value, struct gathered *gathered)
{
	uint64_t before = *place.entry;

	pt_set(place.entry, value);
	if (pte_is_leaf(before))
		gathered_add(gathered, before, place.level);
}

static uint64_t fresh_bits(const struct change *change)
{
	return change->rights | PTE_FRESH;
}

/*
 * A leaf of 2 MiB at @place, if a whole block can be had.
 * Result: PUDU_OK: yes; PUDU_ERR_ADDRESS: no, take small ones; or as mapping_fresh.
 */
static int64_t fresh_block(struct change *change, struct pt_place place, struct gathered *gathered)
{
	struct vas *to = change->to;
	bool more = false;
	int64_t status = PUDU_ERR_ADDRESS;

	if (!change->replace && *place.entry != 0)
		return PUDU_ERR_EXISTS;
	if (!budget_take(to, BLOCK_FRAMES))
		return PUDU_ERR_ADDRESS;
	void *page = frame_take_block((uintptr_t)to, &more);

	if (page != NULL)
		status = mapping_open(change, 1, &place, gathered);
	else if (more)
		status = MAPPING_MORE;
	if (page != NULL && status == PUDU_OK) {
		mapping_put(place, pte_of(phys(page), fresh_bits(change)), gathered);
		change->done += pte_span(1);
		return PUDU_OK;
	}
	if (page != NULL)
		block_give(phys(page));
	budget_give(to, BLOCK_FRAMES);
	return status == PUDU_ERR_MEMORY ? PUDU_ERR_ADDRESS : status; /* a few may fit */
}

/*
 * Pages from @entry on, in one table, with frames that are charged already. *units: what may be
 * done, and at the end what is left of it. Result: as mapping_fresh.
 */
static int64_t fresh_run(struct change *change, uint64_t *entry, unsigned n,
			 struct gathered *gathered)
{
	struct frame *table = pt_table(entry);
	uint64_t bits = fresh_bits(change);

	for (; n > 0; n--, entry++) {
		uint64_t before = *entry;

		if (before != 0 && !change->replace)
			return PUDU_ERR_EXISTS;
		void *page = frame_take_for(FRAME_USER, (uintptr_t)change->to);

		if (page == NULL) {
			shortage_note();
			return MAPPING_WAIT;
		}
		if (before != 0)
			mapping_put((struct pt_place){ entry, 0 }, pte_of(phys(page), bits),
				    gathered);
		else
			pt_fill(entry, pte_of(phys(page), bits), table);
		change->done += PAGE_SIZE;
	}
	return PUDU_OK;
}

/* As many small pages as *units, which are enough for one, and one table allow. Result: as
 * mapping_fresh, but PUDU_OK for a part. */
static int64_t fresh_pages(struct change *change, struct pt_place place, int *units,
			   struct gathered *gathered)
{
	int64_t status = mapping_open(change, 0, &place, gathered);
	uint64_t before = change->done, left = (change->length - before) / PAGE_SIZE;
	if (status != PUDU_OK)
		return status;

	unsigned in_table = (unsigned)(PAGE_SIZE - ((uintptr_t)place.entry & (PAGE_SIZE - 1))) / 8;
	unsigned n = (unsigned)*units / UNITS_OF_ZEROING;

	n = n > in_table ? in_table : n;
	n = n > left ? (unsigned)left : n;
	if (!budget_take(change->to, n)) {
		if (n > 1 && budget_take(change->to, 1))
			n = 1; /* one by one, up to the last */
		else
			status = PUDU_ERR_MEMORY;
	}
	if (status == PUDU_OK)
		status = fresh_run(change, place.entry, n, gathered);
	else
		n = 0;

	unsigned done = (unsigned)((change->done - before) / PAGE_SIZE);

	if (n != done)
		budget_give(change->to, n - done);
	*units -= (int)n * UNITS_OF_ZEROING;
	if (done == 0 && status != PUDU_OK)
		mapping_prune(change->to, change->start + change->done, gathered);
	return status;
}

int64_t mapping_fresh(struct change *change, struct gathered *gathered)
{
	int units = MAPPING_UNITS;

	while (change->done < change->length) {
		uint64_t at = change->start + change->done;
		struct pt_place place = pt_find(change->to, at);
		unsigned level = mapping_level(at, change->length - change->done, 1);
		int64_t status = PUDU_ERR_ADDRESS;

		if (units < UNITS_OF_ZEROING)
			return MAPPING_MORE;
		if (level == 1 && place.level >= 1) {
			if (units < MAPPING_UNITS)
				return MAPPING_MORE;
			status = fresh_block(change, place, gathered);
			if (status == PUDU_OK)
				units = 0;
		}
		if (status == PUDU_ERR_ADDRESS)
			status = fresh_pages(change, place, &units, gathered);
		if (status != PUDU_OK)
			return status;
	}
	return PUDU_OK;
}

int64_t mapping_lazy(struct change *change, struct gathered *gathered)
{
	for (int units = MAPPING_UNITS; change->done < change->length;) {
		uint64_t at = change->start + change->done;
		struct pt_place place = pt_find(change->to, at);
		unsigned level = mapping_level(at, change->length - change->done, place.level);

		if (!units_take(&units, UNITS_OF_WALK + mapping_cost(place, level)))
			return MAPPING_MORE;

		int64_t status = mapping_open(change, level, &place, gathered);
		if (status != PUDU_OK)
			return status;
		mapping_put(place, PTE_LAZY | change->rights, gathered);
		change->done += pte_span(level);
	}
	return PUDU_OK;
}

int64_t mapping_handle(struct vas *vas, uint64_t slot, void *page, uint64_t type)
{
	struct pt_place place = pt_find(vas, slot);
	int64_t status = pt_make(vas, slot, 0, &place);

	if (status != PUDU_OK) {
		struct gathered gathered;

		gathered_init(&gathered);
		mapping_prune(vas, slot, &gathered);
		if (gathered.shoot)
			tlb_shoot(vas);
		gathered_release(&gathered);
		return status == MAPPING_WAIT ? PUDU_ERR_MEMORY : status;
	}
	if (*place.entry != 0)
		return PUDU_ERR_EXISTS;
	frame_get(frame_of(phys(page)));
	pt_set(place.entry, pte_of(phys(page), type | PTE_HANDLE));
	return PUDU_OK;
}

/* May 64 KiB of the kernel's own map, which never changes, be one translation of the hart? */
static bool fits_napot(uint64_t at, uint64_t length, uint64_t bits)
{
	return pt_napot && !(bits & PTE_U) && at % NAPOT_SIZE == 0 && length >= NAPOT_SIZE;
}

bool mapping_physical(struct vas *vas, uint64_t start, uint64_t physical, uint64_t length,
		      uint64_t bits)
{
	/* Frames that are counted come in blocks. */
	unsigned most = (bits & PTE_U) && !leaf_is_device(bits) ? 1 : 2;

	while (length > 0) {
		unsigned level = mapping_level(start | physical, length, most);
		struct pt_place place = pt_find(vas, start);

		if (pt_make(vas, start, level, &place) != PUDU_OK)
			return false;
		uint64_t span = pte_span(level),
			 leaf = pte_of(physical, bits | PTE_V | PTE_A | PTE_D);

		if (level == 0 && fits_napot(start | physical, length, bits)) {
			span = NAPOT_SIZE;
			for (unsigned i = 0; i < NAPOT_SIZE / PAGE_SIZE; i++)
				pt_set(&place.entry[i], leaf | pte_of(NAPOT_64K, PTE_N));
		} else {
			pt_set(place.entry, leaf);
		}
		start += span;
		physical += span;
		length -= span;
	}
	return true;
}
