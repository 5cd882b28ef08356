/* SPDX-License-Identifier: MIT */
/* memory.c - see <pudu/memory.h>; and picolibc's sbrk. */
#include <pudu/memory.h>

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include <pudu/calls.h>
#include <pudu/handle.h>

#include "abi/status.h"
#include "internal.h"
#include "ranges.h"

#define MEGAPAGE  0x200000
#define HEAP_STEP 0x10000 /* the heap grows by so much at least, to save calls */

static struct ranges arena = RANGES(arena, PUDU_ARENA_START, PUDU_ARENA_END, PUDU_RECORDS_START,
				    PUDU_RECORDS_START + 0x40000000);

int64_t pudu_map_fresh(uint64_t start, uint64_t length, uint64_t rights)
{
	struct pudu_result result =
		pudu_map(PUDU_OWN_VAS, start, length, 0, 0, rights | PUDU_MAP_FRESH);

	if (result.status != PUDU_OK && result.value != 0)
		pudu_unmap(PUDU_OWN_VAS, start, result.value);
	return result.status;
}

uint64_t pudu_pages_left(void)
{
	struct pudu_results budget = pudu_vas_budget(PUDU_OWN_VAS, PUDU_BUDGET_KEEP);

	return budget.value[0] - budget.value[1];
}

uint64_t pudu_addresses_take(size_t bytes, size_t alignment)
{
	if (bytes == 0 || bytes > PUDU_ARENA_END - PUDU_ARENA_START)
		return 0;
	return ranges_take(&arena, PUDU_PAGES(bytes), alignment);
}

void pudu_addresses_give(uint64_t start, size_t bytes)
{
	ranges_give(&arena, start, PUDU_PAGES(bytes));
}

void *pudu_pages_take(size_t bytes)
{
	uint64_t start;

	if (bytes == 0) {
		errno = EINVAL;
		return NULL;
	}
	start = pudu_addresses_take(bytes, bytes >= MEGAPAGE ? MEGAPAGE : PUDU_PAGE_SIZE);
	if (start == 0) {
		errno = ENOMEM;
		return NULL;
	}
	if (pudu_map_fresh(start, PUDU_PAGES(bytes), PUDU_R | PUDU_W) != PUDU_OK) {
		pudu_addresses_give(start, bytes);
		errno = ENOMEM;
		return NULL;
	}
	return (void *)start;
}

void pudu_pages_give(void *start, size_t bytes)
{
	if (start == NULL)
		return;
	pudu_unmap(PUDU_OWN_VAS, (uint64_t)start, PUDU_PAGES(bytes));
	pudu_addresses_give((uint64_t)start, bytes);
}

/* Map the heap up to `end` at least. Result: 1 if it is. */
static int heap_grow(uint64_t *mapped, uint64_t end)
{
	uint64_t exact = PUDU_PAGES(end), generous = *mapped + HEAP_STEP;

	if (generous > exact && generous <= PUDU_HEAP_END &&
	    pudu_map_fresh(*mapped, HEAP_STEP, PUDU_R | PUDU_W) == PUDU_OK)
		*mapped = generous;
	else if (pudu_map_fresh(*mapped, exact - *mapped, PUDU_R | PUDU_W) == PUDU_OK)
		*mapped = exact;
	else
		return 0;
	return 1;
}

/* Move the end of the heap by `change` bytes. Result: where it was; (void *)-1 and ENOMEM. */
void *sbrk(ptrdiff_t change)
{
	static struct pudu_mutex lock = PUDU_MUTEX;
	static uint64_t end = PUDU_HEAP_START, mapped = PUDU_HEAP_START;
	void *old = (void *)-1;
	int fits;

	pudu_mutex_lock(&lock);
	if (change < 0)
		fits = 0 - (uint64_t)change <= end - PUDU_HEAP_START;
	else
		fits = (uint64_t)change <= PUDU_HEAP_END - end;
	if (fits &&
	    (end + (uint64_t)change <= mapped || heap_grow(&mapped, end + (uint64_t)change))) {
		old = (void *)end;
		end += (uint64_t)change;
	} else {
		errno = ENOMEM;
	}
	pudu_mutex_unlock(&lock);
	return old;
}
