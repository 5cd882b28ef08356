/* SPDX-License-Identifier: MIT */
/*
 * quiesce.h - free an object's page only when no hart can still be looking at it.
 *
 * A handle is followed without a lock, so a page that nothing names any more may still be in use
 * by a kernel entry that began before. Each hart notes the global epoch where it knows that it
 * was outside the kernel a moment ago: on a slow system call, an interrupt from user mode, and
 * before it idles. A page that became unreachable in epoch E is free once every hart has noted a
 * later one or is idle. (Quiescent-state-based reclamation: McKenney and Slingwine, PDCS 1998.)
 */
#ifndef KERNEL_QUIESCE_H
#define KERNEL_QUIESCE_H

#include "kernel/hart.h"

#define QUIESCE_FEW  8	/* pages of a hart that short ways leave waiting */
#define QUIESCE_MANY 16 /* pages of a hart that wait before the others are hurried */

/*
 * quiesce_safe - the epoch up to which every hart has been outside the kernel: pages that became
 * unreachable until then are free.
 */
static inline uint64_t quiesce_safe(void)
{
	/* What was unmapped before is unmapped for every hart that we find idle; pairs with the
	 * full fence that follows the setting of its bit. */
	atomic_thread_fence(memory_order_seq_cst);
	uint64_t idle = atomic_load_explicit(&global->idle, memory_order_acquire);
	uint64_t least = ~0ull;

	for (unsigned s = 0; s < global->n_harts; s++) {
		/* acquire: pairs with the release in quiesce_note_epoch */
		uint64_t epoch =
			atomic_load_explicit(&global->harts[s]->epoch, memory_order_acquire);

		if ((idle >> s & 1) == 0 && epoch < least)
			least = epoch;
	}
	return least;
}

/* quiesce_note_epoch - this hart holds nothing that it found through a handle. */
static inline void quiesce_note_epoch(void)
{
	/* acquire: pairs with quiesce_add */
	uint64_t epoch = atomic_load_explicit(&global->epoch, memory_order_acquire);

	/* release: our uses of what handles named are over. */
	if (atomic_load_explicit(&this_hart->epoch, memory_order_relaxed) != epoch)
		atomic_store_explicit(&this_hart->epoch, epoch, memory_order_release);
}

/* quiesce_note_slowly - quiesce_note, where there is something to do. */
void quiesce_note_slowly(void);

/*
 * quiesce_note - this hart holds nothing that it found through a handle; frees what can be freed
 * now.
 */
static inline void quiesce_note(void)
{
	/* acquire: as in quiesce_note_epoch */
	uint64_t epoch = atomic_load_explicit(&global->epoch, memory_order_acquire);

	if (atomic_load_explicit(&this_hart->epoch, memory_order_relaxed) != epoch ||
	    this_hart->dead != NULL)
		quiesce_note_slowly();
}

/*
 * quiesce_free - give the object page @page back after a grace period. Nothing names it any more,
 * and no hart has a translation to it. The page keeps its contents until then. @page: of any
 * kind; its word at 0x100 (struct executor: next; in a root table a user entry, 0 by now) is used
 * as the link.
 */
void quiesce_free(void *page);

/* quiesce_add - the same for the page whose frame is @frame, but if true is the result, the caller
 * calls quiesce_hurry. */
static inline bool quiesce_add(void *page, struct frame *frame)
{
	struct executor *link = page;

	/* Harts that note the epoch after this have seen that nothing names the page. */
	frame->owner = atomic_fetch_add(&global->epoch, 1) + 1;
	link->next = NULL;
	if (this_hart->dead == NULL)
		this_hart->dead = link;
	else
		this_hart->dead_last->next = link;
	this_hart->dead_last = link;
	return ++this_hart->n_dead % QUIESCE_MANY == 0;
}

/* quiesce_hurry - dead objects should not wait: make the other harts that are busy note the epoch
 * soon. */
void quiesce_hurry(void);

#endif
