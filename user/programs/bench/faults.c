/* SPDX-License-Identifier: MIT */
/* faults.c - what the first touch of a page costs, where the kernel settles it. */
#include "bench.h"

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/memory.h>

#include "abi/status.h"

#define ROUNDS	 (BENCH_SAMPLES + BENCH_WARM_UP)
#define AREA	 ((uint64_t)ROUNDS * PUDU_PAGE_SIZE)
#define MEGAPAGE 0x200000
#define ANY_MAP	 (PUDU_R | PUDU_W)

/* Store to the next page. */
static inline void store(uint64_t *at)
{
	*(volatile char *)*at = 1;
	*at += PUDU_PAGE_SIZE;
}

/* The first store copies; the store to what it was copied from finds that nobody else has it. */
static void bench_cow(uint64_t source, uint64_t copy)
{
	uint64_t at = copy;

	if (pudu_map(PUDU_OWN_VAS, source, AREA, 0, 0, ANY_MAP | PUDU_MAP_FRESH).status !=
		    PUDU_OK ||
	    pudu_map(PUDU_OWN_VAS, copy, AREA, PUDU_OWN_VAS, source, ANY_MAP | PUDU_MAP_COW)
			    .status != PUDU_OK) {
		bench_fail("cow_fault", "no memory");
	} else {
		BENCH_MEASURE(store(&at));
		bench_print("cow_fault");
		at = source;
		BENCH_MEASURE(store(&at));
		bench_print("cow_upgrade");
	}
	pudu_unmap(PUDU_OWN_VAS, source, AREA);
	pudu_unmap(PUDU_OWN_VAS, copy, AREA);
}

static void bench_lazy(uint64_t start)
{
	uint64_t at = start;

	if (pudu_map(PUDU_OWN_VAS, start, AREA, 0, 0, ANY_MAP | PUDU_MAP_LAZY).status != PUDU_OK) {
		bench_fail("lazy_fault", "no memory");
		return;
	}
	BENCH_MEASURE(store(&at));
	bench_print("lazy_fault");
	pudu_unmap(PUDU_OWN_VAS, start, AREA);
}

void bench_faults(void)
{
	/* A page off, so that no large leaf is in the way. */
	uint64_t size = 2 * (AREA + MEGAPAGE), area = pudu_addresses_take(size, MEGAPAGE);

	if (area == 0) {
		bench_fail("cow_fault", "no addresses are free");
		return;
	}
	bench_cow(area + PUDU_PAGE_SIZE, area + size / 2 + PUDU_PAGE_SIZE);
	bench_lazy(area + PUDU_PAGE_SIZE);
	pudu_addresses_give(area, size);
}
