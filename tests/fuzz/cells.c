/* SPDX-License-Identifier: MIT */
/* cells.c - see fuzz.h: the user half as pages that calls are about, and the gaps between them. */
#include "fuzz.h"

#define BLOCK (512 * PAGE_SIZE)
#define GIB   (1ull << 30)

struct region {
	uint64_t start, pages;
	uint8_t area;
};

/* Around the edges of tables, of blocks, of gigabytes, of the root's entries and of the areas. */
static const struct region regions[] = {
	{ PUDU_MEMORY_START, 700, AREA_LOW },
	{ GIB - 2 * BLOCK, 2048, AREA_LOW },
	{ PUDU_MEMORY_END - 1100 * PAGE_SIZE, 1100, AREA_LOW },
	{ PUDU_HANDLES, 600, AREA_HANDLES },
	{ PUDU_HANDLES_END - 40 * PAGE_SIZE, 40, AREA_HANDLES },
	{ PUDU_MEMORY48_START, 600, AREA_HIGH },
	{ 512 * GIB - BLOCK, 1040, AREA_HIGH },
	{ PUDU_MEMORY48_END - 600 * PAGE_SIZE, 600, AREA_HIGH },
};

#define REGIONS	    (sizeof regions / sizeof regions[0])
#define REGIONS_LOW 5

unsigned cells;
uint64_t cell_at[CELLS_MAX + 1];
uint8_t cell_area[CELLS_MAX];
static unsigned region_first[REGIONS], n_regions;

static uint8_t area_of(uint64_t address)
{
	if (address < PUDU_MEMORY_START)
		return AREA_NEVER;
	if (address < PUDU_MEMORY_END)
		return AREA_LOW;
	if (address < PUDU_HANDLES)
		return AREA_NEVER;
	return address < PUDU_HANDLES_END ? AREA_HANDLES : AREA_HIGH;
}

static void add_cell(uint64_t address)
{
	cell_at[cells] = address;
	cell_area[cells++] = area_of(address);
}

void cells_boot(unsigned levels)
{
	uint64_t at = 0, top = levels == 4 ? PUDU_MEMORY48_END : PUDU_HANDLES_END;

	n_regions = levels == 4 ? REGIONS : REGIONS_LOW;
	cells = 0;
	for (unsigned r = 0; r < n_regions; r++) {
		uint64_t start = regions[r].start;

		if (at < start)
			add_cell(at); /* a gap; no two areas share one */
		region_first[r] = cells;
		for (uint64_t i = 0; i < regions[r].pages; i++)
			add_cell(start + i * PAGE_SIZE);
		at = start + regions[r].pages * PAGE_SIZE;
	}
	must(at == top, "the regions end at the top");
	cell_at[cells] = top;
}

unsigned cell_of(uint64_t address)
{
	unsigned low = 0, high = cells;

	for (unsigned r = 0; r < n_regions; r++)
		if (address - regions[r].start < regions[r].pages * PAGE_SIZE)
			return region_first[r] +
			       (unsigned)((address - regions[r].start) / PAGE_SIZE);
	while (high - low > 1) {
		unsigned middle = (low + high) / 2;

		if (cell_at[middle] <= address)
			low = middle;
		else
			high = middle;
	}
	return low;
}

unsigned region_count(void)
{
	return n_regions;
}

void region_get(unsigned i, unsigned *first, unsigned *n)
{
	*first = region_first[i];
	*n = (unsigned)regions[i].pages;
}
