/* SPDX-License-Identifier: MIT */
/*
 * cow_more.c - copy-on-write of lazy pages and large leaves, by stores of the kernel, when the
 * budget is used up, and from many harts at once.
 *
 *	cow_more [rounds=N]
 */
#include <stdatomic.h>
#include <string.h>

#include "pages.h"

static void a_copy_of_lazy_pages_is_lazy(void)
{
	uint64_t free;

	CHECK_OK(fill(OWN, 0, 100, RW | LAZY));
	*word(50) = 5;
	free = check_frames();
	CHECK_DONE(again(200, 100, 0, RW | COW), PUDU_OK, 100);
	CHECK_EQUAL(check_frames(), free);
	CHECK_EQUAL(look(OWN, 200), MEMORY | RW | PUDU_LAZY);
	CHECK_EQUAL(look(OWN, 0) & PUDU_LAZY, PUDU_LAZY);
	CHECK_EQUAL(look(OWN, 250), MEMORY | RW | PUDU_COPY);
	*word(0) = 1;
	CHECK_EQUAL(*word(200), 0);
	*word(201) = 2;
	CHECK_EQUAL(*word(1), 0);
	*word(250) = 6;
	CHECK_EQUAL(*word(50), 5);
	CHECK_OK(clear(0, 100));
	CHECK_EQUAL(*word(250), 6);
	CHECK_OK(clear(200, 100));
}

/* At the same place in a 2 MiB block, and a page off; each side writes here and there. */
static void a_large_leaf_is_copied_by_pages(void)
{
	static const uint64_t places[] = { 3 * MEGA, 5 * MEGA + 1 };

	for (unsigned i = 0; i < 2; i++) {
		uint64_t copy = places[i], free;

		CHECK_OK(fill(OWN, MEGA, MEGA, RW | FRESH));
		CHECK_EQUAL(level(OWN, MEGA), 1);
		write_pages(MEGA, MEGA, 1000);
		CHECK_DONE(again(copy, MEGA, MEGA, RW | COW), PUDU_OK, MEGA);
		check_pages(copy, MEGA, 1000);
		free = check_frames();
		*word(copy + 5) = 1;
		*word(copy + 511) = 2;
		*word(MEGA + 77) = 3;
		CHECK(pudu_free_frames() <= free - 3);
		check_pages(MEGA, 77, 1000);
		CHECK_EQUAL(*word(MEGA + 77), 3);
		check_pages(MEGA + 78, MEGA - 78, 1078);
		check_pages(copy, 5, 1000);
		check_pages(copy + 6, MEGA - 7, 1006);
		CHECK_EQUAL(*word(copy + 5), 1);
		CHECK_EQUAL(*word(copy + 511), 2);
		CHECK_OK(clear(MEGA, MEGA));
		check_pages(copy + 6, MEGA - 7, 1006);
		write_pages(copy, MEGA, 5000);
		check_pages(copy, MEGA, 5000);
		CHECK_OK(clear(copy, MEGA));
	}
}

static void a_part_of_a_large_leaf_is_copied(void)
{
	CHECK_OK(fill(OWN, MEGA, MEGA, RW | FRESH));
	write_pages(MEGA, MEGA, 1000);
	CHECK_DONE(again(0, 3, MEGA + 100, RW | COW), PUDU_OK, 3);
	write_pages(0, 3, 1);
	check_pages(MEGA, MEGA, 1000);
	CHECK_EQUAL(look(OWN, MEGA + 99), MEMORY | RW);
	CHECK_EQUAL(look(OWN, MEGA + 103), MEMORY | RW);
	write_pages(MEGA, MEGA, 7000);
	check_pages(0, 3, 1);
	CHECK_OK(clear(0, 3));
	CHECK_OK(clear(MEGA, MEGA));
}

/* What the kernel stores for a program is a store like its own. */
static void the_kernel_stores_into_copies(void)
{
	static const char text[] = "  text of a copy-on-write page\n";
	static void (*const any)(void) = check_nap;
	uint64_t *buffer = (uint64_t *)TEST_PAGE(8);

	CHECK_OK(fill(OWN, 0, 4, RW | FRESH));
	write_pages(0, 4, 10);
	memcpy((void *)TEST_PAGE(3), text, sizeof text);
	CHECK_OK(again(8, 4, 0, RW | COW));
	CHECK_OK(check_raw(TEST_HANDLE(0), any, 4711));
	CHECK_OK(pudu_executor_regs(TEST_HANDLE(0), PUDU_REGS_READ, (uint64_t)buffer, 256));
	CHECK_EQUAL(buffer[10], 4711);
	CHECK_EQUAL(buffer[0], (uint64_t)any);
	CHECK_EQUAL(*word(0), 10);
	CHECK_EQUAL(word(0)[10], 0);
	/* Across the edge of two pages. */
	CHECK_OK(pudu_executor_regs(TEST_HANDLE(0), PUDU_REGS_READ, TEST_PAGE(10) - 8, 256));
	CHECK_EQUAL(word(9)[511], (uint64_t)any);
	CHECK_EQUAL(word(10)[9], 4711);
	CHECK_EQUAL(*word(1), 11);
	CHECK_EQUAL(word(1)[511], 0);
	CHECK_EQUAL(*word(2), 12);
	CHECK_EQUAL(word(2)[9], 0);
	/* Loads leave a copy what it is. */
	EXPECT(pudu_park_if(TEST_PAGE(11), 1, PUDU_FOREVER), PUDU_ERR_VALUE);
	CHECK_EQUAL(pudu_log_write(TEST_PAGE(11), sizeof text - 1).value, sizeof text - 1);
	CHECK_OK(pudu_executor_regs(TEST_HANDLE(0), PUDU_REGS_WRITE, TEST_PAGE(8), 256));
	CHECK_EQUAL(look(OWN, 11), MEMORY | RW | PUDU_COPY);
	CHECK_OK(pudu_terminate(TEST_HANDLE(0), 0));
	CHECK_OK(pudu_unmap(OWN, TEST_HANDLE(0), PAGES(1)));
	CHECK_OK(clear(0, 12));
}

