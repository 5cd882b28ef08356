/* SPDX-License-Identifier: MIT */
/* lazy_wide.c - lazy ranges of every size, at every level of the tables, and what query tells. */
#include "pages.h"

#define GIB	     (1ull << 30)
#define TIB	     (1ull << 40)
#define UNTOUCHED    (MEMORY | RW | PUDU_LAZY)
#define ROOT_SPAN    (512 * GIB)
#define TABLES_A_MAP 3 /* below the root of Sv48, at most, for one edge */

/* An edge on a page has a table of each level below the root. */
static uint64_t tables_of_edge(void)
{
	return pudu_info()->levels - 1;
}

static struct pudu_result lazy(uint64_t vas, uint64_t start, uint64_t length)
{
	return pudu_map(vas, start, length, 0, 0, RW | LAZY);
}

static uint64_t look_at(uint64_t vas, uint64_t address)
{
	return check_query(vas, address, NULL) &
	       (0xff00 | PUDU_R | PUDU_W | PUDU_X | PUDU_COPY | PUDU_LAZY);
}

/* Bytes from start on that query tells the same of, by steps. */
static uint64_t run_of(uint64_t vas, uint64_t start, uint64_t end)
{
	uint64_t what = look_at(vas, start), at = start, length;

	while (at < end && look_at(vas, at) == what) {
		check_query(vas, at, &length);
		if (!CHECK(length != 0 && length % PUDU_PAGE_SIZE == 0))
			break;
		at += length;
	}
	return (at < end ? at : end) - start;
}

static void whole_gigabytes_take_no_table(void)
{
	uint64_t used;

	pages_child(64);
	used = pages_used(CHILD);
	CHECK_OK(lazy(CHILD, TEST_MEMORY, 64 * GIB));
	/* One table under Sv48, for the 512 GiB that it is in, if it is not there for the code. */
	CHECK_EQUAL(pages_used(CHILD), used);
	CHECK_EQUAL(look_at(CHILD, TEST_MEMORY), UNTOUCHED);
	CHECK_EQUAL(look_at(CHILD, TEST_MEMORY + 64 * GIB - PUDU_PAGE_SIZE), UNTOUCHED);
	CHECK_EQUAL(run_of(CHILD, TEST_MEMORY, TEST_MEMORY + 65 * GIB), 64 * GIB);
	CHECK_OK(pudu_unmap(CHILD, TEST_MEMORY, 64 * GIB));
	CHECK_EQUAL(pages_used(CHILD), used);
	CHECK_EQUAL(look_at(CHILD, TEST_MEMORY), 0);
	pages_child_end();
}

/* The longest that Sv39 has in one piece, at odd places. */
static void a_hundred_gigabytes_cost_the_edges(void)
{
	uint64_t start = TEST_MEMORY - 64 * GIB - PUDU_PAGE_SIZE, used;
	uint64_t length = 128 * GIB - PUDU_PAGE_SIZE;

	pages_child(64);
	used = pages_used(CHILD);
	CHECK_OK(lazy(CHILD, start, length));
	CHECK(pages_used(CHILD) - used <= 2 * 2);
	CHECK_EQUAL(look_at(CHILD, start - PUDU_PAGE_SIZE), 0);
	CHECK_EQUAL(look_at(CHILD, start), UNTOUCHED);
	CHECK_EQUAL(look_at(CHILD, start + length - PUDU_PAGE_SIZE), UNTOUCHED);
	CHECK_EQUAL(look_at(CHILD, start + length), 0);
	CHECK_EQUAL(run_of(CHILD, start, start + 2 * length), length);
	CHECK_EQUAL(touch(CHILD, TOUCH_ADD, start, 1), 0);
	CHECK_EQUAL(touch(CHILD, TOUCH_ADD, start, 1), 1);
	CHECK_EQUAL(touch(CHILD, TOUCH_ADD, start + length - PUDU_PAGE_SIZE, 1), 0);
	CHECK_EQUAL(touch(CHILD, TOUCH_ADD, start + length / 2, 1), 0);
	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, start + length, 0), LOAD_FAULT);
	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, start - PUDU_PAGE_SIZE, 0), LOAD_FAULT);
	CHECK_OK(pudu_unmap(CHILD, start, length));
	CHECK_EQUAL(pages_used(CHILD), used);
	pages_child_end();
}

