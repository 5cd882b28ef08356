/* SPDX-License-Identifier: MIT */
/*
 * lazy.c - lazy memory: a range of any size costs next to nothing until it is touched, and then a
 * frame for each page that is.
 *
 *	lazy [rounds=N]
 */
#include <stdatomic.h>
#include <string.h>

#include "pages.h"

#define UNTOUCHED(rights) (MEMORY | PUDU_LAZY | (rights))

static void a_touched_page_is_zero_and_takes_one_frame(void)
{
	uint64_t free;

	CHECK_DONE(fill(OWN, 0, 64, RW | LAZY), PUDU_OK, 64);
	CHECK_EQUAL(look(OWN, 0), UNTOUCHED(RW));
	CHECK_EQUAL(look(OWN, 63), UNTOUCHED(RW));
	CHECK_EQUAL(look(OWN, 64), 0);
	*word(7) = 1; /* tables */
	free = check_frames();
	for (unsigned i = 8; i < 16; i++) {
		for (unsigned w = 0; w < 512; w++)
			CHECK(word(i)[w] == 0);
		CHECK_EQUAL(pudu_free_frames(), free - (i - 7));
		memset((void *)TEST_PAGE(i), 0xff, PUDU_PAGE_SIZE);
		CHECK_EQUAL(pudu_free_frames(), free - (i - 7));
		CHECK_EQUAL(look(OWN, i), MEMORY | RW);
		CHECK_EQUAL(look(OWN, i + 1), UNTOUCHED(RW));
	}
	CHECK_DONE(clear(0, 64), PUDU_OK, 64);
	CHECK_EQUAL(look(OWN, 0), 0);
}

static void every_touch_works(void)
{
	CHECK_OK(fill(OWN, 0, 8, RW | LAZY));
	CHECK_OK(fill(OWN, 8, 8, RX | LAZY));
	CHECK_OK(fill(OWN, 16, 8, PUDU_X | LAZY));
	CHECK_EQUAL(touch(OWN, TOUCH_LOAD, TEST_PAGE(0), 0), 0);
	CHECK_EQUAL(touch(OWN, TOUCH_STORE, TEST_PAGE(1) + 8, 5), 0);
	CHECK_EQUAL(word(1)[1], 5);
	CHECK_EQUAL(touch(OWN, TOUCH_ADD, TEST_PAGE(2), 6), 0);
	CHECK_EQUAL(*word(2), 6);
	CHECK_EQUAL(touch(OWN, TOUCH_LOAD, TEST_PAGE(8), 0), 0);
	/* Zero is no instruction. */
	CHECK_EQUAL(touch(OWN, TOUCH_JUMP, TEST_PAGE(9), 0), ILLEGAL);
	CHECK_EQUAL(touch(OWN, TOUCH_JUMP, TEST_PAGE(16), 0), ILLEGAL);
	CHECK_OK(clear(0, 24));
}

static void a_touch_needs_the_right(void)
{
	uint64_t free;

	CHECK_OK(fill(OWN, 0, 4, PUDU_R | LAZY));
	CHECK_OK(fill(OWN, 4, 4, RW | LAZY));
	CHECK_OK(fill(OWN, 8, 4, PUDU_X | LAZY));
	free = check_frames();
	CHECK_EQUAL(touch(OWN, TOUCH_STORE, TEST_PAGE(0), 1), STORE_FAULT);
	CHECK_EQUAL(touch(OWN, TOUCH_JUMP, TEST_PAGE(0), 0), EXEC_FAULT);
	CHECK_EQUAL(touch(OWN, TOUCH_JUMP, TEST_PAGE(4), 0), EXEC_FAULT);
	CHECK_EQUAL(touch(OWN, TOUCH_LOAD, TEST_PAGE(8), 0), LOAD_FAULT);
	CHECK_EQUAL(touch(OWN, TOUCH_STORE, TEST_PAGE(8), 0), STORE_FAULT);
	for (unsigned i = 0; i < 12; i++)
		CHECK_EQUAL(look(OWN, i) & PUDU_LAZY, PUDU_LAZY);
	CHECK_EQUAL(check_frames(), free);
	CHECK_EQUAL(*word(0), 0);
	CHECK_EQUAL(look(OWN, 0), MEMORY | PUDU_R);
	CHECK_EQUAL(touch(OWN, TOUCH_STORE, TEST_PAGE(0), 1), STORE_FAULT);
	CHECK_OK(clear(0, 12));
}

