/* SPDX-License-Identifier: MIT */
/*
 * dirty_more.c - dirty with wrong arguments, and while others write: no store is lost.
 *
 *	dirty_more [rounds=N]
 */
#include <string.h>

#include "bits.h"
#include "pages.h"

#define NEXT TEST_PAGE(5 * MEGA) /* memory for bitmaps that are no variables */

/* A bitmap that can't be written: D stays for all pages that are not told. */
static void a_bad_bitmap_loses_nothing(void)
{
	static const uint64_t bad[] = { 0,
					8,
					NEXT + 4,
					NEXT + 1,
					TEST_PAGE(0) + 0x10000000,
					PUDU_INFO_PAGE,
					PUDU_OWN_VAS,
					0xffffffff80000000,
					0x8000000000000000,
					~7ull };

	CHECK_OK(fill(OWN, 0, 128, RW | FRESH));
	CHECK_OK(pudu_map(OWN, NEXT, PAGES(1), 0, 0, RW | FRESH));
	CHECK_OK(pudu_map(OWN, NEXT + PAGES(1), PAGES(1), 0, 0, PUDU_R | FRESH));
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK_DONE(pudu_dirty(OWN, TEST_PAGE(0), PAGES(128), bad[i]), PUDU_ERR_ADDRESS, 0);
	CHECK_DONE(pudu_dirty(OWN, TEST_PAGE(0), PAGES(128), NEXT + PAGES(1)), PUDU_ERR_ADDRESS, 0);
	ask(0, 128);
	CHECK_EQUAL(bits(128), 128);
	/* The second word of two. */
	write_pages(0, 128, 1);
	struct pudu_result half = pudu_dirty(OWN, TEST_PAGE(0), PAGES(128), NEXT + PAGES(1) - 8);
	CHECK_EQUAL(half.status, PUDU_ERR_ADDRESS);
	CHECK(half.value == 0 || half.value == PAGES(64));
	ask(0, 128);
	CHECK_EQUAL(bits(128), 128 - half.value / PUDU_PAGE_SIZE);
	CHECK_OK(clear(0, 128));
	CHECK_OK(pudu_unmap(OWN, NEXT, PAGES(2)));
}

static void wrong_ranges_are_refused(void)
{
	uint64_t to = (uint64_t)bitmap;

	CHECK_OK(fill(OWN, 0, 2, RW | FRESH));
	EXPECT(pudu_dirty(OWN, TEST_PAGE(0) + 1, PAGES(1), to), PUDU_ERR_ADDRESS);
	EXPECT(pudu_dirty(OWN, 0, PAGES(1), to), PUDU_ERR_ADDRESS);
	EXPECT(pudu_dirty(OWN, PUDU_INFO_PAGE, PAGES(1), to), PUDU_ERR_ADDRESS);
	EXPECT(pudu_dirty(OWN, PUDU_OWN_VAS, PAGES(1), to), PUDU_ERR_ADDRESS);
	EXPECT(pudu_dirty(OWN, 1ull << 63, PAGES(1), to), PUDU_ERR_ADDRESS);
	EXPECT(pudu_dirty(OWN, TEST_PAGE(0), 0, to), PUDU_ERR_LENGTH);
	EXPECT(pudu_dirty(OWN, TEST_PAGE(0), 8, to), PUDU_ERR_LENGTH);
	EXPECT(pudu_dirty(OWN, TEST_PAGE(0), ~0xfffull, to), PUDU_ERR_LENGTH);
	EXPECT(pudu_dirty(OWN, PUDU_MEMORY_END - PAGES(1), PAGES(2), to), PUDU_ERR_LENGTH);
	ask(0, 2);
	CHECK_EQUAL(bits(2), 2);
	CHECK_OK(clear(0, 2));
}

enum { RACE_PAGES = 130, PASSES = 4, ASKS = 6 };
static uint64_t mirror[RACE_PAGES];

/* Copy the pages that were told. */
static void follow(void)
{
	ask(0, RACE_PAGES);
	for (uint64_t i = 0; i < RACE_PAGES; i++)
		if (bit(i))
			mirror[i] = *word(i);
}

/* The first asks and copies; the others have some pages each, and store to them again and again. */
static void copy_or_write(unsigned me)
{
	if (me == 0) {
		for (unsigned i = 0; i < ASKS; i++)
			follow();
		return;
	}
	for (unsigned pass = 0; pass < PASSES; pass++)
		for (uint64_t i = me - 1; i < RACE_PAGES; i += racers() - 1)
			*word(i) += 1 + i;
}

/* What live migration does: who copies each page after it was told has the same in the end. */
static void no_store_is_lost_while_others_write(void)
{
	uint64_t rounds = check_argument("rounds", 40);

	CHECK_OK(fill(OWN, 0, RACE_PAGES, RW | FRESH));
	memset(mirror, 0, sizeof mirror);
	ask(0, RACE_PAGES);
	for (uint64_t round = 0; round < rounds; round++) {
		race(racers(), copy_or_write);
		follow();
		for (uint64_t i = 0; i < RACE_PAGES; i++) {
			CHECK_EQUAL(*word(i), (round + 1) * PASSES * (1 + i));
			CHECK_EQUAL(mirror[i], *word(i));
		}
	}
	CHECK_OK(clear(0, RACE_PAGES));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_bad_bitmap_loses_nothing),
		CASE(wrong_ranges_are_refused),
		CASE(no_store_is_lost_while_others_write),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