static void a_terabyte_costs_a_page_or_two(void)
{
	uint64_t start = PUDU_MEMORY48_START, free = check_frames(), odd;

	if (pudu_info()->levels == 3) {
		EXPECT(lazy(OWN, start, TIB), PUDU_ERR_ADDRESS);
		return;
	}
	/* On 512 GiB at both ends: entries of the root. */
	CHECK_OK(lazy(OWN, ROOT_SPAN, TIB));
	CHECK_EQUAL(check_frames(), free);
	CHECK_EQUAL(look_at(OWN, ROOT_SPAN + TIB - PUDU_PAGE_SIZE), UNTOUCHED);
	CHECK_EQUAL(run_of(OWN, ROOT_SPAN, ROOT_SPAN + 2 * TIB), TIB);
	*(volatile uint64_t *)(ROOT_SPAN + TIB / 2 + 8) = 5;
	CHECK_EQUAL(pudu_free_frames(), free - 1 - tables_of_edge());
	CHECK_OK(pudu_unmap(OWN, ROOT_SPAN, TIB));
	CHECK_EQUAL(check_frames(), free);
	/* From the first address of Sv48 on: one table at the far edge. */
	CHECK_OK(lazy(OWN, start, TIB));
	CHECK(free - check_frames() <= 2);
	*(volatile uint64_t *)(start + TIB - 8) = 5;
	CHECK_EQUAL(*(volatile uint64_t *)(start + TIB - 16), 0);
	CHECK_OK(pudu_unmap(OWN, start, TIB));
	/* Everything but the first and the last page. */
	odd = PUDU_MEMORY48_END - start - 2 * PUDU_PAGE_SIZE;
	CHECK_OK(lazy(OWN, start + PUDU_PAGE_SIZE, odd));
	CHECK(free - check_frames() <= 2 * TABLES_A_MAP);
	*(volatile uint64_t *)(PUDU_MEMORY48_END - PUDU_PAGE_SIZE - 8) = 5;
	*(volatile uint64_t *)(start + PUDU_PAGE_SIZE) = 5;
	CHECK_EQUAL(look_at(OWN, PUDU_MEMORY48_END - PUDU_PAGE_SIZE), 0);
	CHECK_EQUAL(look_at(OWN, start), 0);
	CHECK_OK(pudu_unmap(OWN, start, PUDU_MEMORY48_END - start));
}

/* First and last page of what an entry of each level covers: each touch takes its tables once. */
static void a_touch_at_every_edge_takes_its_tables(void)
{
	/* Pages, and what the touch takes: with tables for 1 GiB and for 2 MiB, or for 2 MiB. */
	static const struct {
		uint64_t page, frames;
	} row[] = {
		{ 0, 3 },	    { 1, 1 },
		{ MEGA - 1, 1 },    { MEGA, 2 },
		{ GIGA - 1, 2 },    { GIGA - 2, 1 },
		{ GIGA, 3 },	    { 2 * GIGA - 1, 2 },
		{ 2 * GIGA, 3 },    { 3 * GIGA - 1, 2 },
		{ GIGA + MEGA, 2 }, { GIGA + MEGA - 1, 1 },
	};
	uint64_t free;

	CHECK_OK(fill(OWN, 0, 3 * GIGA, RW | LAZY));
	free = check_frames();
	for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++) {
		CHECK_EQUAL(look(OWN, row[i].page), UNTOUCHED);
		CHECK_EQUAL(*word(row[i].page), 0);
		free -= row[i].frames;
		CHECK_EQUAL(pudu_free_frames(), free);
		*word(row[i].page) = row[i].page + 1;
	}
	for (unsigned i = 0; i < sizeof row / sizeof row[0]; i++)
		CHECK_EQUAL(*word(row[i].page), row[i].page + 1);
	CHECK_EQUAL(look(OWN, 2), UNTOUCHED);
	CHECK_EQUAL(look(OWN, 3 * GIGA - 2), UNTOUCHED);
	CHECK_EQUAL(look(OWN, 2 * GIGA - 2), UNTOUCHED);
	CHECK_EQUAL(look(OWN, 3 * GIGA), 0);
	CHECK_OK(clear(0, 3 * GIGA));
}