static void protect_changes_the_rights_of_lazy_pages(void)
{
	uint64_t free;

	CHECK_OK(fill(OWN, 0, 2 * MEGA, PUDU_R | LAZY));
	free = check_frames();
	CHECK_DONE(protect(0, 2 * MEGA, RW), PUDU_OK, 2 * MEGA);
	CHECK_EQUAL(check_frames(), free);
	CHECK_EQUAL(look(OWN, 0), UNTOUCHED(RW));
	CHECK_DONE(protect(10, 5, PUDU_R), PUDU_OK, 5);
	CHECK_EQUAL(look(OWN, 9), UNTOUCHED(RW));
	CHECK_EQUAL(look(OWN, 10), UNTOUCHED(PUDU_R));
	CHECK_EQUAL(look(OWN, 14), UNTOUCHED(PUDU_R));
	CHECK_EQUAL(look(OWN, 15), UNTOUCHED(RW));
	CHECK_EQUAL(touch(OWN, TOUCH_STORE, TEST_PAGE(12), 1), STORE_FAULT);
	*word(15) = 1;
	*word(9) = 1;
	CHECK_DONE(protect(0, 2 * MEGA, RX), PUDU_OK, 2 * MEGA);
	CHECK_EQUAL(look(OWN, 9), MEMORY | RX);
	CHECK_EQUAL(look(OWN, 12), UNTOUCHED(RX));
	CHECK_EQUAL(look(OWN, 2 * MEGA - 1), UNTOUCHED(RX));
	CHECK_DONE(protect(2 * MEGA - 1, 2, RW), PUDU_ERR_ADDRESS, 1);
	CHECK_OK(clear(0, 2 * MEGA));
}

static void a_part_can_be_taken_away(void)
{
	CHECK_OK(fill(OWN, 0, 2 * MEGA, RW | LAZY));
	*word(20) = 5;
	CHECK_DONE(clear(18, 5), PUDU_OK, 5);
	CHECK_EQUAL(look(OWN, 17), UNTOUCHED(RW));
	CHECK_EQUAL(look(OWN, 18), 0);
	CHECK_EQUAL(look(OWN, 20), 0);
	CHECK_EQUAL(look(OWN, 22), 0);
	CHECK_EQUAL(look(OWN, 23), UNTOUCHED(RW));
	CHECK_EQUAL(touch(OWN, TOUCH_LOAD, TEST_PAGE(20), 0), LOAD_FAULT);
	*word(17) = 1;
	*word(23) = 2;
	CHECK_DONE(fill(OWN, 18, 5, RW | LAZY), PUDU_OK, 5);
	CHECK_EQUAL(*word(20), 0);
	CHECK_DONE(clear(MEGA, MEGA), PUDU_OK, MEGA);
	CHECK_EQUAL(look(OWN, MEGA), 0);
	CHECK_EQUAL(look(OWN, MEGA - 1), UNTOUCHED(RW));
	CHECK_OK(clear(0, MEGA));
}

static void a_share_settles_and_a_move_does_not(void)
{
	uint64_t free;

	CHECK_OK(fill(OWN, 0, 16, RW | LAZY));
	CHECK_DONE(again(32, 4, 0, RW | SHARE), PUDU_OK, 4);
	CHECK_EQUAL(look(OWN, 0), MEMORY | RW);
	CHECK_EQUAL(look(OWN, 35), MEMORY | RW);
	*word(2) = 5;
	CHECK_EQUAL(*word(34), 5);
	CHECK_EQUAL(*word(33), 0);
	free = check_frames();
	CHECK_DONE(again(48, 4, 8, PUDU_R | MOVE), PUDU_OK, 4);
	CHECK_EQUAL(check_frames(), free);
	CHECK_EQUAL(look(OWN, 8), 0);
	CHECK_EQUAL(look(OWN, 48), UNTOUCHED(PUDU_R));
	CHECK_EQUAL(*word(48), 0);
	CHECK_EQUAL(pudu_free_frames(), free - 1);
	CHECK_OK(clear(0, 64));
}

