/* SPDX-License-Identifier: MIT */
/*
 * harts.c - a hello from every hart, while all of them run.
 *
 * As many threads as harts spin, without a system call, until all are there; then they take turns,
 * and each finds out which hart it runs on while the others go on spinning. No call tells that, but
 * the info page counts free frames hart by hart: mapping a page changes the count of the hart that
 * does it. It ends with a round in which every thread was on another hart; a hart that is slow
 * to wake can make it take more than one.
 */
#include "demo.h"

#include <stdatomic.h>
#include <stdio.h>

#include <pudu/memory.h>
#include <pudu/start.h>
#include <pudu/thread.h>

#include "table.h"

#define UNKNOWN	   PUDU_MAX_HARTS
#define ROUNDS_MAX 100

static _Atomic unsigned arrived, turn, over; /* turn: counts, round by round */
static unsigned n_harts, best;		     /* best: most harts in one round */
static int greeted[PUDU_MAX_HARTS];
static void **pages; /* taken; each points to the one before */

/*
 * The hart that the caller runs on, as its index in the info page; UNKNOWN if that is not clear.
 * The page is kept: to unmap it now would mean to wait for every other hart.
 */
static unsigned hart_find(void)
{
	int64_t before[PUDU_MAX_HARTS];
	unsigned found = UNKNOWN, changed = 0;
	void **page;

	for (unsigned hart = 0; hart < n_harts; hart++)
		before[hart] = pudu_info()->free[hart].frames;
	page = pudu_pages_take(PUDU_PAGE_SIZE);
	for (unsigned hart = 0; hart < n_harts; hart++)
		if (pudu_info()->free[hart].frames != before[hart]) {
			found = hart;
			changed++;
		}
	if (page != NULL) {
		*page = pages;
		pages = page;
	}
	return changed == 1 ? found : UNKNOWN;
}

/* The turn of one thread: say hello if its hart has not yet, and count the harts of the round. */
static void take_turn(unsigned index)
{
	static uint32_t round_harts; /* a bit for each; written by whose turn it is */
	unsigned hart = hart_find(), count;

	if (index == 0)
		round_harts = 0;
	if (hart != UNKNOWN)
		round_harts |= 1u << hart;
	if (hart != UNKNOWN && !greeted[hart]) {
		greeted[hart] = 1;
		printf("  hello from hart %u (SBI hart id %llu), executor %u\n", hart,
		       (unsigned long long)pudu_info()->hart_id[hart], index);
	}
	count = (unsigned)__builtin_popcount(round_harts);
	if (count > best)
		best = count;
	if (count == n_harts || turn + 1 == ROUNDS_MAX * n_harts)
		over = 1;
	atomic_fetch_add(&turn, 1);
}

static int64_t say_hello(void *argument)
{
	unsigned index = (unsigned)(uintptr_t)argument;

	atomic_fetch_add(&arrived, 1);
	while (atomic_load(&arrived) < n_harts)
		continue;
	while (!atomic_load(&over))
		if (atomic_load(&turn) % n_harts == index)
			take_turn(index);
	return 0;
}

void demo_harts(void)
{
	struct pudu_thread *threads[PUDU_MAX_HARTS];
	unsigned made = 0;

	n_harts = (unsigned)pudu_info()->harts;
	while (made < n_harts &&
	       pudu_thread_prepare(&threads[made], say_hello, (void *)(uintptr_t)made,
				   PUDU_THREAD_STACK) == PUDU_OK)
		made++;
	n_harts = made;
	for (unsigned i = 0; i < made; i++)
		pudu_thread_start(threads[i]);
	for (unsigned i = 0; i < made; i++)
		pudu_thread_join(threads[i], NULL);
	while (pages != NULL) {
		void **page = pages;

		pages = *page;
		pudu_pages_give(page, PUDU_PAGE_SIZE);
	}
	table_set(ROW_HARTS, best == pudu_info()->harts ? ROW_DONE : ROW_FAILED,
		  "%u of %llu ran at the same time", best, (unsigned long long)pudu_info()->harts);
}