/* A page out of the middle of a large lazy entry: the rest stays, and comes with its own rights. */
static void a_large_entry_is_split(void)
{
	CHECK_OK(fill(OWN, 0, 2 * GIGA, RW | LAZY));
	CHECK_DONE(clear(GIGA / 2, 1), PUDU_OK, 1);
	CHECK_DONE(protect(GIGA + MEGA + 3, 2, PUDU_R), PUDU_OK, 2);
	CHECK_DONE(fill(OWN, GIGA + 2 * MEGA, 1, RW | FRESH | REPLACE), PUDU_OK, 1);
	CHECK_EQUAL(run_of(OWN, TEST_PAGE(0), TEST_PAGE(GIGA)), PAGES(GIGA / 2));
	CHECK_EQUAL(look(OWN, GIGA / 2), 0);
	CHECK_EQUAL(run_of(OWN, TEST_PAGE(GIGA / 2 + 1), TEST_PAGE(2 * GIGA)),
		    PAGES(GIGA / 2 - 1 + MEGA + 3));
	CHECK_EQUAL(look(OWN, GIGA + MEGA + 4), MEMORY | PUDU_R | PUDU_LAZY);
	CHECK_EQUAL(run_of(OWN, TEST_PAGE(GIGA + MEGA + 3), TEST_PAGE(2 * GIGA)), PAGES(2));
	CHECK_EQUAL(run_of(OWN, TEST_PAGE(GIGA + MEGA + 5), TEST_PAGE(2 * GIGA)), PAGES(MEGA - 5));
	CHECK_EQUAL(look(OWN, GIGA + 2 * MEGA), MEMORY | RW);
	CHECK_EQUAL(run_of(OWN, TEST_PAGE(GIGA + 2 * MEGA + 1), TEST_PAGE(2 * GIGA)),
		    PAGES(GIGA - 2 * MEGA - 1));
	CHECK_OK(clear(0, 2 * GIGA));
}

/* A large lazy entry that moves, is copied, and is replaced as a whole. */
static void large_entries_are_moved_and_copied(void)
{
	uint64_t free = check_frames();

	CHECK_OK(fill(OWN, 0, GIGA, RW | LAZY));
	CHECK_DONE(again(2 * GIGA, GIGA, 0, RW | MOVE), PUDU_OK, GIGA);
	CHECK_EQUAL(look(OWN, 0), 0);
	CHECK_EQUAL(look(OWN, 3 * GIGA - 1), UNTOUCHED);
	CHECK_DONE(again(0, GIGA, 2 * GIGA, RW | COW), PUDU_OK, GIGA);
	CHECK_EQUAL(look(OWN, GIGA - 1), UNTOUCHED);
	CHECK_EQUAL(look(OWN, 2 * GIGA), UNTOUCHED);
	CHECK(free - check_frames() <= 2 * tables_of_edge());
	*word(5) = 6;
	CHECK_EQUAL(*word(2 * GIGA + 5), 0);
	CHECK_DONE(fill(OWN, 0, GIGA, PUDU_R | LAZY | REPLACE), PUDU_OK, GIGA);
	CHECK_EQUAL(look(OWN, 5), MEMORY | PUDU_R | PUDU_LAZY);
	CHECK_EQUAL(*word(5), 0);
	CHECK_OK(clear(0, GIGA));
	CHECK_OK(clear(2 * GIGA, GIGA));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(whole_gigabytes_take_no_table),  CASE(a_hundred_gigabytes_cost_the_edges),
		CASE(a_terabyte_costs_a_page_or_two), CASE(a_touch_at_every_edge_takes_its_tables),
		CASE(a_large_entry_is_split),	      CASE(large_entries_are_moved_and_copied),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
