/* SPDX-License-Identifier: MIT */
/* quiesce.c - see quiesce.h. */
#include "kernel/quiesce.h"

#include "kernel/frame.h"
#include "kernel/hart.h"
#include "kernel/sched.h"

#define FREES_AT_ONCE 32 /* pages; more than become unreachable in most kernel entries */

/* The epoch up to which every hart has been outside the kernel. */
static uint64_t epoch_of_all(void)
{
	/* What was unmapped before is unmapped for every hart that we find idle; pairs with the
	 * full fence that follows the setting of its bit. */
	atomic_thread_fence(memory_order_seq_cst);
	uint64_t idle = atomic_load_explicit(&global->idle, memory_order_acquire);
	uint64_t least = ~0ull;

	for (unsigned s = 0; s < global->n_harts; s++) {
		/* acquire: pairs with the release in quiesce_note */
		uint64_t epoch =
			atomic_load_explicit(&global->harts[s]->epoch, memory_order_acquire);

		if ((idle >> s & 1) == 0 && epoch < least)
			least = epoch;
	}
	return least;
}

/* Free the pages that wait and need not any more; the oldest come first, a few at a time. */
static void free_dead(void)
{
	uint64_t safe = epoch_of_all();

	for (unsigned i = 0; i < FREES_AT_ONCE && this_hart->dead != NULL; i++) {
		struct executor *page = this_hart->dead;
		struct frame *frame = frame_of(phys(page));

		if (frame->owner > safe)
			return;
		this_hart->dead = page->next;
		this_hart->n_dead--;
		frame_give(page, frame);
	}
}

void quiesce_note(void)
{
	uint64_t epoch = atomic_load_explicit(&global->epoch, memory_order_acquire);

	/* release: our uses of what handles named are over. */
	if (atomic_load_explicit(&this_hart->epoch, memory_order_relaxed) != epoch)
		atomic_store_explicit(&this_hart->epoch, epoch, memory_order_release);
	if (this_hart->dead != NULL)
		free_dead();
}

void quiesce_free(void *page)
{
	struct executor *link = page;

	/* Harts that note the epoch after this have seen that nothing names the page. */
	frame_of(phys(page))->owner = atomic_fetch_add(&global->epoch, 1) + 1;
	link->next = NULL;
	if (this_hart->dead == NULL)
		this_hart->dead = link;
	else
		this_hart->dead_last->next = link;
	this_hart->dead_last = link;
	if (++this_hart->n_dead >= QUIESCE_MANY && this_hart->n_dead % QUIESCE_MANY == 0)
		quiesce_hurry();
}

void quiesce_hurry(void)
{
	uint64_t idle = atomic_load_explicit(&global->idle, memory_order_relaxed);

	for (unsigned s = 0; s < global->n_harts; s++)
		if (global->harts[s] != this_hart && (idle >> s & 1) == 0)
			sched_interrupt(global->harts[s]);
}
