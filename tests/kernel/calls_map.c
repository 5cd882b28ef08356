/* SPDX-License-Identifier: MIT */
/* calls_map.c - map, unmap, protect and query do what they promise, on memory. */
#include <string.h>

#include "check.h"

#define FRESH(rights) ((rights) | PUDU_MAP_FRESH)
#define SHARE(rights) ((rights) | PUDU_MAP_SHARE)
#define MOVE(rights)  ((rights) | PUDU_MAP_MOVE)
#define RW	      (PUDU_R | PUDU_W)
#define OTHER	      TEST_HANDLE(0)

static struct pudu_result fresh(uint64_t vas, uint64_t page, uint64_t n, uint64_t rights)
{
	return pudu_map(vas, TEST_PAGE(page), n * PUDU_PAGE_SIZE, 0, 0, FRESH(rights));
}

/* Share or move pages of this address space. */
static struct pudu_result again(uint64_t page, uint64_t n, uint64_t source, uint64_t flags)
{
	return pudu_map(PUDU_OWN_VAS, TEST_PAGE(page), n * PUDU_PAGE_SIZE, PUDU_OWN_VAS,
			TEST_PAGE(source), flags);
}

static struct pudu_result clear(uint64_t page, uint64_t n)
{
	return pudu_unmap(PUDU_OWN_VAS, TEST_PAGE(page), n * PUDU_PAGE_SIZE);
}

static volatile uint64_t *word(uint64_t page)
{
	return (volatile uint64_t *)TEST_PAGE(page);
}

static void check_page(uint64_t page, uint64_t expected)
{
	/* A page that is read-only here may be dirty by what was done elsewhere. */
	CHECK_EQUAL(check_query(PUDU_OWN_VAS, TEST_PAGE(page), NULL) & ~(uint64_t)PUDU_DIRTY,
		    expected & ~(uint64_t)PUDU_DIRTY);
}

static void check_done(struct pudu_result result, int64_t status, uint64_t pages)
{
	CHECK_EQUAL(result.status, status);
	CHECK_EQUAL(result.value, pages * PUDU_PAGE_SIZE);
}

/* Also where another use left something, and an idle hart has had time to take the frames. */
static void fresh_memory_is_zero(void)
{
	enum { PAGES = 24 };

	for (unsigned round = 0; round < 4; round++) {
		check_done(fresh(PUDU_OWN_VAS, 0, PAGES, RW), PUDU_OK, PAGES);
		for (unsigned i = 0; i < PAGES * PUDU_PAGE_SIZE / 8; i++)
			if (!CHECK(word(0)[i] == 0))
				break;
		memset((void *)TEST_PAGE(0), 0xff, PAGES * PUDU_PAGE_SIZE);
		check_done(clear(0, PAGES), PUDU_OK, PAGES);
		for (unsigned i = 0; i < 4 * round; i++)
			check_nap();
	}
}

static void all_rights_can_be_had(void)
{
	static const uint64_t rights[] = {
		PUDU_R, RW, PUDU_R | PUDU_X, RW | PUDU_X, PUDU_X,
	};

	for (unsigned i = 0; i < sizeof rights / sizeof rights[0]; i++) {
		CHECK_OK(fresh(PUDU_OWN_VAS, i, 1, rights[i]));
		check_page(i, check_memory(rights[i]));
	}
	CHECK_OK(clear(0, 5));
}

/* Larger than a table covers, and more than one kernel entry does. */
static void a_long_range_is_mapped_whole(void)
{
	uint64_t n = 1500, told = 0, length;

	check_done(fresh(PUDU_OWN_VAS, 100, n, RW), PUDU_OK, n);
	for (uint64_t i = 0; i < n; i++)
		*word(100 + i) = i + 1;
	for (uint64_t i = 0; i < n; i++)
		CHECK(*word(100 + i) == i + 1);
	while (told < n && (check_query(PUDU_OWN_VAS, TEST_PAGE(100 + told), &length) & 0xffff) ==
				   check_memory(RW))
		told += length / PUDU_PAGE_SIZE;
	CHECK_EQUAL(told, n);
	check_page(99, 0);
	check_page(100 + n, 0);
	check_done(clear(100, n), PUDU_OK, n);
}

static void shared_pages_are_the_same_memory(void)
{
	CHECK_OK(fresh(PUDU_OWN_VAS, 0, 2, RW));
	check_done(again(8, 2, 0, SHARE(PUDU_R)), PUDU_OK, 2);
	*word(1) = 4711;
	CHECK_EQUAL(*word(9), 4711);
	check_page(8, check_memory(PUDU_R));
	EXPECT(again(16, 2, 8, SHARE(RW)), PUDU_ERR_RIGHT);
	CHECK_OK(clear(0, 2));
	CHECK_EQUAL(*word(9), 4711);
	CHECK_OK(clear(8, 2));
}

