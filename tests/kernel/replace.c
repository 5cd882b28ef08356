/* SPDX-License-Identifier: MIT */
/*
 * replace.c - map with PUDU_MAP_REPLACE: what was there goes, and nobody ever sees a hole.
 *
 *	replace [rounds=N]
 */
#include <stdatomic.h>

#include "pages.h"
#include "raw.h"

#define OLD 1000
#define NEW 2000

static void old_frames_come_back(void)
{
	uint64_t free;

	CHECK_OK(fill(OWN, 0, 8, RW | FRESH));
	CHECK_OK(fill(OWN, 16, 8, RW | FRESH));
	write_pages(0, 8, OLD);
	write_pages(16, 8, NEW);
	free = check_frames();
	CHECK_DONE(again(0, 4, 16, RW | SHARE | REPLACE), PUDU_OK, 4);
	check_frames_settle(free + 4);
	check_pages(0, 4, NEW);
	check_pages(4, 4, OLD + 4);
	*word(2) = 5;
	CHECK_EQUAL(*word(18), 5);
	CHECK_DONE(fill(OWN, 0, 8, RW | FRESH | REPLACE), PUDU_OK, 8);
	check_frames_settle(free);
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQUAL(*word(i), 0);
	CHECK_DONE(fill(OWN, 0, 8, RW | LAZY | REPLACE), PUDU_OK, 8);
	check_frames_settle(free + 8);
	CHECK_EQUAL(*word(3), 0);
	CHECK_DONE(again(0, 2, 17, PUDU_R | COW | REPLACE), PUDU_OK, 2);
	CHECK_EQUAL(*word(0), NEW + 1);
	CHECK_DONE(again(1, 3, 20, RW | MOVE | REPLACE), PUDU_OK, 3);
	CHECK_EQUAL(*word(3), NEW + 6);
	CHECK_EQUAL(look(OWN, 21), 0);
	CHECK_OK(clear(0, 24));
}

/* Holes are filled, too: it need not be there. */
static void holes_and_pages_are_replaced_alike(void)
{
	CHECK_OK(fill(OWN, 1, 1, PUDU_R | FRESH));
	CHECK_OK(fill(OWN, 3, 1, RW | LAZY));
	CHECK_DONE(fill(OWN, 0, 6, RW | FRESH | REPLACE), PUDU_OK, 6);
	for (unsigned i = 0; i < 6; i++) {
		CHECK_EQUAL(look(OWN, i), MEMORY | RW);
		*word(i) = i;
	}
	CHECK_EQUAL(look(OWN, 6), 0);
	CHECK_OK(clear(0, 6));
}

/* The new rights count, not the old ones. */
static void rights_are_those_of_the_new_mapping(void)
{
	CHECK_OK(fill(OWN, 0, 1, RW | FRESH));
	*word(0) = OLD;
	CHECK_DONE(fill(OWN, 0, 1, PUDU_R | FRESH | REPLACE), PUDU_OK, 1);
	CHECK_EQUAL(touch(OWN, TOUCH_STORE, TEST_PAGE(0), 1), STORE_FAULT);
	CHECK_EQUAL(*word(0), 0);
	CHECK_OK(clear(0, 1));
}

static void a_part_of_a_large_leaf_is_replaced(void)
{
	uint64_t free;

	CHECK_OK(fill(OWN, MEGA, MEGA, RW | FRESH));
	CHECK_EQUAL(level(OWN, MEGA), 1);
	CHECK_OK(fill(OWN, 0, 4, RW | FRESH));
	write_pages(MEGA, MEGA, OLD);
	write_pages(0, 4, NEW);
	free = check_frames();
	CHECK_DONE(again(MEGA + 10, 4, 0, RW | SHARE | REPLACE), PUDU_OK, 4);
	check_frames_settle(free + 4 - 1); /* one is the table */
	check_pages(MEGA, 10, OLD);
	check_pages(MEGA + 10, 4, NEW);
	check_pages(MEGA + 14, MEGA - 14, OLD + 14);
	CHECK_EQUAL(look(OWN, MEGA + 9), MEMORY | RW);
	*word(1) = 5;
	CHECK_EQUAL(*word(MEGA + 11), 5);
	CHECK_OK(clear(0, 4));
	CHECK_OK(clear(MEGA, MEGA));
}

