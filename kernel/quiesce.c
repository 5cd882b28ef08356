/* SPDX-License-Identifier: MIT */
/* quiesce.c - see quiesce.h. */
#include "kernel/quiesce.h"

#include "kernel/frame.h"
#include "kernel/hart.h"
#include "kernel/sched.h"

#define FREES_AT_ONCE 32 /* pages; more than become unreachable in most kernel entries */

/* Free the pages that wait and need not any more; the oldest come first, a few at a time. */
static void free_dead(void)
{
	uint64_t safe = quiesce_safe();

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

void quiesce_note_slowly(void)
{
	quiesce_note_epoch();
	if (this_hart->dead != NULL)
		free_dead();
}

void quiesce_free(void *page)
{
	if (quiesce_add(page, frame_of(phys(page))))
		quiesce_hurry();
}

void quiesce_hurry(void)
{
	uint64_t idle = atomic_load_explicit(&global->idle, memory_order_relaxed);

	for (unsigned s = 0; s < global->n_harts; s++)
		if (global->harts[s] != this_hart && (idle >> s & 1) == 0)
			sched_interrupt(global->harts[s]);
}
