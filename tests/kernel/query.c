/* SPDX-License-Identifier: MIT */
/* query.c - what query tells of memory: rights, flags, levels, and how far they go. */
#include "pages.h"

/* Kind, rights, PUDU_COPY and PUDU_LAZY. */
#define SAME (0xff00 | PUDU_R | PUDU_W | PUDU_X | PUDU_COPY | PUDU_LAZY)

/* Claim that pages from first to end - 1 are told as one run, by steps, and that it ends there. */
static void check_run(uint64_t first, uint64_t end, uint64_t what)
{
	uint64_t page = first, length;

	while (page < end) {
		uint64_t mapping = check_query(OWN, TEST_PAGE(page), &length);

		if (!CHECK_EQUAL(mapping & SAME, what) ||
		    !CHECK(length != 0 && length % PUDU_PAGE_SIZE == 0))
			return;
		page += length / PUDU_PAGE_SIZE;
	}
	CHECK_EQUAL(page, end);
}

static void a_run_ends_where_something_differs(void)
{
	CHECK_OK(fill(OWN, 10, 5, RW | FRESH));
	CHECK_OK(fill(OWN, 15, 5, PUDU_R | FRESH));
	CHECK_OK(fill(OWN, 20, 5, RX | FRESH));
	CHECK_OK(fill(OWN, 25, 5, PUDU_R | LAZY));
	CHECK_OK(fill(OWN, 30, 5, RW | LAZY));
	CHECK_OK(again(35, 5, 10, RW | COW));
	CHECK_OK(fill(OWN, 42, 1, RW | FRESH));
	check_run(0, 10, 0);
	check_run(10, 15, MEMORY | RW | PUDU_COPY);
	check_run(15, 20, MEMORY | PUDU_R);
	check_run(20, 25, MEMORY | RX);
	check_run(25, 30, MEMORY | PUDU_R | PUDU_LAZY);
	check_run(30, 35, MEMORY | RW | PUDU_LAZY);
	check_run(35, 40, MEMORY | RW | PUDU_COPY);
	check_run(40, 42, 0);
	check_run(42, 43, MEMORY | RW);
	check_run(12, 15, MEMORY | RW | PUDU_COPY);
	CHECK_OK(clear(10, 33));
}

/* A and D do not end a run. */
static void what_was_written_does_not_end_a_run(void)
{
	static uint64_t bitmap[1];

	CHECK_OK(fill(OWN, 0, 8, RW | FRESH));
	CHECK_OK(pudu_dirty(OWN, TEST_PAGE(0), PAGES(8), (uint64_t)bitmap));
	*word(3) = 1;
	check_run(0, 8, MEMORY | RW);
	CHECK_EQUAL(check_query(OWN, TEST_PAGE(3), NULL) & PUDU_DIRTY, PUDU_DIRTY);
	CHECK_EQUAL(check_query(OWN, TEST_PAGE(4), NULL) & PUDU_DIRTY, 0);
	CHECK_OK(clear(0, 8));
}

static void runs_go_on_behind_a_table(void)
{
	CHECK_OK(fill(OWN, 5, 3 * MEGA, RW | FRESH));
	check_run(0, 5, 0);
	check_run(5, 3 * MEGA + 5, MEMORY | RW);
	check_run(MEGA + 7, 3 * MEGA + 5, MEMORY | RW);
	check_run(3 * MEGA + 5, GIGA, 0);
	CHECK_OK(clear(5, 3 * MEGA));
	CHECK_OK(fill(OWN, 1, 3 * GIGA - 2, PUDU_R | LAZY));
	check_run(1, 3 * GIGA - 1, MEMORY | PUDU_R | PUDU_LAZY);
	check_run(GIGA + MEGA + 1, 3 * GIGA - 1, MEMORY | PUDU_R | PUDU_LAZY);
	CHECK_EQUAL(look(OWN, 3 * GIGA - 1), 0);
	CHECK_EQUAL(look(OWN, 0), 0);
	CHECK_OK(clear(0, 3 * GIGA));
}

