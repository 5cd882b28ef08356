/* SPDX-License-Identifier: MIT */
/* invariants.c - see fuzz.h: what is true between any two steps, by a walk of all tables. */
#include "model.h"

#include <string.h>

static uint32_t leaves[RAM_FRAMES]; /* that name a frame */
static uint64_t tables[SPACES], charged[SPACES], *table_count, pages;
static bool with_model;

static void count_leaf(uint64_t entry, unsigned level)
{
	uint64_t first = frame_number(pte_physical(entry));
	unsigned n = level == 0 ? 1 : 512;

	must(level <= 1, "a leaf of memory at level %u", level);
	must(first + n <= RAM_FRAMES && first % n == 0, "a leaf %#lx of no RAM",
	     (unsigned long)entry);
	const struct frame *frame = frame_of(pte_physical(entry));

	for (unsigned i = 0; i < n; i++) {
		leaves[first + i]++;
		must(frame[i].type != FRAME_USER || frame[i].owner == frame->owner,
		     "a large leaf whose frames are charged to two");
	}
}

static void check_leaf(uint64_t entry, unsigned level, uint64_t at)
{
	bool window = at >= PUDU_HANDLES && at < PUDU_HANDLES_END;
	uint64_t rsw = entry & PTE_RSW;

	must((entry & PTE_RWX & ~PTE_X) != PTE_W && (entry & (PTE_W | PTE_R)) != PTE_W,
	     "W without R: %#lx", (unsigned long)entry);
	must((entry & PTE_U) || window, "U=0 outside of the window: %#lx", (unsigned long)entry);
	must(!(entry & PTE_U) || !window, "U=1 in the window: %#lx", (unsigned long)entry);
	must((entry & PTE_U) || !(entry & PTE_X), "U=0 and X: %#lx", (unsigned long)entry);
	must(!(entry & PTE_U) || (rsw & PTE_COPY) == 0 || !(entry & PTE_W), "COPY and W: %#lx",
	     (unsigned long)entry);
	must((entry & PTE_A) && !(entry & PTE_G) && entry >> 54 == 0, "odd bits: %#lx",
	     (unsigned long)entry);
	if (!leaf_is_device(entry))
		count_leaf(entry, level);
}

static void compare(unsigned s, uint64_t entry, unsigned level, uint64_t at)
{
	uint64_t end = at + pte_span(level);

	for (unsigned cell = cell_of(at); cell < cells && cell_at[cell] < end; cell++)
		if (cell_pages(cell) == 1)
			model_compare_entry(s, cell, entry, level);
		else
			must(!(entry & PTE_V) && model[s][cell].what == LAZY &&
				     entry == (PTE_LAZY | model[s][cell].rights),
			     "space %u cell %u: entry %#lx in a gap", s, cell,
			     (unsigned long)entry);
}

static unsigned check_table(unsigned s, const uint64_t *table, unsigned level, uint64_t at,
			    unsigned n)
{
	unsigned live = 0;

	for (unsigned i = 0; i < n; i++, at += pte_span(level)) {
		uint64_t entry = table[i];

		if (entry == 0)
			continue;
		live++;
		if (pte_is_table(entry)) {
			struct frame *frame = frame_of(pte_physical(entry));

			must(level > 0 && (entry & ~PTE_PPN) == PTE_V, "a table at level %u: %#lx",
			     level, (unsigned long)entry);
			must(frame->type == FRAME_TABLE, "a table in a frame of type %u",
			     frame->type);
			++*table_count;
			leaves[frame_number(pte_physical(entry))]++;
			unsigned below =
				check_table(s, virt(pte_physical(entry)), level - 1, at, 512);
			must(below != 0, "an empty table is in the tree");
			must(frame->live == below, "live is %u, not %u", frame->live, below);
			continue;
		}
		pages += pte_span(level) / PAGE_SIZE;
		if (entry & PTE_V)
			check_leaf(entry, level, at);
		else
			must((entry & ~(PTE_RWX | PTE_LAZY)) == 0 && (entry & PTE_LAZY) &&
				     (entry & PTE_RWX),
			     "an entry that is nothing: %#lx", (unsigned long)entry);
		if (with_model)
			compare(s, entry, level, at);
	}
	return live;
}

static void check_tree(unsigned s)
{
	unsigned live, counted = frame_of(phys(space[s]))->live;

	tables[s] = pages = 0;
	table_count = &tables[s];
	live = check_table(s, space[s]->user, pt_levels - 1, 0, VAS_USER_ENTRIES);
	must(counted == live, "space %u: live of the root is %u, not %u", s, counted, live);
	must(!with_model || pages == mapped[s], "space %u: %lu pages, not %lu", s,
	     (unsigned long)pages, (unsigned long)mapped[s]);
}

static void check_count(unsigned i, const struct frame *frame)
{
	/* Who names a frame beside leaves: whoever made it, if it is no program's. */
	uint32_t more = frame->type >= FRAME_VAS;

	if (frame->type == FRAME_FREE) {
		must(leaves[i] == 0, "frame %u is free, and has %u leaves", i, leaves[i]);
		return;
	}
	if (hostages == 0 || frame->type != FRAME_FIXED)
		must(frame->references == leaves[i] + more, "frame %u: count %u, leaves %u", i,
		     frame->references, leaves[i]);
	if (frame->type != FRAME_USER)
		return;
	charged[model_kernel_owner(i)]++;
	must(!with_model || (content[i].live && content[i].refs == leaves[i]),
	     "frame %u is not the model's", i);
}

static void check_frames(void)
{
	for (unsigned i = 0; i < RAM_FRAMES; i++)
		if (frame_banks[0].blocks[i / 512].used)
			check_count(i, &frame_banks[0].frames[i]);
		else
			must(leaves[i] == 0, "frame %u is free, and has %u leaves", i, leaves[i]);
}

static void check_charges(unsigned s)
{
	uint64_t used = budget_used(space[s]->account);

	must(used == tables[s] + charged[s], "space %u: used %lu, not %lu + %lu", s,
	     (unsigned long)used, (unsigned long)tables[s], (unsigned long)charged[s]);
	must(!with_model || charged[s] == owned[s], "space %u: %lu frames, not %lu", s,
	     (unsigned long)charged[s], (unsigned long)owned[s]);
}

void invariants(bool whole)
{
	with_model = whole;
	memset(leaves, 0, sizeof leaves);
	memset(charged, 0, sizeof charged);
	for (unsigned s = 0; s < SPACES; s++)
		check_tree(s);
	check_frames();
	for (unsigned s = 0; s < SPACES; s++)
		check_charges(s);
	frames_are_charged();
}

void frames_are_charged(void)
{
	uint64_t sum = (uint64_t)machine_free_frames() + hostages + base_frames;

	for (unsigned s = 0; s < SPACES; s++)
		sum += budget_used(space[s]->account);
	must(sum == frame_boot_total(), "%lu frames are free or charged, of %lu",
	     (unsigned long)sum, (unsigned long)frame_boot_total());
}
