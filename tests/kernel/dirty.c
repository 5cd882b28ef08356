/* SPDX-License-Identifier: MIT */
/* dirty.c - dirty tells exactly which pages were written, and forgets that. */
#include <stdatomic.h>

#include "bits.h"
#include "pages.h"
#include "raw.h"

static void fresh_pages_are_dirty_once(void)
{
	CHECK_OK(fill(OWN, 0, 100, RW | FRESH));
	ask(0, 100);
	CHECK_EQUAL(bits(100), 100);
	ask(0, 100);
	CHECK_EQUAL(bits(100), 0);
	CHECK_EQUAL(check_query(OWN, TEST_PAGE(5), NULL) & PUDU_DIRTY, 0);
	*word(5) = 1;
	CHECK_EQUAL(check_query(OWN, TEST_PAGE(5), NULL) & PUDU_DIRTY, PUDU_DIRTY);
	CHECK_OK(clear(0, 100));
}

static void stores_set_their_bits_and_loads_do_not(void)
{
	static const uint64_t stored[] = { 0, 1, 63, 64, 65, 127, 128, 199 };
	uint64_t n = sizeof stored / sizeof stored[0];

	CHECK_OK(fill(OWN, 0, 200, RW | FRESH));
	ask(0, 200);
	for (uint64_t i = 0; i < 200; i++)
		CHECK(*word(i) == 0);
	for (uint64_t i = 0; i < n; i++)
		*(volatile char *)(TEST_PAGE(stored[i]) + 17) = 1;
	ask(0, 200);
	CHECK_EQUAL(bits(200), n);
	for (uint64_t i = 0; i < n; i++)
		CHECK(bit(stored[i]));
	ask(0, 200);
	CHECK_EQUAL(bits(200), 0);
	/* An atomic, and one that stores what is there. */
	atomic_fetch_add((_Atomic uint64_t *)TEST_PAGE(9), 0);
	*word(10) = 0;
	CHECK_EQUAL(touch(OWN, TOUCH_ADD, TEST_PAGE(11), 1), 0);
	ask(0, 200);
	CHECK_EQUAL(bits(200), 3);
	CHECK(bit(9) && bit(10) && bit(11));
	CHECK_OK(clear(0, 200));
}

static void every_length_has_its_bits(void)
{
	CHECK_OK(fill(OWN, 0, 300, RW | FRESH));
	ask(0, 300);
	for (uint64_t n = 1; n <= 200; n++) {
		uint64_t first = n * 37 % 90;

		*word(first) = n;
		*word(first + n - 1) = n;
		if (first != 0)
			*word(first - 1) = n;
		*word(first + n) = n;
		ask(first, n);
		CHECK_EQUAL(bits(n), n == 1 ? 1 : 2);
		CHECK(bit(0) && bit(n - 1));
		ask(0, 300);
		CHECK_EQUAL(bits(300), first != 0 ? 2 : 1);
		CHECK(bit(first + n));
	}
	CHECK_OK(clear(0, 300));
}

static void holes_and_lazy_pages_are_clean(void)
{
	CHECK_OK(fill(OWN, 3, 1, RW | FRESH));
	CHECK_OK(fill(OWN, 8, 8, RW | LAZY));
	*word(9) = 1;
	ask(0, 100);
	CHECK_EQUAL(bits(100), 2);
	CHECK(bit(3) && bit(9));
	CHECK_EQUAL(look(OWN, 10), MEMORY | RW | PUDU_LAZY);
	CHECK_EQUAL(look(OWN, 0), 0);
	/* No page, no table: a gigabyte away. */
	memset(bitmap, 0xff, sizeof bitmap);
	CHECK_DONE(pudu_dirty(OWN, TEST_PAGE(GIGA), PAGES(70), (uint64_t)bitmap), PUDU_OK, 70);
	CHECK_EQUAL(bitmap[0], 0);
	CHECK_EQUAL(bitmap[1], 0);
	CHECK_EQUAL(bitmap[2], ~0ull);
	CHECK_OK(clear(0, 16));
}

