/* SPDX-License-Identifier: MIT */
/* unmapping.c - see mapping.h: what takes mappings or rights away, and what becomes of the rest. */
#include "abi/status.h"
#include "kernel/frame.h"
#include "kernel/mapping.h"
#include "kernel/pt.h"
#include "riscv/pte.h"

/* Clear up to @most leaves of one last-level table from @entry on, until it is empty. Result:
 * units. */
static int remove_run(struct change *change, uint64_t *entry, int most, struct gathered *gathered)
{
	struct frame *table = frame_of(phys(entry) & ~(PAGE_SIZE - 1));
	uint64_t left = (change->length - change->done) / PAGE_SIZE;
	uint64_t *end = (uint64_t *)(((uintptr_t)entry | (PAGE_SIZE - 1)) + 1), *first = entry;
	unsigned live = table->live;
	int removed = 0, tables = 0;

	if ((uint64_t)(end - entry) > left)
		end = entry + left;
	do {
		uint64_t leaf = *entry;

		if (leaf != 0) {
			*(volatile uint64_t *)entry = 0;
			if (pte_is_leaf(leaf))
				gathered->leaf[gathered->n++] = leaf;
			live--;
			removed += leaf & PTE_U ? 1 : UNITS_OF_HANDLE;
		}
	} while (++entry < end && live != 0 && removed < most);
	table->live = (uint16_t)live;
	if (live == 0)
		tables = (int)mapping_prune(change->to, change->start + change->done, gathered);
	change->done += (uint64_t)(entry - first) * PAGE_SIZE;
	if (live == 0 && pt_is_empty(change->to))
		change->done = change->length;
	return removed + (int)(entry - first) / LOOKS_PER_UNIT + tables * UNITS_OF_TABLE;
}

/* Go on behind an empty entry of a higher table and those like it that follow in the same table.
 * Result: units. */
static int skip_empty(struct change *change, struct pt_place place)
{
	uint64_t span = pte_span(place.level), *entry = place.entry;
	const uint64_t *first = entry;
	uint64_t at = (change->start + change->done) & ~(span - 1);
	uint64_t end = change->start + change->length;

	do {
		at += span;
	} while (in_table(++entry) && *entry == 0 && at < end);
	change->done = (at < end ? at : end) - change->start;
	return (int)(entry - first) / LOOKS_PER_UNIT;
}

/* All of a large leaf or lazy entry. Result: units of the tables that are gone with it. */
static int remove_large(struct change *change, struct pt_place place, struct gathered *gathered)
{
	uint64_t leaf = *place.entry;

	pt_set(place.entry, 0);
	if (pte_is_leaf(leaf))
		gathered_add(gathered, leaf, place.level);
	unsigned tables = mapping_prune(change->to, change->start + change->done, gathered);

	change->done += pte_span(place.level);
	return UNITS_OF_WALK + (int)tables * UNITS_OF_TABLE;
}

int64_t mapping_remove(struct change *change, struct gathered *gathered)
{
	int units = MAPPING_UNITS;

	gathered->shoot = true;
	while (change->done < change->length) {
		uint64_t address = change->start + change->done;
		struct pt_place place = pt_find(change->to, address);
		uint64_t span = pte_span(place.level), left = change->length - change->done;
		bool whole = (address & (span - 1)) == 0 && left >= span;

		if (!units_take(&units, UNITS_OF_WALK))
			return MAPPING_MORE;
		if (place.level == 0) {
			units -= remove_run(change, place.entry, units, gathered);
		} else if (*place.entry == 0) {
			units -= skip_empty(change, place);
		} else if (whole) {
			if (!units_take(&units, mapping_cost(place, place.level)))
				return MAPPING_MORE;
			units -= remove_large(change, place, gathered);
		} else {
			units -= UNITS_OF_SPLIT;
			int64_t status = pt_split(change->to, address, &place);

			if (status != PUDU_OK)
				return status;
		}
	}
	return PUDU_OK;
}

/* Who may read a copy-on-write page may have all rights to a copy; who may not, may not read it. */
static bool may_be_copied(uint64_t leaf)
{
	return leaf_is_shy(leaf) && (leaf & PTE_R);
}

/* May the rights of @entry become @rights in @vas? */
static int64_t check_protect(const struct vas *vas, uint64_t entry, uint64_t rights)
{
	if (pte_is_lazy(entry))
		return PUDU_OK;
	if (!pte_is_leaf(entry))
		return PUDU_ERR_ADDRESS;
	if ((rights & ~pte_rights(entry)) == 0 || may_be_copied(entry))
		return PUDU_OK;
	if ((entry & PTE_U) == 0 || leaf_is_device(entry))
		return PUDU_ERR_RIGHT;

	struct frame *frame = frame_of(pte_physical(entry));

	if (frame->type != FRAME_USER || frame->owner != (uintptr_t)vas)
		return PUDU_ERR_RIGHT;
	return PUDU_OK;
}

/* Give all of the entry other rights, which are allowed. Result: it may do less than before. */
static bool set_rights(uint64_t *entry, uint64_t rights)
{
	uint64_t before = *entry;

	if (pte_is_lazy(before)) {
		pt_set(entry, PTE_LAZY | rights);
		return false;
	}
	if (leaf_is_shy(before))
		pt_change(entry, PTE_RWX | PTE_RSW,
			  (rights & PTE_W ? PTE_COPY : PTE_SNAPSHOT) | (rights & ~PTE_W));
	else
		pt_change(entry, PTE_RWX, rights);
	return (before & PTE_RWX & ~rights) != 0;
}

int64_t mapping_protect(struct change *change, struct gathered *gathered)
{
	int units = MAPPING_UNITS;

	while (change->done < change->length) {
		uint64_t address = change->start + change->done;
		struct pt_place place = pt_find(change->to, address);
		uint64_t entry = *place.entry, span = pte_span(place.level);
		int64_t status = check_protect(change->to, entry, change->rights);
		bool whole = (address & (span - 1)) == 0 && change->length - change->done >= span;

		if (status != PUDU_OK)
			return status;
		if (!units_take(&units, whole ? 1 : UNITS_OF_SPLIT))
			return MAPPING_MORE;
		if (!whole) {
			status = pt_split(change->to, address, &place);
			if (status != PUDU_OK)
				return status;
			continue;
		}
		gathered->shoot |= set_rights(place.entry, change->rights);
		change->done += span;
	}
	return PUDU_OK;
}
