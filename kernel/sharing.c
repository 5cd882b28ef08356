/* SPDX-License-Identifier: MIT */
/* sharing.c - see mapping.h: SHARE, MOVE and COW, from one address space to another or the same. */
#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/frame.h"
#include "kernel/mapping.h"
#include "riscv/pte.h"

/* Where the next leaf comes from, and where it goes. */
struct pair {
	struct pt_place source, to;
	uint64_t from; /* address of the source */
	unsigned level;
};

/* May @entry be mapped again? Handles for handles, memory for memory: the areas see to that. */
static int64_t check_source(const struct change *change, uint64_t entry)
{
	uint64_t rights = change->rights;
	bool object = (entry & PTE_U) == 0;

	if (!pte_is_leaf(entry) && !pte_is_lazy(entry))
		return PUDU_ERR_ADDRESS;
	if ((object || leaf_is_device(entry)) && ((rights & PTE_X) || change->kind == KIND_COW))
		return PUDU_ERR_ARGUMENT;
	/* What a copy may be used for is not the source's affair. */
	if (change->kind == KIND_COW)
		return pte_rights(entry) & PTE_R ? PUDU_OK : PUDU_ERR_RIGHT;
	return (rights & ~pte_rights(entry)) != 0 ? PUDU_ERR_RIGHT : PUDU_OK;
}

/* One more leaf at @level names the frames of @leaf. */
static void get_frames(uint64_t leaf, unsigned level)
{
	struct frame *frame = leaf_is_device(leaf) ? NULL : frame_of(pte_physical(leaf));

	if (frame != NULL)
		for (unsigned i = 0; i < (level == 0 ? 1u : BLOCK_FRAMES); i++)
			frame_get(&frame[i]);
}

/* The new leaf for what @leaf, at the level of the pair, maps. */
static uint64_t leaf_for(const struct change *change, uint64_t leaf)
{
	uint64_t rights = change->rights;

	leaf = (leaf & ~PTE_RWX) | PTE_A | PTE_D;
	if (change->kind == KIND_COW)
		leaf |= PTE_SNAPSHOT;
	if (!leaf_is_shy(leaf))
		return leaf | rights;
	leaf = (leaf & ~PTE_RSW) | (rights & PTE_W ? PTE_COPY : PTE_SNAPSHOT);
	return leaf | (rights & ~PTE_W);
}

/* Is @frame charged elsewhere and mapped nowhere else, so that the charge goes with it? */
static bool moves(const struct frame *frame, const struct vas *to)
{
	return frame->type == FRAME_USER && frame->owner != (uintptr_t)to &&
	       atomic_load_explicit(&frame->references, memory_order_relaxed) == 1;
}

/*
 * The charge of the frames of @leaf, which moves to @to. All or none of a large leaf: so its frames
 * are always charged to one address space. Result: PUDU_OK, PUDU_ERR_MEMORY, or MAPPING_MORE: only
 * some would move; split it.
 */
static int64_t move_charge(struct vas *to, uint64_t leaf, unsigned level)
{
	if ((leaf & PTE_U) == 0 || leaf_is_device(leaf) || !pte_is_leaf(leaf))
		return PUDU_OK;
	struct frame *frame = frame_of(pte_physical(leaf)),
		     *end = frame + (level == 0 ? 1 : BLOCK_FRAMES);
	uint64_t n = 0;

	for (struct frame *each = frame; each < end; each++)
		n += moves(each, to);
	if (n == 0)
		return PUDU_OK;
	if (n != (uint64_t)(end - frame))
		return MAPPING_MORE;
	if (!budget_take(to, n))
		return PUDU_ERR_MEMORY;
	budget_give((struct vas *)frame->owner, n);
	for (; frame < end; frame++)
		frame->owner = (uintptr_t)to;
	return PUDU_OK;
}

/* The source stays, but no store may change what the other one sees. */
static void make_shy(uint64_t *entry, struct gathered *gathered)
{
	uint64_t leaf = *entry;

	if (leaf_is_shy(leaf))
		return;
	pt_change(entry, PTE_W | PTE_RSW, leaf & PTE_W ? PTE_COPY : PTE_SNAPSHOT);
	gathered->shoot_from |= (leaf & PTE_W) != 0;
}

/*
 * Map what the pair says; nothing is in the way. Result: PUDU_OK, PUDU_ERR_MEMORY, MAPPING_WAIT, or
 * MAPPING_MORE: the source had to be split, look again.
 */
