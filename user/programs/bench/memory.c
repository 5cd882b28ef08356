/* SPDX-License-Identifier: MIT */
/* memory.c - what mapping fresh memory costs, a page at a time and in bulk. */
#include "bench.h"

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/memory.h>

#include "abi/status.h"

#define MEGAPAGE   0x200000
#define BULK	   0x4000000 /* 64 MiB */
#define BULK_PAGES (BULK / PUDU_PAGE_SIZE)

static void bench_page(uint64_t start, const char *name)
{
	BENCH_MEASURE(pudu_map(PUDU_OWN_VAS, start, PUDU_PAGE_SIZE, 0, 0,
			       PUDU_R | PUDU_W | PUDU_MAP_FRESH);
		      *(volatile char *)start = 1; pudu_unmap(PUDU_OWN_VAS, start, PUDU_PAGE_SIZE));
	bench_print(name);
}

/* A page beside another one, as in a heap; and one that is alone, whose tables come and go with it.
 */
static void bench_pages(uint64_t start)
{
	pudu_map(PUDU_OWN_VAS, start + PUDU_PAGE_SIZE, PUDU_PAGE_SIZE, 0, 0,
		 PUDU_R | PUDU_W | PUDU_MAP_FRESH);
	bench_page(start, "map_touch_unmap_4k");
	pudu_unmap(PUDU_OWN_VAS, start + PUDU_PAGE_SIZE, PUDU_PAGE_SIZE);
	bench_page(start, "map_touch_unmap_4k_alone");
}

/* Map 64 MiB at start and unmap it: instructions for each 4 KiB, once, without a median. */
static void bench_bulk(uint64_t start, const char *map_name, const char *unmap_name)
{
	uint64_t begun = bench_instructions(), mapped, unmapped;
	struct pudu_result result =
		pudu_map(PUDU_OWN_VAS, start, BULK, 0, 0, PUDU_R | PUDU_W | PUDU_MAP_FRESH);

	mapped = bench_instructions();
	pudu_unmap(PUDU_OWN_VAS, start, BULK);
	unmapped = bench_instructions();
	if (result.status != PUDU_OK) {
		bench_fail(map_name, "there are no 64 MiB of free memory");
		return;
	}
	bench_print_value(map_name, (mapped - begun) / BULK_PAGES, "instructions");
	bench_print_value(unmap_name, (unmapped - mapped) / BULK_PAGES, "instructions");
}

/* One leaf of 2 MiB: what zeroing each of its pages costs in all, and what the end of it does. */
static void bench_large(uint64_t start)
{
	struct pudu_results answer;

	pudu_map(PUDU_OWN_VAS, start, MEGAPAGE, 0, 0, PUDU_R | PUDU_W | PUDU_MAP_FRESH);
	answer = pudu_query(PUDU_OWN_VAS, start);
	pudu_unmap(PUDU_OWN_VAS, start, MEGAPAGE);
	if (PUDU_LEVEL(answer.value[0]) != 1) {
		bench_fail("map_2m_per_page", "the leaf is not large");
		return;
	}
	BENCH_MEASURE_BETWEEN(
		(void)0,
		pudu_map(PUDU_OWN_VAS, start, MEGAPAGE, 0, 0, PUDU_R | PUDU_W | PUDU_MAP_FRESH),
		pudu_unmap(PUDU_OWN_VAS, start, MEGAPAGE));
	bench_print_per_page("map_2m_per_page", MEGAPAGE / PUDU_PAGE_SIZE);
	BENCH_MEASURE_BETWEEN(
		pudu_map(PUDU_OWN_VAS, start, MEGAPAGE, 0, 0, PUDU_R | PUDU_W | PUDU_MAP_FRESH),
		pudu_unmap(PUDU_OWN_VAS, start, MEGAPAGE), (void)0);
	bench_print("unmap_2m");
}

void bench_memory(void)
{
	uint64_t area = pudu_addresses_take(2 * BULK, MEGAPAGE);

	if (area == 0) {
		bench_fail("map_touch_unmap_4k", "no addresses are free");
		return;
	}
	bench_pages(area);
	bench_large(area);
	/* No large leaf fits a page off; then where every one does. */
	bench_bulk(area + PUDU_PAGE_SIZE, "map_64m_per_page", "unmap_64m_per_page");
	bench_bulk(area, "map_64m_aligned_per_page", "unmap_64m_aligned_per_page");
	pudu_addresses_give(area, 2 * BULK);
}
