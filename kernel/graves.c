/* SPDX-License-Identifier: MIT */
/* graves.c - see graves.h. */
#include "kernel/graves.h"

#include "abi/memory.h"
#include "kernel/frame.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/pt.h"
#include "kernel/sched.h"
#include "kernel/vas.h"

void graves_add(struct vas *vas)
{
	lock_acquire(&global->grave_lock, LOCK_GRAVES);
	vas->next = atomic_load_explicit(&global->graves, memory_order_relaxed);
	atomic_store_explicit(&global->graves, vas, memory_order_relaxed);
	lock_release(&global->grave_lock, LOCK_GRAVES);
}

/* Does another hart have @vas loaded? It is dead, so no hart will load it again. */
static bool loaded_elsewhere(struct vas *vas)
{
	bool loaded = false;

	for (unsigned s = 0; s < global->n_harts; s++) {
		struct hart *hart = global->harts[s];

		/* acquire: pairs with the store of vas_switch, after its fence */
		if (hart != this_hart &&
		    atomic_load_explicit(&hart->vas, memory_order_acquire) == vas) {
			sched_interrupt(hart);
			loaded = true;
		}
	}
	return loaded;
}

/* Take the first address space that can be worked on out of the list. */
static struct vas *take_one(void)
{
	struct vas *vas, *before = NULL;

	lock_acquire(&global->grave_lock, LOCK_GRAVES);
	vas = atomic_load_explicit(&global->graves, memory_order_relaxed);
	while (vas != NULL && loaded_elsewhere(vas)) {
		before = vas;
		vas = vas->next;
	}
	if (vas != NULL && before != NULL)
		before->next = vas->next;
	else if (vas != NULL)
		atomic_store_explicit(&global->graves, vas->next, memory_order_relaxed);
	lock_release(&global->grave_lock, LOCK_GRAVES);
	return vas;
}

/* The areas of the user half, in the order in which they are cleared. */
static const struct {
	uint64_t start, end;
} areas[] = {
	{ PUDU_MEMORY_START, PUDU_MEMORY_END },
	{ PUDU_HANDLES, PUDU_HANDLES_END },
	{ PUDU_MEMORY48_START, PUDU_MEMORY48_END },
};

/* Is nothing mapped but what fill_root put there? The counts of entries tell. */
static bool is_empty(const struct vas *vas)
{
	if (frame_of(phys(vas))->live != 0)
		return false;
	return pt_levels == 3 || frame_of(pte_physical(vas->user[0]))->live == 1;
}

/* One bounded step. Result: true when nothing is left. */
static bool clear_step(struct vas *vas)
{
	struct gathered gathered;

	gathered_init(&gathered);
	for (unsigned i = 0; i < sizeof areas / sizeof *areas && !is_empty(vas); i++) {
		if (vas->cleared >= areas[i].end)
			continue;
		if (vas->cleared < areas[i].start)
			vas->cleared = areas[i].start;

		struct change change = { .to = vas,
					 .start = vas->cleared,
					 .length = areas[i].end - vas->cleared };

		/* No split is needed, so it can't fail; no hart has it loaded, so nothing to shoot.
		 */
		mapping_remove(&change, &gathered);
		vas->cleared += change.done;
		if (change.done != change.length || gathered.n != 0)
			break;
	}
	bool empty = is_empty(vas);

	gathered_release(&gathered);
	return empty;
}

/* What fill_root put there besides the kernel map. */
static void remove_info(struct vas *vas)
{
	if (pt_levels == 4 && pte_is_table(vas->user[0]))
		frame_give(virt(pte_physical(vas->user[0])), frame_of(pte_physical(vas->user[0])));
	vas->user[0] = 0;
}

bool graves_step(void)
{
	if (atomic_load_explicit(&global->graves, memory_order_relaxed) == NULL)
		return false;

	struct vas *vas = take_one();
	if (vas == NULL)
		return false;
	if (atomic_load_explicit(&this_hart->vas, memory_order_relaxed) == vas)
		vas_switch(NULL);
	if (!clear_step(vas)) {
		graves_add(vas);
		return true;
	}
	remove_info(vas);
	vas->flags |= VAS_CLEAR;
	vas_put(vas);
	return atomic_load_explicit(&global->graves, memory_order_relaxed) != NULL;
}