static void a_lazy_page_is_in_use(void)
{
	CHECK_OK(fill(OWN, 0, 4, RW | LAZY));
	CHECK_DONE(fill(OWN, 2, 1, RW | FRESH), PUDU_ERR_EXISTS, 0);
	CHECK_DONE(fill(OWN, 2, 1, RW | LAZY), PUDU_ERR_EXISTS, 0);
	CHECK_OK(fill(OWN, 8, 1, RW | FRESH));
	CHECK_DONE(fill(OWN, 6, 4, RW | LAZY), PUDU_ERR_EXISTS, 2);
	CHECK_EQUAL(look(OWN, 7), UNTOUCHED(RW));
	CHECK_DONE(fill(OWN, 2, 1, PUDU_R | FRESH | REPLACE), PUDU_OK, 1);
	CHECK_EQUAL(look(OWN, 1), UNTOUCHED(RW));
	CHECK_EQUAL(look(OWN, 2), MEMORY | PUDU_R);
	CHECK_EQUAL(look(OWN, 3), UNTOUCHED(RW));
	CHECK_OK(clear(0, 9));
}

static void wrong_arguments_are_refused(void)
{
	EXPECT(pudu_map(OWN, TEST_PAGE(0), PAGES(1), OWN, 0, RW | LAZY), PUDU_ERR_ARGUMENT);
	EXPECT(pudu_map(OWN, TEST_PAGE(0), PAGES(1), 0, TEST_PAGE(1), RW | LAZY),
	       PUDU_ERR_ARGUMENT);
	EXPECT(fill(OWN, 0, 1, RW | LAZY | FRESH), PUDU_ERR_ARGUMENT);
	EXPECT(fill(OWN, 0, 1, LAZY), PUDU_ERR_ARGUMENT);
	EXPECT(fill(OWN, 0, 1, PUDU_W | LAZY), PUDU_ERR_ARGUMENT);
	EXPECT(pudu_map(OWN, TEST_HANDLE(0), PAGES(1), 0, 0, RW | LAZY), PUDU_ERR_ARGUMENT);
	CHECK_EQUAL(look(OWN, 0), 0);
}

static void the_kernel_touches_lazy_pages(void)
{
	CHECK_OK(fill(OWN, 0, 16, RW | LAZY));
	CHECK_OK(fill(OWN, 16, 2, PUDU_R | LAZY));
	EXPECT(pudu_park_if(TEST_PAGE(0) + 8, 1, PUDU_FOREVER), PUDU_ERR_VALUE);
	EXPECT(pudu_park_if(TEST_PAGE(16), 1, PUDU_FOREVER), PUDU_ERR_VALUE);
	CHECK_OK(check_raw(TEST_HANDLE(0), check_nap, 4711));
	CHECK_OK(pudu_executor_regs(TEST_HANDLE(0), PUDU_REGS_READ, TEST_PAGE(3) - 8, 256));
	CHECK_EQUAL(word(2)[511], (uint64_t)check_nap);
	CHECK_EQUAL(word(3)[9], 4711);
	EXPECT(pudu_executor_regs(TEST_HANDLE(0), PUDU_REGS_READ, TEST_PAGE(17), 256),
	       PUDU_ERR_ADDRESS);
	CHECK_OK(pudu_executor_regs(TEST_HANDLE(0), PUDU_REGS_WRITE_FP, TEST_PAGE(4), 264));
	/* A pc of 0 is none. */
	EXPECT(pudu_executor_regs(TEST_HANDLE(0), PUDU_REGS_WRITE, TEST_PAGE(5), 256),
	       PUDU_ERR_ADDRESS);
	CHECK_EQUAL(look(OWN, 5), MEMORY | RW);
	CHECK_EQUAL(pudu_log_write(TEST_PAGE(6), 1).value, 1);
	CHECK_OK(pudu_terminate(TEST_HANDLE(0), 0));
	CHECK_OK(pudu_unmap(OWN, TEST_HANDLE(0), PAGES(1)));
	CHECK_OK(clear(0, 18));
}