static void moved_pages_leave_their_source(void)
{
	CHECK_OK(fresh(PUDU_OWN_VAS, 0, 3, RW));
	*word(2) = 5;
	check_done(again(600, 3, 0, MOVE(PUDU_R)), PUDU_OK, 3);
	CHECK_EQUAL(*word(602), 5);
	check_page(0, 0);
	check_page(2, 0);
	check_done(pudu_protect(PUDU_OWN_VAS, TEST_PAGE(600), 3 * PUDU_PAGE_SIZE, RW), PUDU_OK, 3);
	CHECK_OK(clear(600, 3));
}

/* What was done before the page in use stays, and is told. */
static void an_occupied_place_is_refused(void)
{
	CHECK_OK(fresh(PUDU_OWN_VAS, 3, 1, PUDU_R));
	check_done(fresh(PUDU_OWN_VAS, 3, 1, RW), PUDU_ERR_EXISTS, 0);
	check_done(fresh(PUDU_OWN_VAS, 0, 5, RW), PUDU_ERR_EXISTS, 3);
	check_page(2, check_memory(RW));
	check_page(3, check_memory(PUDU_R));
	check_page(4, 0);
	check_done(again(2, 1, 0, SHARE(RW)), PUDU_ERR_EXISTS, 0);
	check_done(again(2, 1, 2, MOVE(RW)), PUDU_ERR_EXISTS, 0);
	CHECK_OK(clear(0, 5));
}

static void a_hole_in_the_source_is_told(void)
{
	CHECK_OK(fresh(PUDU_OWN_VAS, 0, 2, RW));
	check_done(again(8, 4, 0, SHARE(RW)), PUDU_ERR_ADDRESS, 2);
	check_done(clear(0, 16), PUDU_OK, 16);
}

static void another_address_space_can_be_filled(void)
{
	CHECK_OK(pudu_vas_create(OTHER, 256, 'o', 0));
	CHECK_OK(fresh(OTHER, 0, 2, RW));
	CHECK_OK(pudu_map(PUDU_OWN_VAS, TEST_PAGE(0), PUDU_PAGE_SIZE, OTHER, TEST_PAGE(1),
			  SHARE(RW)));
	CHECK_EQUAL(*word(0), 0);
	*word(0) = 9;
	CHECK_OK(pudu_map(PUDU_OWN_VAS, TEST_PAGE(1), PUDU_PAGE_SIZE, OTHER, TEST_PAGE(1),
			  MOVE(PUDU_R)));
	CHECK_EQUAL(*word(1), 9);
	CHECK_EQUAL(check_query(OTHER, TEST_PAGE(1), NULL), 0);
	CHECK_EQUAL(check_query(OTHER, TEST_PAGE(0), NULL), check_memory(RW));
	CHECK_OK(clear(0, 2));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, OTHER, PUDU_PAGE_SIZE));
}

static void unmap_passes_over_holes(void)
{
	uint64_t all = PUDU_LOADER_START - PUDU_ARENA_END;
	struct pudu_result result;

	CHECK_OK(fresh(PUDU_OWN_VAS, 1, 1, RW));
	CHECK_OK(fresh(PUDU_OWN_VAS, 5, 1, RW));
	CHECK_OK(fresh(PUDU_OWN_VAS, 70000, 1, RW));
	result = pudu_unmap(PUDU_OWN_VAS, PUDU_ARENA_END, all);
	CHECK_EQUAL(result.status, PUDU_OK);
	CHECK_EQUAL(result.value, all);
	check_page(1, 0);
	check_page(5, 0);
	check_page(70000, 0);
	check_done(clear(0, 3), PUDU_OK, 3);
}

static void protect_lowers_and_raises_own_rights(void)
{
	CHECK_OK(fresh(PUDU_OWN_VAS, 0, 3, RW));
	*word(1) = 3;
	check_done(pudu_protect(PUDU_OWN_VAS, TEST_PAGE(1), PUDU_PAGE_SIZE, PUDU_R), PUDU_OK, 1);
	CHECK_EQUAL(check_query(PUDU_OWN_VAS, TEST_PAGE(1), NULL) & 0xf, PUDU_R);
	CHECK_EQUAL(check_query(PUDU_OWN_VAS, TEST_PAGE(0), NULL) & 0xf, RW);
	CHECK_EQUAL(*word(1), 3);
	check_done(pudu_protect(PUDU_OWN_VAS, TEST_PAGE(0), 3 * PUDU_PAGE_SIZE, RW | PUDU_X),
		   PUDU_OK, 3);
	*word(1) = 4;
	check_done(pudu_protect(PUDU_OWN_VAS, TEST_PAGE(1), 4 * PUDU_PAGE_SIZE, PUDU_R),
		   PUDU_ERR_ADDRESS, 2);
	CHECK_OK(clear(0, 3));
}

