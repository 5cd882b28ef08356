/* SPDX-License-Identifier: MIT */
/* large.c - leaves of 2 MiB: had where they fit, split when a part changes, whole again later. */
#include "pages.h"

#define GIB    (1ull << 30)
#define VALUE  1000
#define MIDDLE 200 /* page in a large leaf */

/* Fresh pages of one large leaf, each with its own value. */
static void large_leaf(uint64_t page)
{
	CHECK_DONE(fill(OWN, page, MEGA, RW | FRESH), PUDU_OK, MEGA);
	CHECK_EQUAL(level(OWN, page), 1);
	CHECK_EQUAL(level(OWN, page + MEGA - 1), 1);
	write_pages(page, MEGA, VALUE);
}

/* All but n pages from first on are as they were. */
static void check_rest(uint64_t page, uint64_t first, uint64_t n)
{
	check_pages(page, first, VALUE);
	check_pages(page + first + n, MEGA - first - n, VALUE + first + n);
	CHECK_EQUAL(look(OWN, page + first - 1), MEMORY | RW);
	CHECK_EQUAL(look(OWN, page + first + n), MEMORY | RW);
	write_pages(page, first, VALUE);
	write_pages(page + first + n, MEGA - first - n, VALUE + first + n);
}

static void what_fits_is_a_large_leaf(void)
{
	uint64_t free = check_frames(), length;

	CHECK_OK(fill(OWN, MEGA, MEGA, RW | FRESH));
	CHECK_EQUAL(check_query(OWN, TEST_PAGE(MEGA), &length), check_memory(RW) | 1 << 16);
	CHECK(length >= PAGES(MEGA));
	/* Its 512 frames and a table of level 1, for the gigabyte. */
	CHECK_EQUAL(pudu_free_frames(), free - MEGA - 1);
	for (unsigned i = 0; i < MEGA * 512; i += 64)
		if (!CHECK(word(MEGA)[i] == 0))
			break;
	CHECK_OK(clear(MEGA, MEGA));
	CHECK_EQUAL(check_frames(), free);
}

static void what_does_not_fit_is_small(void)
{
	CHECK_OK(fill(OWN, 1, MEGA, RW | FRESH));
	CHECK_EQUAL(level(OWN, 1), 0);
	CHECK_EQUAL(level(OWN, MEGA), 0);
	CHECK_OK(clear(1, MEGA));
	CHECK_OK(fill(OWN, MEGA, MEGA - 1, RW | FRESH));
	CHECK_EQUAL(level(OWN, MEGA), 0);
	CHECK_OK(clear(MEGA, MEGA - 1));
	/* Edges small, the middle large. */
	CHECK_OK(fill(OWN, MEGA - 3, 2 * MEGA + 5, RX | FRESH));
	CHECK_EQUAL(level(OWN, MEGA - 1), 0);
	CHECK_EQUAL(level(OWN, MEGA), 1);
	CHECK_EQUAL(level(OWN, 2 * MEGA), 1);
	CHECK_EQUAL(level(OWN, 3 * MEGA), 0);
	CHECK_OK(clear(MEGA - 3, 2 * MEGA + 5));
}

static void a_page_in_use_makes_the_block_small(void)
{
	CHECK_OK(fill(OWN, MEGA + 5, 1, RW | FRESH));
	CHECK_DONE(fill(OWN, MEGA, MEGA, RW | FRESH), PUDU_ERR_EXISTS, 5);
	CHECK_EQUAL(level(OWN, MEGA), 0);
	CHECK_OK(clear(MEGA, MEGA));
}

static void unmap_splits(void)
{
	uint64_t free;

	large_leaf(MEGA);
	free = check_frames();
	CHECK_DONE(clear(MEGA + MIDDLE, 3), PUDU_OK, 3);
	check_frames_settle(free + 3 - 1); /* less the table */
	CHECK_EQUAL(look(OWN, MEGA + MIDDLE), 0);
	CHECK_EQUAL(level(OWN, MEGA), 0);
	check_rest(MEGA, MIDDLE, 3);
	CHECK_EQUAL(touch(OWN, TOUCH_LOAD, TEST_PAGE(MEGA + MIDDLE), 0), LOAD_FAULT);
	CHECK_OK(clear(MEGA, MEGA));
}

static void protect_splits(void)
{
	large_leaf(MEGA);
	CHECK_DONE(protect(MEGA + MIDDLE, 2, PUDU_R), PUDU_OK, 2);
	CHECK_EQUAL(look(OWN, MEGA + MIDDLE + 1), MEMORY | PUDU_R);
	check_rest(MEGA, MIDDLE, 2);
	check_pages(MEGA + MIDDLE, 2, VALUE + MIDDLE);
	CHECK_EQUAL(touch(OWN, TOUCH_STORE, TEST_PAGE(MEGA + MIDDLE), 1), STORE_FAULT);
	CHECK_OK(clear(MEGA, MEGA));
	/* As a whole it stays large. */
	large_leaf(MEGA);
	CHECK_DONE(protect(MEGA, MEGA, PUDU_R), PUDU_OK, MEGA);
	CHECK_EQUAL(level(OWN, MEGA), 1);
	CHECK_EQUAL(look(OWN, MEGA + MIDDLE), MEMORY | PUDU_R);
	check_pages(MEGA, MEGA, VALUE);
	CHECK_EQUAL(touch(OWN, TOUCH_STORE, TEST_PAGE(MEGA + MIDDLE), 1), STORE_FAULT);
	CHECK_OK(clear(MEGA, MEGA));
}