/* A large leaf takes the place of small pages, of a table and of another large leaf. */
static void large_leaves_replace_and_are_replaced(void)
{
	CHECK_OK(fill(OWN, MEGA, 100, RW | FRESH));
	write_pages(MEGA, 100, OLD);
	CHECK_DONE(fill(OWN, MEGA, MEGA, RW | FRESH | REPLACE), PUDU_OK, MEGA);
	for (unsigned i = 0; i < MEGA; i++)
		CHECK(*word(MEGA + i) == 0);
	write_pages(MEGA, MEGA, OLD);
	CHECK_DONE(fill(OWN, MEGA, MEGA, RW | FRESH | REPLACE), PUDU_OK, MEGA);
	for (unsigned i = 0; i < MEGA; i++)
		CHECK(*word(MEGA + i) == 0);
	CHECK_DONE(fill(OWN, 0, 3 * MEGA, RW | LAZY | REPLACE), PUDU_OK, 3 * MEGA);
	CHECK_EQUAL(look(OWN, MEGA + 5), MEMORY | RW | PUDU_LAZY);
	CHECK_OK(clear(0, 3 * MEGA));
}

static void wrong_sources_are_refused(void)
{
	CHECK_OK(fill(OWN, 0, 8, RW | FRESH));
	CHECK_OK(fill(OWN, 16, 2, PUDU_R | FRESH));
	write_pages(0, 8, OLD);
	CHECK_DONE(again(0, 4, 0, RW | SHARE | REPLACE), PUDU_ERR_ARGUMENT, 0);
	CHECK_DONE(again(0, 4, 3, RW | SHARE | REPLACE), PUDU_ERR_ARGUMENT, 0);
	CHECK_DONE(again(3, 4, 0, RW | MOVE | REPLACE), PUDU_ERR_ARGUMENT, 0);
	CHECK_DONE(again(3, 4, 0, RW | COW | REPLACE), PUDU_ERR_ARGUMENT, 0);
	CHECK_DONE(again(4, 4, 0, RW | SHARE | REPLACE), PUDU_OK, 4);
	EXPECT(fill(OWN, 0, 1, RW | REPLACE), PUDU_ERR_ARGUMENT);
	/* A source that lacks something is not put there, and what was there stays. */
	CHECK_DONE(again(0, 2, 16, RW | SHARE | REPLACE), PUDU_ERR_RIGHT, 0);
	CHECK_DONE(again(0, 4, 16, PUDU_R | SHARE | REPLACE), PUDU_ERR_ADDRESS, 2);
	CHECK_EQUAL(look(OWN, 0), MEMORY | PUDU_R);
	CHECK_EQUAL(*word(2), OLD + 2);
	CHECK_EQUAL(*word(3), OLD + 3);
	CHECK_OK(clear(0, 18));
}

/* The same place in another address space does not overlap. */
static void another_address_space_never_overlaps(void)
{
	pages_child(64);
	CHECK_OK(fill(OWN, 0, 2, RW | FRESH));
	write_pages(0, 2, OLD);
	CHECK_OK(fill(CHILD, 0, 2, RW | FRESH));
	CHECK_DONE(hand(CHILD, 0, 2, RW | SHARE | REPLACE), PUDU_OK, 2);
	CHECK_EQUAL(touch(CHILD, TOUCH_ADD, TEST_PAGE(1), 1), OLD + 1);
	CHECK_EQUAL(*word(1), OLD + 2);
	CHECK_OK(clear(0, 2));
	pages_child_end();
}