/* A large leaf counts as all its pages. It may be split to be told by pages from then on. */
static void a_large_leaf_is_dirty_as_a_whole(void)
{
	uint64_t sum;

	CHECK_OK(fill(OWN, MEGA, MEGA, RW | FRESH));
	CHECK_EQUAL(level(OWN, MEGA), 1);
	CHECK_OK(pudu_dirty(OWN, TEST_PAGE(MEGA), PAGES(MEGA), (uint64_t)bitmap));
	for (unsigned i = 0; i < WORDS; i++)
		CHECK_EQUAL(bitmap[i], ~0ull);
	ask(MEGA, 500);
	CHECK_EQUAL(bits(500), 0);
	*word(MEGA + 100) = 1;
	ask(MEGA, 500);
	sum = bits(500);
	CHECK(bit(100));
	CHECK(sum == 500 || sum == 1);
	ask(MEGA, 500);
	CHECK_EQUAL(bits(500), 0);
	CHECK_OK(clear(MEGA, MEGA));
}

/* Pages of which D is clear keep everything else: contents, rights, being copy-on-write. */
static void only_d_is_forgotten(void)
{
	CHECK_OK(fill(OWN, 0, 4, RW | FRESH));
	write_pages(0, 4, 10);
	CHECK_OK(again(8, 2, 0, RW | COW));
	CHECK_OK(protect(3, 1, PUDU_R));
	ask(0, 10);
	CHECK_EQUAL(look(OWN, 2), MEMORY | RW);
	CHECK_EQUAL(look(OWN, 3), MEMORY | PUDU_R);
	CHECK_EQUAL(look(OWN, 0), MEMORY | RW | PUDU_COPY);
	check_pages(0, 4, 10);
	check_pages(8, 2, 10);
	ask(0, 10);
	CHECK_EQUAL(bits(10), 0);
	*word(8) = 20;
	ask(0, 10);
	CHECK_EQUAL(bits(10), 1);
	CHECK(bit(8));
	CHECK_EQUAL(*word(0), 10);
	*word(0) = 30; /* the last owner */
	ask(0, 10);
	CHECK_EQUAL(bits(10), 1);
	CHECK(bit(0));
	CHECK_EQUAL(*word(8), 20);
	CHECK_EQUAL(touch(OWN, TOUCH_STORE, TEST_PAGE(3), 1), STORE_FAULT);
	CHECK_OK(clear(0, 10));
}

/* Stores that the kernel makes for the program. */
static void the_kernel_stores_are_told_too(void)
{
	CHECK_OK(fill(OWN, 0, 4, RW | FRESH));
	CHECK_OK(check_raw(TEST_HANDLE(0), raw_end, 0));
	ask(0, 4);
	CHECK_OK(pudu_executor_regs(TEST_HANDLE(0), PUDU_REGS_READ, TEST_PAGE(1), 256));
	CHECK_OK(pudu_executor_regs(TEST_HANDLE(0), PUDU_REGS_WRITE, TEST_PAGE(1), 256));
	EXPECT(pudu_park_if(TEST_PAGE(2), 1, PUDU_FOREVER), PUDU_ERR_VALUE);
	ask(0, 4);
	CHECK_EQUAL(bits(4), 1);
	CHECK(bit(1));
	/* The bitmap in the range itself: it is dirty when it has been written. */
	CHECK_OK(pudu_dirty(OWN, TEST_PAGE(0), PAGES(4), TEST_PAGE(3)));
	ask(0, 4);
	CHECK(bit(3) && bits(4) == 1);
	CHECK_OK(pudu_terminate(TEST_HANDLE(0), 0));
	CHECK_OK(pudu_unmap(OWN, TEST_HANDLE(0), PAGES(1)));
	CHECK_OK(clear(0, 4));
}

static void another_address_space_is_asked(void)
{
	pages_child(128);
	CHECK_OK(fill(CHILD, 0, 70, RW | FRESH));
	CHECK_OK(pudu_dirty(CHILD, TEST_PAGE(0), PAGES(70), (uint64_t)bitmap));
	CHECK_EQUAL(bits(70), 70);
	CHECK_EQUAL(touch(CHILD, TOUCH_STORE, TEST_PAGE(66), 1), 0);
	CHECK_EQUAL(touch(CHILD, TOUCH_LOAD, TEST_PAGE(67), 1), 0);
	CHECK_OK(pudu_dirty(CHILD, TEST_PAGE(0), PAGES(70), (uint64_t)bitmap));
	CHECK_EQUAL(bits(70), 1);
	CHECK(bit(66));
	pages_child_end();
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(fresh_pages_are_dirty_once),
		CASE(stores_set_their_bits_and_loads_do_not),
		CASE(every_length_has_its_bits),
		CASE(holes_and_lazy_pages_are_clean),
		CASE(a_large_leaf_is_dirty_as_a_whole),
		CASE(only_d_is_forgotten),
		CASE(the_kernel_stores_are_told_too),
		CASE(another_address_space_is_asked),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