static void dirty_stores_into_lazy_pages(void)
{
	CHECK_OK(fill(OWN, 0, 2, RW | LAZY));
	CHECK_OK(fill(OWN, 16, 100, RW | FRESH));
	CHECK_OK(pudu_dirty(OWN, TEST_PAGE(16), PAGES(100), TEST_PAGE(1) - 8));
	CHECK_EQUAL(word(0)[511], ~0ull);
	CHECK_EQUAL(word(1)[0], (1ull << 36) - 1);
	CHECK_OK(clear(0, 116));
}

static void a_touch_beyond_the_budget_faults(void)
{
	uint64_t left, budget = 24;

	pages_child(budget);
	CHECK_OK(fill(CHILD, 0, 64, RW | LAZY));
	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, TEST_PAGE(0), 0), 0);
	left = budget - pages_used(CHILD);
	CHECK(left > 8);
	for (uint64_t i = 0; i < 24; i++)
		CHECK_EQUAL(touch(CHILD, i % 2 ? TOUCH_LOAD : TOUCH_STORE, TEST_PAGE(1 + i), 1),
			    i < left ? 0
			    : i % 2  ? LOAD_FAULT
				     : STORE_FAULT);
	CHECK_EQUAL(pages_used(CHILD), budget);
	CHECK_OK(pudu_unmap(CHILD, TEST_PAGE(0), PAGES(1)));
	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, TEST_PAGE(40), 0), 0);
	pages_child_end();
}

enum { RACE_PAGES = 64 };

static void touch_all(unsigned me)
{
	for (unsigned i = 0; i < RACE_PAGES; i++) {
		CHECK(word(i)[16 + me] == 0);
		atomic_fetch_add((_Atomic uint64_t *)TEST_PAGE(i), 1 + me);
		word(i)[16 + me] = me + 1;
	}
}

static void do_nothing(unsigned me)
{
	(void)me;
}

/* All touch the same pages first: one frame each, and no store is lost. */
static void many_harts_take_one_frame(void)
{
	uint64_t sum = racers() * (racers() + 1) / 2;

	race(racers(), do_nothing);
	for (uint64_t round = 0; round < check_argument("rounds", 20); round++) {
		uint64_t free;

		CHECK_OK(fill(OWN, 0, RACE_PAGES + 1, RW | LAZY));
		*word(RACE_PAGES) = 1;
		free = check_frames();
		race(racers(), touch_all);
		CHECK_EQUAL(check_frames(), free - RACE_PAGES);
		for (unsigned i = 0; i < RACE_PAGES; i++) {
			CHECK_EQUAL(*word(i), sum);
			for (unsigned me = 0; me < racers(); me++)
				CHECK_EQUAL(word(i)[16 + me], me + 1);
		}
		CHECK_OK(clear(0, RACE_PAGES + 1));
	}
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_touched_page_is_zero_and_takes_one_frame),
		CASE(every_touch_works),
		CASE(a_touch_needs_the_right),
		CASE(protect_changes_the_rights_of_lazy_pages),
		CASE(a_part_can_be_taken_away),
		CASE(a_share_settles_and_a_move_does_not),
		CASE(a_lazy_page_is_in_use),
		CASE(wrong_arguments_are_refused),
		CASE(the_kernel_touches_lazy_pages),
		CASE(dirty_stores_into_lazy_pages),
		CASE(a_touch_beyond_the_budget_faults),
		CASE(many_harts_take_one_frame),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
