/* SPDX-License-Identifier: MIT */
/* cow.c - copy-on-write: each side keeps what is its own, and no page is copied without need. */
#include "pages.h"

/* What query tells of a copy-on-write page, before and after it has its own frame. */
#define COPY  (MEMORY | PUDU_COPY | RW)
#define PLAIN (MEMORY | RW)

static void both_sides_keep_what_is_theirs(void)
{
	pages_child(64);
	CHECK_OK(fill(OWN, 0, 3, RW | FRESH));
	write_pages(0, 3, 100);
	CHECK_DONE(hand(CHILD, 0, 3, RW | COW), PUDU_OK, 3);
	CHECK_EQUAL(look(OWN, 0), COPY);
	CHECK_EQUAL(look(CHILD, 2), COPY);

	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, TEST_PAGE(0), 0), 100);
	CHECK_EQUAL(touch(CHILD, TOUCH_STORE, TEST_PAGE(0), 200), 0);
	CHECK_EQUAL(touch(CHILD, TOUCH_ADD, TEST_PAGE(1), 1000), 101);
	check_pages(0, 3, 100);
	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, TEST_PAGE(0), 0), 200);
	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, TEST_PAGE(1), 0), 1101);

	write_pages(0, 3, 300);
	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, TEST_PAGE(0), 0), 200);
	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, TEST_PAGE(1), 0), 1101);
	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, TEST_PAGE(2), 0), 102);
	CHECK_EQUAL(look(OWN, 0), PLAIN);
	CHECK_EQUAL(look(CHILD, 0), PLAIN);
	check_pages(0, 3, 300);
	CHECK_OK(clear(0, 3));
	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, TEST_PAGE(2), 0), 102);
	pages_child_end();
}

/* The copy has all of the page, not only the word that was stored to. */
static void a_copy_has_the_whole_page(void)
{
	CHECK_OK(fill(OWN, 0, 1, RW | FRESH));
	for (unsigned i = 0; i < PUDU_PAGE_SIZE / 8; i++)
		word(0)[i] = i * 7 + 1;
	CHECK_OK(again(8, 1, 0, RW | COW));
	word(8)[256] = 0;
	for (unsigned i = 0; i < PUDU_PAGE_SIZE / 8; i++) {
		CHECK_EQUAL(word(0)[i], i * 7 + 1);
		CHECK_EQUAL(word(8)[i], i == 256 ? 0 : i * 7 + 1);
	}
	CHECK_OK(clear(0, 9));
}

static void the_last_owner_takes_no_frame(void)
{
	uint64_t free;

	CHECK_OK(fill(OWN, 0, 4, RW | FRESH));
	write_pages(0, 4, 10);
	CHECK_OK(again(8, 4, 0, RW | COW));
	free = check_frames();
	*word(8) = 20; /* copied: two have it */
	CHECK_EQUAL(pudu_free_frames(), free - 1);
	*word(0) = 30; /* nobody else has it now */
	CHECK_EQUAL(pudu_free_frames(), free - 1);
	*word(1) = 40; /* the other way round */
	*word(9) = 50;
	CHECK_EQUAL(pudu_free_frames(), free - 2);
	CHECK_OK(clear(10, 2));
	*word(2) = 60; /* the others have let go */
	*word(3) = 70;
	CHECK_EQUAL(check_frames(), free - 2);
	CHECK_EQUAL(*word(8), 20);
	CHECK_EQUAL(*word(9), 50);
	CHECK_EQUAL(*word(2), 60);
	CHECK_OK(clear(0, 16));
}

static void copies_are_charged_to_who_stores(void)
{
	uint64_t own, child;

	pages_child(64);
	CHECK_OK(fill(OWN, 0, 8, RW | FRESH));
	CHECK_OK(hand(CHILD, 0, 8, RW | COW));
	own = pages_used(OWN);
	child = pages_used(CHILD);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQUAL(touch(CHILD, TOUCH_STORE, TEST_PAGE(i), 1), 0);
	CHECK_EQUAL(pages_used(CHILD), child + 4);
	for (unsigned i = 4; i < 8; i++)
		*word(i) = 1;
	CHECK_EQUAL(pages_used(CHILD), child + 4);
	check_frames();
	CHECK_EQUAL(pages_used(OWN), own + 4);
	CHECK_OK(clear(0, 8));
	pages_child_end();
}

static void a_snapshot_stays_what_it_was(void)
{
	CHECK_OK(fill(OWN, 0, 4, RW | FRESH));
	write_pages(0, 4, 10);
	CHECK_OK(again(8, 4, 0, PUDU_R | COW));
	CHECK_EQUAL(look(OWN, 8) & 7, PUDU_R);
	write_pages(0, 4, 20);
	check_pages(8, 4, 10);
	check_pages(0, 4, 20);
	CHECK_EQUAL(touch(OWN, TOUCH_STORE, TEST_PAGE(8), 1), STORE_FAULT);
	check_pages(8, 4, 10);
	CHECK_OK(clear(0, 12));
}