static void a_move_splits(void)
{
	large_leaf(MEGA);
	CHECK_DONE(again(0, 4, MEGA + MIDDLE, RW | MOVE), PUDU_OK, 4);
	CHECK_EQUAL(look(OWN, MEGA + MIDDLE + 3), 0);
	check_pages(0, 4, VALUE + MIDDLE);
	check_rest(MEGA, MIDDLE, 4);
	CHECK_OK(clear(0, 4));
	CHECK_OK(clear(MEGA, MEGA));
	large_leaf(MEGA);
	CHECK_DONE(again(3 * MEGA, MEGA, MEGA, RW | MOVE), PUDU_OK, MEGA);
	CHECK_EQUAL(look(OWN, MEGA), 0);
	check_pages(3 * MEGA, MEGA, VALUE);
	CHECK_OK(clear(3 * MEGA, MEGA));
}

static void a_share_elsewhere_is_of_the_same_frames(void)
{
	uint64_t free;

	large_leaf(MEGA);
	free = check_frames();
	CHECK_DONE(again(3 * MEGA + 7, MEGA, MEGA, RW | SHARE), PUDU_OK, MEGA);
	CHECK_EQUAL(level(OWN, 3 * MEGA + 7), 0);
	CHECK(free - check_frames() <= 2);
	check_pages(3 * MEGA + 7, MEGA, VALUE);
	*word(MEGA + 99) = 1;
	CHECK_EQUAL(*word(3 * MEGA + 7 + 99), 1);
	*word(3 * MEGA + 7 + 98) = 2;
	CHECK_EQUAL(*word(MEGA + 98), 2);
	/* One of both goes; the frames stay. */
	CHECK_OK(clear(MEGA, MEGA));
	CHECK_EQUAL(*word(3 * MEGA + 7 + 98), 2);
	check_pages(3 * MEGA + 7 + 100, MEGA - 100, VALUE + 100);
	CHECK_OK(clear(3 * MEGA + 7, MEGA));
}

/* Where it fits, a large leaf is shared as one; each of its frames is there while one of both is.
 */
static void a_share_that_fits_keeps_every_frame(void)
{
	uint64_t free;

	large_leaf(MEGA);
	CHECK_DONE(again(3 * MEGA, MEGA, MEGA, RW | SHARE), PUDU_OK, MEGA);
	CHECK_EQUAL(level(OWN, 3 * MEGA), 1);
	free = check_frames();
	CHECK_OK(clear(MEGA, MEGA));
	CHECK_EQUAL(check_frames(), free);
	check_pages(3 * MEGA, MEGA, VALUE);
	CHECK_OK(clear(3 * MEGA, MEGA));
}

/* A page that is shared out of it before it goes keeps its block from being whole. */
static void one_page_may_outlive_the_leaf(void)
{
	uint64_t free = check_frames();

	large_leaf(MEGA);
	CHECK_OK(again(0, 1, MEGA + MIDDLE, RW | SHARE));
	CHECK_OK(clear(MEGA, MEGA));
	check_frames_settle(free - 1 - 2); /* the page, and two tables that lead to it */
	CHECK_EQUAL(*word(0), VALUE + MIDDLE);
	CHECK_OK(clear(0, 1));
}

/* How many large leaves can be had, up to so many; they are given back. */
static uint64_t count_large(uint64_t most)
{
	uint64_t n = 0;

	for (; n < most; n++) {
		uint64_t page = GIGA + n * MEGA;

		if (fill(OWN, page, MEGA, RW | FRESH).status != PUDU_OK || level(OWN, page) != 1) {
			clear(page, MEGA);
			break;
		}
	}
	if (n != 0)
		CHECK_OK(clear(GIGA, n * MEGA));
	return n;
}

/* Unmap blocks from page 0 on in small pieces, in an order that leaves holes. */
static void clear_in_pieces(uint64_t blocks)
{
	enum { PIECE = 3 };

	for (uint64_t first = 0; first < 2; first++) {
		for (uint64_t page = first; page < MEGA; page += 2)
			CHECK_OK(clear(page, 1));
		for (uint64_t block = 1; block < blocks; block++)
			for (uint64_t i = first; i < PIECE; i += 2)
				CHECK_OK(clear(block * MEGA + i * MEGA / PIECE,
					       (i + 1) * MEGA / PIECE - i * MEGA / PIECE));
	}
}

/* What was split, and freed in pieces, can be had whole again. */
static void blocks_become_whole_again(void)
{
	uint64_t most = 64, before = count_large(most), free = check_frames();

	CHECK(before >= 8);
	for (unsigned round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < before; i++)
			CHECK_OK(fill(OWN, i * MEGA, MEGA, RW | FRESH));
		clear_in_pieces(before);
		check_frames_settle(free);
		CHECK_EQUAL(look(OWN, 5), 0);
		CHECK_EQUAL(count_large(most), before);
	}
}

/* The same where the frames were taken one by one. */
static void small_frames_become_blocks_again(void)
{
	uint64_t most = 48, before = count_large(most), free = check_frames(), after;

	CHECK(before >= 8);
	CHECK_OK(fill(OWN, 1, before * MEGA, RW | FRESH));
	for (uint64_t page = 1; page <= before * MEGA; page += MEGA)
		CHECK_OK(clear(page, MEGA));
	check_frames_settle(free);
	after = count_large(most);
	CHECK_EQUAL(after, before);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(what_fits_is_a_large_leaf),
		CASE(what_does_not_fit_is_small),
		CASE(a_page_in_use_makes_the_block_small),
		CASE(unmap_splits),
		CASE(protect_splits),
		CASE(a_move_splits),
		CASE(a_share_elsewhere_is_of_the_same_frames),
		CASE(a_share_that_fits_keeps_every_frame),
		CASE(one_page_may_outlive_the_leaf),
		CASE(blocks_become_whole_again),
		CASE(small_frames_become_blocks_again),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