/* The bitmap of dirty, on a copy. */
static void dirty_stores_into_copies(void)
{
	CHECK_OK(fill(OWN, 0, 1, RW | FRESH));
	*word(0) = 10;
	CHECK_OK(fill(OWN, 16, 3, RW | FRESH));
	CHECK_OK(again(8, 1, 0, RW | COW));
	CHECK_OK(pudu_dirty(OWN, TEST_PAGE(16), PAGES(3), TEST_PAGE(8)));
	CHECK_EQUAL(*word(8), 7);
	CHECK_EQUAL(*word(0), 10);
	CHECK_OK(clear(0, 20));
}

/* A store that no frame is left for is a fault; nothing is lost. */
static void a_store_beyond_the_budget_faults(void)
{
	uint64_t left, budget = 24;

	pages_child(budget);
	CHECK_OK(fill(OWN, 0, 32, RW | FRESH));
	write_pages(0, 32, 10);
	CHECK_OK(hand(CHILD, 0, 32, RW | COW));
	left = budget - pages_used(CHILD);
	CHECK(left > 8 && left < 24);
	for (uint64_t i = 0; i < 32; i++)
		if (!CHECK_EQUAL(touch(CHILD, TOUCH_STORE, TEST_PAGE(i), 1),
				 i < left ? 0 : STORE_FAULT))
			break;
	check_pages(0, 32, 10);
	CHECK_EQUAL(pages_used(CHILD), budget);
	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, TEST_PAGE(31), 0), 41);
	/* Nobody else has the page any more: no frame is needed. */
	CHECK_OK(clear(31, 1));
	CHECK_EQUAL(touch(CHILD, TOUCH_STORE, TEST_PAGE(31), 2), 0);
	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, TEST_PAGE(31), 0), 2);
	CHECK_OK(clear(0, 31));
	pages_child_end();
}

/* A child that ends gives its copies back, and the parent is the last owner. */
static void an_address_space_that_ends_lets_go_of_its_copies(void)
{
	uint64_t free;

	CHECK_OK(fill(OWN, 0, 8, RW | FRESH));
	write_pages(0, 8, 10);
	free = check_frames();
	pages_child(64);
	CHECK_OK(hand(CHILD, 0, 8, RW | COW));
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQUAL(touch(CHILD, TOUCH_STORE, TEST_PAGE(i), 1), 0);
	pages_child_end();
	check_frames_settle(free);
	write_pages(0, 8, 20);
	CHECK_EQUAL(check_frames(), free);
	check_pages(0, 8, 20);
	CHECK_OK(clear(0, 8));
}

enum { RACE_PAGES = 32, SOURCE = 0, TARGET = 64 };

/* Even racers write the source, odd ones the copy; each has a word of each page. */
static void write_a_side(unsigned me)
{
	uint64_t side = me % 2 == 0 ? SOURCE : TARGET;

	for (unsigned i = 0; i < RACE_PAGES; i++) {
		word(side + i)[8 + me]++;
		word(side + i)[8 + me] += me;
	}
}

static void check_sides(void)
{
	for (unsigned i = 0; i < RACE_PAGES; i++)
		for (unsigned me = 0; me < racers(); me++) {
			CHECK_EQUAL(word(SOURCE + i)[8 + me], me % 2 == 0 ? 1001 + me : 1000);
			CHECK_EQUAL(word(TARGET + i)[8 + me], me % 2 == 0 ? 1000 : 1001 + me);
		}
}

static void do_nothing(unsigned me)
{
	(void)me;
}

/* All write the same copy-on-write pages at once: one copy of each, and no store is lost. */
static void many_harts_make_one_copy(void)
{
	race(racers(), do_nothing);
	CHECK_OK(fill(OWN, SOURCE, RACE_PAGES, RW | FRESH));
	for (uint64_t round = 0; round < check_argument("rounds", 20); round++) {
		uint64_t free;

		for (unsigned i = 0; i < RACE_PAGES * 512; i++)
			word(SOURCE)[i] = 1000;
		CHECK_OK(again(TARGET, RACE_PAGES, SOURCE, RW | COW));
		free = check_frames();
		race(racers(), write_a_side);
		CHECK_EQUAL(check_frames(), free - RACE_PAGES);
		check_sides();
		CHECK_OK(clear(TARGET, RACE_PAGES));
	}
	CHECK_OK(clear(SOURCE, RACE_PAGES));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_copy_of_lazy_pages_is_lazy),
		CASE(a_large_leaf_is_copied_by_pages),
		CASE(a_part_of_a_large_leaf_is_copied),
		CASE(the_kernel_stores_into_copies),
		CASE(dirty_stores_into_copies),
		CASE(a_store_beyond_the_budget_faults),
		CASE(an_address_space_that_ends_lets_go_of_its_copies),
		CASE(many_harts_make_one_copy),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