/* What if a program shared memory read-only, and the other one could make it writable? */
static void protect_raises_no_foreign_rights(void)
{
	CHECK_OK(pudu_vas_create(OTHER, 256, 'o', 0));
	CHECK_OK(fresh(PUDU_OWN_VAS, 0, 2, RW));
	CHECK_OK(pudu_map(OTHER, TEST_PAGE(0), 2 * PUDU_PAGE_SIZE, PUDU_OWN_VAS, TEST_PAGE(0),
			  SHARE(PUDU_R)));
	check_done(pudu_protect(OTHER, TEST_PAGE(0), PUDU_PAGE_SIZE, RW), PUDU_ERR_RIGHT, 0);
	check_done(pudu_protect(OTHER, TEST_PAGE(0), PUDU_PAGE_SIZE, PUDU_R | PUDU_X),
		   PUDU_ERR_RIGHT, 0);
	CHECK_EQUAL(check_query(OTHER, TEST_PAGE(0), NULL) & 0xf, PUDU_R);
	/* A move of a page that is mapped elsewhere too does not give it away, */
	CHECK_OK(pudu_map(OTHER, TEST_PAGE(8), PUDU_PAGE_SIZE, PUDU_OWN_VAS, TEST_PAGE(0),
			  MOVE(PUDU_R)));
	check_done(pudu_protect(OTHER, TEST_PAGE(8), PUDU_PAGE_SIZE, RW), PUDU_ERR_RIGHT, 0);
	/* of one that is mapped nowhere else it does. */
	CHECK_OK(pudu_unmap(OTHER, TEST_PAGE(1), PUDU_PAGE_SIZE));
	CHECK_OK(pudu_map(OTHER, TEST_PAGE(9), PUDU_PAGE_SIZE, PUDU_OWN_VAS, TEST_PAGE(1),
			  MOVE(PUDU_R)));
	check_done(pudu_protect(OTHER, TEST_PAGE(9), PUDU_PAGE_SIZE, RW), PUDU_OK, 1);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, OTHER, PUDU_PAGE_SIZE));
}

static void query_tells_the_special_pages(void)
{
	uint64_t length;

	CHECK_EQUAL(check_query(PUDU_OWN_VAS, 0, &length), 0);
	CHECK(length >= PUDU_PAGE_SIZE && length <= 0x10000);
	CHECK_EQUAL(check_query(PUDU_OWN_VAS, PUDU_INFO_PAGE, &length) | PUDU_DIRTY,
		    check_memory(PUDU_R));
	CHECK_EQUAL(length, PUDU_PAGE_SIZE);
	CHECK_EQUAL(check_query(PUDU_OWN_VAS, PUDU_INFO_PAGE + PUDU_PAGE_SIZE, NULL), 0);
	CHECK_EQUAL(PUDU_KIND(check_query(PUDU_OWN_VAS, PUDU_OWN_VAS, &length)), PUDU_KIND_VAS);
	CHECK_EQUAL(length, PUDU_PAGE_SIZE);
	CHECK_EQUAL(PUDU_KIND(check_query(PUDU_OWN_VAS, PUDU_MAIN_EXECUTOR, NULL)),
		    PUDU_KIND_EXECUTOR);
	CHECK_EQUAL(check_query(PUDU_OWN_VAS, PUDU_HANDLES_END - PUDU_PAGE_SIZE, NULL), 0);
}

static void sv48_has_more_memory(void)
{
	uint64_t at[] = { PUDU_MEMORY48_START, PUDU_MEMORY48_END - PUDU_PAGE_SIZE };

	for (unsigned i = 0; i < 2; i++) {
		struct pudu_result result =
			pudu_map(PUDU_OWN_VAS, at[i], PUDU_PAGE_SIZE, 0, 0, FRESH(RW));

		if (pudu_info()->levels == 3) {
			CHECK_EQUAL(result.status, PUDU_ERR_ADDRESS);
			CHECK_EQUAL(check_query(PUDU_OWN_VAS, at[i], NULL), ~0ull);
			continue;
		}
		CHECK_EQUAL(result.status, PUDU_OK);
		*(volatile uint64_t *)at[i] = 1;
		CHECK_EQUAL(check_query(PUDU_OWN_VAS, at[i], NULL), check_memory(RW));
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, at[i], PUDU_PAGE_SIZE));
	}
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(fresh_memory_is_zero),
		CASE(all_rights_can_be_had),
		CASE(a_long_range_is_mapped_whole),
		CASE(shared_pages_are_the_same_memory),
		CASE(moved_pages_leave_their_source),
		CASE(an_occupied_place_is_refused),
		CASE(a_hole_in_the_source_is_told),
		CASE(another_address_space_can_be_filled),
		CASE(unmap_passes_over_holes),
		CASE(protect_lowers_and_raises_own_rights),
		CASE(protect_raises_no_foreign_rights),
		CASE(query_tells_the_special_pages),
		CASE(sv48_has_more_memory),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