static void a_chain_of_copies(void)
{
	enum { LINKS = 5 };
	uint64_t free;

	CHECK_OK(fill(OWN, 0, 2, RW | FRESH));
	write_pages(0, 2, 1);
	for (unsigned i = 1; i < LINKS; i++)
		CHECK_OK(again(8 * i, 2, 8 * (i - 1), RW | COW));
	free = check_frames();
	for (unsigned i = 0; i < LINKS; i++) {
		unsigned link = (i * 2 + 2) % LINKS; /* 2, 4, 1, 3, 0 */

		check_pages(8 * link, 2, 1);
		write_pages(8 * link, 2, 100 * (link + 1));
	}
	CHECK_EQUAL(pudu_free_frames(), free - (LINKS - 1) * 2);
	for (unsigned i = 0; i < LINKS; i++)
		check_pages(8 * i, 2, 100 * (i + 1));
	CHECK_OK(clear(0, 8 * LINKS));
}

/* A share of a copy-on-write page: both must see each other's stores for ever. */
static void a_share_settles_the_copy_first(void)
{
	CHECK_OK(fill(OWN, 0, 2, RW | FRESH));
	write_pages(0, 2, 10);
	CHECK_OK(again(8, 2, 0, RW | COW));
	CHECK_DONE(again(16, 2, 8, RW | SHARE), PUDU_OK, 2);
	CHECK_EQUAL(look(OWN, 8), PLAIN);
	CHECK_EQUAL(look(OWN, 16), PLAIN);
	*word(8) = 20;
	CHECK_EQUAL(*word(16), 20);
	*word(17) = 30;
	CHECK_EQUAL(*word(9), 30);
	check_pages(0, 2, 10);
	CHECK_DONE(again(24, 2, 0, RW | SHARE), PUDU_OK, 2);
	*word(0) = 40;
	CHECK_EQUAL(*word(24), 40);
	CHECK_EQUAL(*word(8), 20);
	CHECK_OK(clear(0, 26));
}

/* Stores through another mapping of the frame go on; who is copy-on-write leaves it by a store. */
static void stores_through_a_share_are_not_held_up(void)
{
	CHECK_OK(fill(OWN, 0, 1, RW | FRESH));
	CHECK_OK(again(4, 1, 0, RW | SHARE));
	CHECK_OK(again(8, 1, 0, RW | COW));
	CHECK_EQUAL(look(OWN, 4), PLAIN);
	*word(4) = 5;
	CHECK_EQUAL(*word(4), 5);
	*word(8) = 6;
	*word(4) = 7;
	CHECK_EQUAL(*word(8), 6);
	*word(0) = 8;
	*word(4) = 9;
	CHECK_EQUAL(*word(0), 8);
	CHECK_EQUAL(*word(8), 6);
	CHECK_OK(clear(0, 9));
}

static void what_may_be_read_may_be_copied(void)
{
	CHECK_OK(fill(OWN, 0, 2, RW | FRESH));
	write_pages(0, 2, 10);
	CHECK_OK(protect(0, 2, PUDU_R));
	CHECK_DONE(again(8, 2, 0, RW | COW), PUDU_OK, 2);
	CHECK_EQUAL(look(OWN, 0) & 7, PUDU_R);
	CHECK_EQUAL(look(OWN, 8) & 7, RW);
	write_pages(8, 2, 20);
	check_pages(0, 2, 10);
	check_pages(8, 2, 20);
	CHECK_EQUAL(touch(OWN, TOUCH_STORE, TEST_PAGE(0), 1), STORE_FAULT);
	/* Text, too: a debugger's breakpoint. */
	CHECK_OK(protect(0, 2, RX));
	CHECK_OK(again(16, 1, 0, RW | PUDU_X | COW));
	*word(16) = 0;
	CHECK_EQUAL(touch(OWN, TOUCH_JUMP, TEST_PAGE(16), 0), ILLEGAL);
	check_pages(0, 2, 10);
	CHECK_OK(clear(0, 18));
}

/* Another address space's memory that is shared read-only: the copy is private, the rest is not. */
static void a_copy_of_foreign_memory_is_private(void)
{
	pages_child(64);
	CHECK_OK(fill(OWN, 0, 1, RW | FRESH));
	*word(0) = 10;
	CHECK_OK(hand(CHILD, 0, 1, PUDU_R | SHARE));
	CHECK_DONE(pudu_map(CHILD, TEST_PAGE(8), PAGES(1), CHILD, TEST_PAGE(0), RW | COW), PUDU_OK,
		   1);
	CHECK_EQUAL(touch(CHILD, TOUCH_STORE, TEST_PAGE(8), 20), 0);
	CHECK_EQUAL(*word(0), 10);
	CHECK_EQUAL(touch(CHILD, TOUCH_STORE, TEST_PAGE(0), 20), STORE_FAULT);
	EXPECT(pudu_protect(CHILD, TEST_PAGE(8), PAGES(1), RW | PUDU_X), PUDU_OK);
	CHECK_EQUAL(*word(0), 10);
	CHECK_OK(clear(0, 1));
	pages_child_end();
}