static void a_handle_is_replaced(void)
{
	uint64_t first = check_raw(TEST_HANDLE(0), raw_end, 1).value;
	uint64_t second = check_raw(TEST_HANDLE(1), raw_end, 2).value;

	CHECK_EQUAL(pudu_query(OWN, TEST_HANDLE(0)).value[2], first);
	EXPECT(pudu_map(OWN, TEST_HANDLE(0), PAGES(1), OWN, TEST_HANDLE(1), RW | SHARE),
	       PUDU_ERR_EXISTS);
	CHECK_OK(pudu_map(OWN, TEST_HANDLE(2), PAGES(1), OWN, TEST_HANDLE(0), RW | SHARE));
	CHECK_OK(pudu_map(OWN, TEST_HANDLE(0), PAGES(1), OWN, TEST_HANDLE(1),
			  PUDU_R | SHARE | REPLACE));
	CHECK_EQUAL(pudu_query(OWN, TEST_HANDLE(0)).value[2], second);
	EXPECT(pudu_executor_start(TEST_HANDLE(0)), PUDU_ERR_RIGHT);
	CHECK_EQUAL(check_state(TEST_HANDLE(2)), PUDU_STATE_STOPPED);
	/* The last handle to the first one: it is gone. */
	CHECK_OK(pudu_map(OWN, TEST_HANDLE(2), PAGES(1), OWN, TEST_HANDLE(1), RW | MOVE | REPLACE));
	CHECK_EQUAL(pudu_query(OWN, TEST_HANDLE(2)).value[2], second);
	EXPECT(pudu_unpark(TEST_HANDLE(1)), PUDU_ERR_HANDLE);
	CHECK_OK(pudu_terminate(TEST_HANDLE(2), 0));
	CHECK_OK(pudu_unmap(OWN, TEST_HANDLE(0), PAGES(3)));
}

static _Atomic bool enough;
static _Atomic uint64_t reads[PUDU_MAX_HARTS + 1], strange;

/* Each value is one that was put there: a hole would be a fault, an old frame another value. */
static int64_t watch(void *count)
{
	while (!enough) {
		uint64_t value = *word(3);

		if (value != OLD && value != NEW && value != 0)
			strange = value;
		(*(_Atomic uint64_t *)count)++;
	}
	return 0;
}

static void replace_for_long(void)
{
	uint64_t rounds = check_argument("rounds", 10000);

	for (uint64_t round = 0; round < rounds; round++) {
		switch (round % 4) {
		case 0:
			CHECK_OK(again(3, 1, 8, RW | SHARE | REPLACE));
			break;
		case 1:
			CHECK_OK(fill(OWN, 3, 1, RW | FRESH | REPLACE));
			break;
		case 2:
			CHECK_OK(again(3, 1, 9, PUDU_R | COW | REPLACE));
			break;
		default:
			CHECK_OK(fill(OWN, 3, 1, RW | LAZY | REPLACE));
		}
	}
}

static void no_hart_ever_sees_a_hole(void)
{
	struct pudu_thread *thread[PUDU_MAX_HARTS + 1];
	struct pudu_thread_end end;

	enough = false;
	strange = 0;
	CHECK_OK(fill(OWN, 8, 2, RW | FRESH));
	*word(8) = OLD;
	*word(9) = NEW;
	CHECK_OK(again(3, 1, 8, RW | SHARE));
	for (unsigned i = 0; i < racers(); i++) {
		reads[i] = 0;
		CHECK_EQUAL(pudu_thread_create(&thread[i], watch, (void *)&reads[i]), PUDU_OK);
	}
	for (unsigned i = 0; i < racers(); i++)
		while (reads[i] == 0)
			pudu_yield();
	replace_for_long();
	enough = true;
	for (unsigned i = 0; i < racers(); i++) {
		pudu_thread_join(thread[i], &end);
		CHECK_EQUAL(end.code, 0);
	}
	CHECK_EQUAL(strange, 0);
	CHECK_OK(clear(0, 10));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(old_frames_come_back),
		CASE(holes_and_pages_are_replaced_alike),
		CASE(rights_are_those_of_the_new_mapping),
		CASE(a_part_of_a_large_leaf_is_replaced),
		CASE(large_leaves_replace_and_are_replaced),
		CASE(wrong_sources_are_refused),
		CASE(another_address_space_never_overlaps),
		CASE(a_handle_is_replaced),
		CASE(no_hart_ever_sees_a_hole),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