static int64_t transfer(struct change *change, struct pair *pair, struct gathered *gathered)
{
	uint64_t entry = *pair->source.entry, leaf = entry;
	uint64_t inside = pair->from & (pte_span(pair->source.level) - 1);

	if (pte_is_lazy(entry)) {
		mapping_put(pair->to, PTE_LAZY | change->rights, gathered);
	} else {
		if (pair->source.level > pair->level)
			leaf += inside >> 2;
		if (change->kind == KIND_MOVE) {
			int64_t status = move_charge(change->to, leaf, pair->level);

			if (status == MAPPING_MORE) {
				status = pt_split(change->from, pair->from, &pair->source);
				gathered->shoot_from = true;
				return status == PUDU_OK ? MAPPING_MORE : status;
			}
			if (status != PUDU_OK)
				return status;
		} else {
			get_frames(leaf, pair->level);
		}
		mapping_put(pair->to, leaf_for(change, leaf), gathered);
	}
	if (change->kind == KIND_MOVE) {
		pt_set(pair->source.entry, 0);
		gathered->shoot_from = true;
		if (pt_table(pair->source.entry)->live == 0)
			pt_prune(change->from, pair->from, &gathered->tables);
	} else if (change->kind == KIND_COW && !pte_is_lazy(entry)) {
		make_shy(pair->source.entry, gathered);
	}
	return PUDU_OK;
}

/* Is the source to be settled before it can be shared: has it no frame, or may it get another one?
 */
static bool unsettled(const struct change *change, uint64_t entry)
{
	return change->kind == KIND_SHARE &&
	       (pte_is_lazy(entry) ||
		(entry & (PTE_V | PTE_U | PTE_RSW)) == (PTE_V | PTE_U | PTE_COPY));
}

/*
 * Make the source ready: settled, or split where only a part of it goes. Result: PUDU_OK: it is;
 * MAPPING_MORE: it has changed, look again; or as mapping_share.
 */
static int64_t prepare_source(struct change *change, struct pair *pair, int *units,
			      struct gathered *gathered)
{
	uint64_t entry = *pair->source.entry;
	int64_t status = PUDU_OK;

	if (unsettled(change, entry)) {
		*units -= UNITS_OF_ZEROING + (int)pair->source.level * UNITS_OF_SPLIT;
		status = settle_place(change->from, pair->from, &pair->source, gathered);
		gathered->shoot_from = true;
	} else if (pair->source.level > pair->level && change->kind != KIND_SHARE &&
		   !(change->kind == KIND_COW && pte_is_lazy(entry))) {
		*units -= UNITS_OF_SPLIT;
		status = pt_split(change->from, pair->from, &pair->source);
		gathered->shoot_from = true;
	} else {
		return PUDU_OK;
	}
	return status == PUDU_OK ? MAPPING_MORE : status;
}

/* Look at the next place. */
static void find_pair(const struct change *change, struct pair *pair)
{
	uint64_t at = change->start + change->done, left = change->length - change->done;

	pair->from = change->source + change->done;
	pair->source = pt_find(change->from, pair->from);
	pair->to = pt_find(change->to, at);
	pair->level = pair->source.level < pair->to.level ? pair->source.level : pair->to.level;
	pair->level = mapping_level(at | pair->from, left, pair->level);
}

/* The next pages, where they are in the same last-level table and the same source. Result: false:
 * find them. */
static bool next_pair(const struct change *change, struct pair *pair)
{
	if (pair->level != 0)
		return false;
	pair->from = change->source + change->done;
	if ((pair->from & (pte_span(pair->source.level) - 1)) == 0)
		if (pair->source.level != 0 || !in_table(++pair->source.entry))
			return false;
	return in_table(++pair->to.entry);
}

int64_t mapping_share(struct change *change, struct gathered *gathered)
{
	int units = MAPPING_UNITS;
	struct pair pair;
	bool found = false;

	while (change->done < change->length) {
		if (!found)
			find_pair(change, &pair);
		int64_t status = check_source(change, *pair.source.entry);

		if (status != PUDU_OK)
			return status;
		if (*pair.to.entry != 0 && !change->replace)
			return PUDU_ERR_EXISTS;
		if (!units_take(&units, UNITS_OF_SHARING + mapping_cost(pair.to, pair.level) +
						(found ? 0 : UNITS_OF_WALK) +
						(pair.level == 1 ? UNITS_OF_BLOCK : 0)))
			return MAPPING_MORE;
		status = prepare_source(change, &pair, &units, gathered);
		if (status == MAPPING_MORE) {
			found = false;
			continue;
		}
		if (status == PUDU_OK)
			status = mapping_open(change, pair.level, &pair.to, gathered);
		if (status != PUDU_OK)
			return status;
		if (!found &&
		    change->from == change->to) /* both may have been in one leaf that was split */
			pair.source = pt_find(change->from, pair.from);
		status = transfer(change, &pair, gathered);
		if (status != PUDU_OK) {
			mapping_prune(change->to, change->start + change->done, gathered);
			if (status != MAPPING_MORE)
				return status;
			found = false;
			continue;
		}
		change->done += pte_span(pair.level);
		found = next_pair(change, &pair);
	}
	return PUDU_OK;
}
