/* SPDX-License-Identifier: MIT */
/*
 * harts.c - a hello from every hart, while all of them run.
 *
 * As many threads as harts spin, without a system call, until all are there; then they take turns,
 * and each finds out which hart it runs on while the others go on spinning. No call tells that, but
 * the info page counts free frames hart by hart: mapping a page changes the count of the hart that
 * does it.
 */
#include "demo.h"

#include <stdatomic.h>
#include <stdio.h>

#include <pudu/memory.h>
#include <pudu/start.h>
#include <pudu/thread.h>

#include "table.h"

#define UNKNOWN		PUDU_MAX_HARTS

static _Atomic unsigned arrived, turn;
static unsigned n_harts, seen[PUDU_MAX_HARTS + 1];

/* The hart that the caller runs on, as its index in the info page; UNKNOWN if that is not clear. */
static unsigned hart_find(void)
{
	int64_t before[PUDU_MAX_HARTS];
	unsigned found = UNKNOWN, changed = 0;
	void *page;

	for (unsigned hart = 0; hart < n_harts; hart++)
		before[hart] = pudu_info()->free[hart].frames;
	page = pudu_pages_take(PUDU_PAGE_SIZE);
	for (unsigned hart = 0; hart < n_harts; hart++)
		if (pudu_info()->free[hart].frames != before[hart]) {
			found = hart;
			changed++;
		}
	pudu_pages_give(page, PUDU_PAGE_SIZE);
	return changed == 1 ? found : UNKNOWN;
}

static int64_t say_hello(void *argument)
{
	unsigned index = (unsigned)(uintptr_t)argument, hart;

	atomic_fetch_add(&arrived, 1);
	while (atomic_load(&arrived) < n_harts || atomic_load(&turn) < index)
		continue;
	hart = hart_find();
	seen[hart]++;
	if (hart != UNKNOWN)
		printf("  hello from hart %u (SBI hart id %llu), executor %u\n", hart,
		       (unsigned long long)pudu_info()->hart_id[hart], index);
	else
		printf("  hello from some hart, executor %u\n", index);
	atomic_fetch_add(&turn, 1);
	while (atomic_load(&turn) < n_harts)
		continue;
	return 0;
}

static unsigned count_seen(void)
{
	unsigned count = 0;

	for (unsigned hart = 0; hart < n_harts; hart++)
		count += seen[hart] != 0;
	return count;
}

void demo_harts(void)
{
	struct pudu_thread *threads[PUDU_MAX_HARTS];
	unsigned made = 0;

	n_harts = (unsigned)pudu_info()->harts;
	while (made < n_harts && pudu_thread_prepare(&threads[made], say_hello,
						     (void *)(uintptr_t)made,
						     PUDU_THREAD_STACK) == PUDU_OK)
		made++;
	n_harts = made;
	for (unsigned i = 0; i < made; i++)
		pudu_thread_start(threads[i]);
	for (unsigned i = 0; i < made; i++)
		pudu_thread_join(threads[i], NULL);
	table_set(ROW_HARTS, count_seen() == pudu_info()->harts ? ROW_DONE : ROW_FAILED,
		  "%u of %llu ran at the same time", count_seen(),
		  (unsigned long long)pudu_info()->harts);
}
