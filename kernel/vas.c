/* SPDX-License-Identifier: MIT */
/* vas.c - see vas.h. */
#include "kernel/vas.h"

#include "abi/memory.h"
#include "kernel/budget.h"
#include "kernel/frame.h"
#include "kernel/graves.h"
#include "kernel/hart.h"
#include "kernel/layout.h"
#include "kernel/mapping.h"
#include "kernel/pt.h"
#include "kernel/quiesce.h"
#include "kernel/sched.h"
#include "kernel/vas_load.h"

static uint64_t *upper_table;		       /* (b) of layout.h */
static unsigned direct_end = DIRECT_MAP_FIRST; /* (b) behind the last entry of the direct map */
static uint64_t info_entry; /* (b) entry of a root or the table below for the info window */

/* Where the info window's entry is: under Sv39 in the root; under Sv48 in a table of its own. */
#define INFO_INDEX (PUDU_INFO_PAGE >> 30)

void vas_boot(uint64_t *root, uint64_t *upper, uint64_t info_table, unsigned levels)
{
	upper_table = upper;
	for (unsigned i = DIRECT_MAP_FIRST; i < DIRECT_MAP_FIRST + DIRECT_MAP_ENTRIES; i++)
		if (upper[i] != 0)
			direct_end = i + 1;
	pt_levels = levels;
	vas_load_boot(root, levels);
	info_entry = pte_of(info_table, PTE_V);
}

/* The entries that every root has: the kernel map and the info page. Result: false: no memory. */
static bool fill_root(struct vas *vas)
{
	uint64_t *root = vas->user;

	if (pt_levels == 4) {
		uint64_t *first = frame_take(FRAME_TABLE);

		if (first == NULL)
			return false;
		first[INFO_INDEX] = info_entry;
		frame_of(phys(first))->live = 1;
		root[0] = pte_of(phys(first), PTE_V);
		root[511] = pte_of(phys(upper_table), PTE_V);
		return true;
	}
	root[INFO_INDEX] = info_entry;
	for (unsigned i = DIRECT_MAP_FIRST; i < direct_end; i++)
		root[i] = upper_table[i];
	root[510] = upper_table[510]; /* the image */
	root[511] = upper_table[511]; /* stacks, devices */
	return true;
}

uint64_t vas_pages(void)
{
	return pt_levels - 2;
}

struct vas *vas_new(struct vas *parent, uint64_t budget, uint64_t name0, uint64_t name1)
{
	struct vas *vas = frame_take(FRAME_VAS);

	if (vas == NULL)
		return NULL;
	if (!fill_root(vas)) {
		frame_give(vas, frame_of(phys(vas)));
		return NULL;
	}
	budget_carve(vas, budget);
	vas->parent = parent;
	vas->depth = parent == NULL ? 0 : parent->depth + 2;
	vas->name[0] = name0 << 8;
	vas->name[1] = name1 << 8;
	vas->resource.tag = atomic_fetch_add_explicit(&global->next_id, 1, memory_order_relaxed)
				    << 8 |
			    RESOURCE_VAS;
	vas->resource.self = vas;
	return vas;
}

void vas_remove_info(struct vas *vas)
{
	if (pt_levels == 4 && pte_is_table(vas->user[0]))
		frame_give(virt(pte_physical(vas->user[0])), frame_of(pte_physical(vas->user[0])));
	vas->user[0] = 0;
}

void vas_discard(struct vas *vas)
{
	vas_remove_info(vas);
	frame_give(vas, frame_of(phys(vas)));
}

char *vas_name(const struct vas *vas, char buffer[VAS_NAME_SIZE])
{
	unsigned n = 0;

	for (unsigned word = 0; word < 2; word++)
		for (unsigned byte = 1; byte < 8; byte++) {
			char c = (char)(vas->name[word] >> (8 * byte));

			if (c != 0)
				buffer[n++] = c;
		}
	buffer[n] = 0;
	return buffer;
}

/* The areas of the user half, in the order in which they are cleared. */
static const struct {
	uint64_t start, end;
} areas[] = {
	{ PUDU_MEMORY_START, PUDU_MEMORY_END },
	{ PUDU_HANDLES, PUDU_HANDLES_END },
	{ PUDU_MEMORY48_START, PUDU_MEMORY48_END },
};

/* REQUIRES(vas->lock) */
static void clear_areas(struct vas *vas, struct gathered *gathered)
{
	for (unsigned i = 0; i < sizeof areas / sizeof *areas && !pt_is_empty(vas); i++) {
		if (vas->cleared >= areas[i].end)
			continue;
		if (vas->cleared < areas[i].start)
			vas->cleared = areas[i].start;

		struct change change = { .to = vas,
					 .start = vas->cleared,
					 .length = areas[i].end - vas->cleared };

		/* No split is needed, so it can't fail; no hart has it loaded, so nothing to shoot.
		 */
		mapping_remove(&change, gathered);
		vas->cleared += change.done;
		if (change.done != change.length || gathered->n != 0)
			break;
	}
}

bool vas_clear_step(struct vas *vas)
{
	struct gathered gathered;

	gathered_init(&gathered);
	/* Others that have a handle may look at the tables. */
	lock_acquire(&vas->lock, LOCK_VAS);
	clear_areas(vas, &gathered);
	bool empty = pt_is_empty(vas);
	lock_release(&vas->lock, LOCK_VAS);

	gathered_release(&gathered);
	return empty;
}

/* If nothing names @vas any more: it dies. */
static void end_unnamed(struct vas *vas)
{
	/* Who found it by a handle that is gone now may still be at work on it, or have added an
	 * executor. */
	lock_acquire(&vas->lock, LOCK_VAS);
	bool begun =
		atomic_load_explicit(&frame_of(phys(vas))->references, memory_order_relaxed) == 1 &&
		graves_begin(vas);
	lock_release(&vas->lock, LOCK_VAS);

	if (begun)
		sched_call_a_hart();
}

bool vas_drop(struct vas *vas)
{
	/* As in frame_put. If others drop the rest meanwhile, the page is still there until this
	 * hart leaves the kernel. */
	uint32_t before = atomic_fetch_sub_explicit(&frame_of(phys(vas))->references, 1,
						    memory_order_acq_rel);

	if (before == 2 && (*(volatile uint64_t *)&vas->flags & VAS_DEAD) == 0)
		end_unnamed(vas);
	if (before != 1)
		return false;
	vas->resource.tag = 0;
	quiesce_free(vas);
	return true;
}

void vas_owe(struct vas *vas, uint64_t pages)
{
	graves_owe(vas, pages);
	sched_call_a_hart();
}

void vas_put(struct vas *vas)
{
	struct vas *parent = vas->parent;

	if (vas_drop(vas) && parent != NULL)
		budget_give(parent, vas_pages());
}