static void protect_lowers_and_raises_the_rights_of_copies(void)
{
	CHECK_OK(fill(OWN, 0, 2, RW | FRESH));
	write_pages(0, 2, 10);
	CHECK_OK(again(8, 2, 0, RW | COW));
	CHECK_DONE(protect(8, 2, PUDU_R), PUDU_OK, 2);
	CHECK_EQUAL(touch(OWN, TOUCH_STORE, TEST_PAGE(8), 1), STORE_FAULT);
	check_pages(8, 2, 10);
	CHECK_DONE(protect(8, 2, RW), PUDU_OK, 2);
	write_pages(8, 2, 20);
	check_pages(0, 2, 10);
	write_pages(0, 2, 30);
	check_pages(8, 2, 20);
	/* A right that it never had. */
	CHECK_OK(again(16, 2, 0, PUDU_R | COW));
	CHECK_DONE(protect(16, 2, RW), PUDU_OK, 2);
	write_pages(16, 2, 40);
	check_pages(0, 2, 30);
	/* And in the source. */
	CHECK_OK(again(24, 2, 0, PUDU_R | COW));
	CHECK_OK(protect(0, 2, PUDU_R));
	CHECK_OK(protect(0, 2, RW));
	write_pages(0, 2, 50);
	check_pages(24, 2, 30);
	CHECK_OK(clear(0, 26));
}

static void a_moved_copy_is_still_one(void)
{
	CHECK_OK(fill(OWN, 0, 2, RW | FRESH));
	write_pages(0, 2, 10);
	CHECK_OK(again(8, 2, 0, RW | COW));
	CHECK_DONE(again(600, 2, 8, RW | MOVE), PUDU_OK, 2);
	CHECK_EQUAL(look(OWN, 8), 0);
	write_pages(600, 2, 20);
	check_pages(0, 2, 10);
	write_pages(0, 2, 30);
	check_pages(600, 2, 20);
	CHECK_OK(clear(0, 2));
	CHECK_OK(clear(600, 2));
}

static void what_has_no_copy_is_refused(void)
{
	CHECK_OK(fill(OWN, 0, 2, RW | FRESH));
	CHECK_OK(fill(OWN, 2, 1, PUDU_X | FRESH));
	EXPECT(pudu_map(OWN, TEST_HANDLE(0), PAGES(1), OWN, PUDU_MAIN_EXECUTOR, PUDU_R | COW),
	       PUDU_ERR_ARGUMENT);
	EXPECT(pudu_map(OWN, TEST_HANDLE(0), PAGES(1), OWN, TEST_PAGE(0), PUDU_R | COW),
	       PUDU_ERR_ARGUMENT);
	EXPECT(again(8, 1, 0, RW | COW | SHARE), PUDU_ERR_ARGUMENT);
	EXPECT(again(8, 1, 0, PUDU_W | COW), PUDU_ERR_ARGUMENT);
	EXPECT(again(8, 1, 0, COW), PUDU_ERR_ARGUMENT);
	CHECK_DONE(again(8, 1, 2, RW | COW), PUDU_ERR_RIGHT, 0);
	CHECK_DONE(again(8, 4, 1, RW | COW), PUDU_ERR_RIGHT, 1);
	CHECK_DONE(again(16, 2, 3, RW | COW), PUDU_ERR_ADDRESS, 0);
	CHECK_DONE(again(0, 1, 1, RW | COW), PUDU_ERR_EXISTS, 0);
	CHECK_EQUAL(look(OWN, 0), PLAIN);
	CHECK_EQUAL(look(OWN, 2), MEMORY | PUDU_X);
	CHECK_EQUAL(look(OWN, 9), 0);
	CHECK_EQUAL(look(OWN, 16), 0);
	CHECK_EQUAL(check_query(OWN, TEST_HANDLE(0), NULL), 0);
	CHECK_OK(clear(0, 9));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(both_sides_keep_what_is_theirs),
		CASE(a_copy_has_the_whole_page),
		CASE(the_last_owner_takes_no_frame),
		CASE(copies_are_charged_to_who_stores),
		CASE(a_snapshot_stays_what_it_was),
		CASE(a_chain_of_copies),
		CASE(a_share_settles_the_copy_first),
		CASE(stores_through_a_share_are_not_held_up),
		CASE(what_may_be_read_may_be_copied),
		CASE(a_copy_of_foreign_memory_is_private),
		CASE(protect_lowers_and_raises_the_rights_of_copies),
		CASE(a_moved_copy_is_still_one),
		CASE(what_has_no_copy_is_refused),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