static void the_level_of_the_leaf_is_told(void)
{
	uint64_t length;

	CHECK_OK(fill(OWN, MEGA - 1, MEGA + 2, RW | FRESH));
	CHECK_EQUAL(level(OWN, MEGA - 1), 0);
	CHECK_EQUAL(level(OWN, MEGA), 1);
	CHECK_EQUAL(level(OWN, MEGA + 100), 1);
	CHECK_EQUAL(level(OWN, 2 * MEGA), 0);
	/* From the middle of a leaf on it goes to its end at least. */
	check_query(OWN, TEST_PAGE(MEGA + 100), &length);
	CHECK(length == PAGES(MEGA - 100) || length == PAGES(MEGA - 100 + 1));
	check_run(MEGA - 1, 2 * MEGA + 1, MEMORY | RW);
	CHECK_OK(clear(MEGA - 1, MEGA + 2));
}

static void only_what_has_a_frame_was_accessed(void)
{
	CHECK_OK(fill(OWN, 0, 2, RW | LAZY));
	CHECK_EQUAL(check_query(OWN, TEST_PAGE(0), NULL) & (PUDU_ACCESSED | PUDU_DIRTY), 0);
	*word(0) = 1;
	CHECK_EQUAL(check_query(OWN, TEST_PAGE(0), NULL), check_memory(RW));
	CHECK_EQUAL(check_query(OWN, TEST_PAGE(2), NULL), 0);
	CHECK_OK(clear(0, 2));
}

/* Query touches nothing, and needs R of the handle alone. */
static void query_takes_no_frame(void)
{
	uint64_t free, length;

	CHECK_OK(fill(OWN, 0, GIGA, RW | LAZY));
	CHECK_OK(pudu_map(OWN, TEST_HANDLE(0), PAGES(1), OWN, OWN, PUDU_R | SHARE));
	free = check_frames();
	for (uint64_t page = 0; page < GIGA; page += MEGA - 1)
		check_query(TEST_HANDLE(0), TEST_PAGE(page), &length);
	CHECK_EQUAL(check_frames(), free);
	CHECK_OK(pudu_unmap(OWN, TEST_HANDLE(0), PAGES(1)));
	CHECK_OK(clear(0, GIGA));
}

/* From the first address to the last: no step is empty, none goes too far. */
static void the_whole_address_space_can_be_walked(void)
{
	uint64_t top = pudu_info()->levels == 4 ? PUDU_MEMORY48_END : PUDU_HANDLES_END;
	uint64_t at = 0, length, pages = 0, steps = 0;

	pages_child(64);
	CHECK_OK(fill(CHILD, 7, 30, RW | FRESH));
	CHECK_OK(fill(CHILD, GIGA - 1, 2, PUDU_R | LAZY));
	for (; at < top; at += length, steps++) {
		uint64_t mapping = check_query(CHILD, at, &length);

		if (!CHECK(mapping != ~0ull && length != 0 && length <= top - at))
			break;
		if (PUDU_KIND(mapping) == PUDU_KIND_MEMORY)
			pages += length / PUDU_PAGE_SIZE;
	}
	CHECK_EQUAL(at, top);
	CHECK_EQUAL(pages, 30 + 2 + 1 + 1); /* the code and the info page */
	CHECK(steps < 10000);
	EXPECT(pudu_query(CHILD, top), PUDU_ERR_ADDRESS);
	pages_child_end();
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_run_ends_where_something_differs),
		CASE(what_was_written_does_not_end_a_run),
		CASE(runs_go_on_behind_a_table),
		CASE(the_level_of_the_leaf_is_told),
		CASE(only_what_has_a_frame_was_accessed),
		CASE(query_takes_no_frame),
		CASE(the_whole_address_space_can_be_walked),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
