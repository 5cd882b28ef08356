/* SPDX-License-Identifier: MIT */
/*
 * budgets.c - every page is charged once, to the right address space, and comes back.
 */
#include "check.h"
#include "raw.h"

#define RW	  (PUDU_R | PUDU_W)
#define FRESH	  (RW | PUDU_MAP_FRESH)
#define SLOT(i)	  TEST_HANDLE(i)
#define OWN_PAGES (pudu_info()->levels - 2) /* of an address space without mappings */

struct budget {
	uint64_t pages, used;
};

static struct budget budget_of(uint64_t vas)
{
	struct pudu_results answer = pudu_vas_budget(vas, PUDU_BUDGET_KEEP);

	CHECK_EQUAL(answer.status, PUDU_OK);
	return (struct budget){ answer.value[0], answer.value[1] };
}

static uint64_t used(uint64_t vas)
{
	return budget_of(vas).used;
}

static struct pudu_result map(uint64_t vas, uint64_t at, uint64_t pages, uint64_t from,
			      uint64_t source, uint64_t flags)
{
	return pudu_map(vas, at, pages * PUDU_PAGE_SIZE, from, source, flags);
}

static struct pudu_result unmap(uint64_t vas, uint64_t at, uint64_t pages)
{
	return pudu_unmap(vas, at, pages * PUDU_PAGE_SIZE);
}

/* A page where the tables for all that these cases map in this program are made and stay. */
static void keep_tables(void)
{
	CHECK_OK(map(PUDU_OWN_VAS, TEST_PAGE(511), 1, 0, 0, FRESH));
	CHECK_OK(map(PUDU_OWN_VAS, SLOT(511), 1, PUDU_OWN_VAS, PUDU_OWN_VAS,
		     PUDU_R | PUDU_MAP_SHARE));
}

static void drop_tables(void)
{
	CHECK_OK(unmap(PUDU_OWN_VAS, TEST_PAGE(511), 1));
	CHECK_OK(unmap(PUDU_OWN_VAS, SLOT(511), 1));
}

static void each_page_and_table_is_charged_once(void)
{
	uint64_t before = used(PUDU_OWN_VAS);

	/* Nothing else is mapped there: two tables. */
	CHECK_OK(map(PUDU_OWN_VAS, TEST_MEMORY, 100, 0, 0, FRESH));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 100 + 2);
	CHECK_OK(unmap(PUDU_OWN_VAS, TEST_PAGE(10), 80));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 20 + 2);
	/* Mapped twice, it is charged once; and until the last mapping goes. */
	CHECK_OK(map(PUDU_OWN_VAS, TEST_PAGE(10), 10, PUDU_OWN_VAS, TEST_MEMORY,
		     RW | PUDU_MAP_SHARE));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 20 + 2);
	CHECK_OK(unmap(PUDU_OWN_VAS, TEST_MEMORY, 10));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 20 + 2);
	CHECK_OK(unmap(PUDU_OWN_VAS, TEST_PAGE(10), 10));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 10 + 2);
	CHECK_OK(unmap(PUDU_OWN_VAS, TEST_MEMORY, 512));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before);
}

static void an_executor_is_charged_to_its_maker(void)
{
	uint64_t before, n = 20;

	keep_tables();
	before = used(PUDU_OWN_VAS);
	CHECK_OK(pudu_vas_create(SLOT(100), 0, 'e', 0));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + OWN_PAGES);
	for (uint64_t i = 1; i <= n; i++) {
		uint64_t vas = i % 2 == 0 ? PUDU_OWN_VAS : SLOT(100);

		CHECK_OK(pudu_executor_create(SLOT(i), vas, 0, (uint64_t)raw_end, 0, 0));
	}
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + OWN_PAGES + n);
	CHECK_EQUAL(used(SLOT(100)), 0);
	/* Ended, but named: the pages stay. */
	for (uint64_t i = 1; i <= n; i++)
		CHECK_OK(pudu_terminate(SLOT(i), 0));
	check_frames();
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + OWN_PAGES + n);
	CHECK_OK(unmap(PUDU_OWN_VAS, SLOT(1), 100));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before);
	drop_tables();
}

static void a_child_costs_its_budget_and_its_root(void)
{
	uint64_t before;

	keep_tables();
	before = used(PUDU_OWN_VAS);
	CHECK_OK(pudu_vas_create(SLOT(0), 50, 'c', 0));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 50 + OWN_PAGES);
	CHECK_EQUAL(budget_of(SLOT(0)).pages, 50);
	CHECK_EQUAL(used(SLOT(0)), 0);
	CHECK_OK(map(SLOT(0), TEST_MEMORY, 48, 0, 0, FRESH));
	CHECK_EQUAL(used(SLOT(0)), 50);
	EXPECT(map(SLOT(0), TEST_PAGE(48), 1, 0, 0, FRESH), PUDU_ERR_MEMORY);
	CHECK_EQUAL(used(SLOT(0)), 50);
	CHECK_OK(unmap(SLOT(0), TEST_MEMORY, 48));
	CHECK_EQUAL(used(SLOT(0)), 0);
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 50 + OWN_PAGES);
	CHECK_OK(map(SLOT(0), TEST_MEMORY, 20, 0, 0, FRESH));
	CHECK_OK(pudu_vas_destroy(SLOT(0)));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + OWN_PAGES);
	CHECK_OK(unmap(PUDU_OWN_VAS, SLOT(0), 1));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before);
	drop_tables();
}

/* What if more is asked for than there is? */
static void too_large_a_child_changes_nothing(void)
{
	struct budget before, after;
	uint64_t left, huge[] = { 1ull << 30, 1ull << 32, 1ull << 62, ~0ull, ~0ull - 1 };

	keep_tables();
	before = budget_of(PUDU_OWN_VAS);
	left = before.pages - before.used;
	EXPECT(pudu_vas_create(SLOT(0), left - OWN_PAGES + 1, 'l', 0), PUDU_ERR_MEMORY);
	EXPECT(pudu_vas_create(SLOT(0), left, 'l', 0), PUDU_ERR_MEMORY);
	for (unsigned i = 0; i < sizeof huge / sizeof huge[0]; i++)
		EXPECT(pudu_vas_create(SLOT(0), huge[i], 'l', 0), PUDU_ERR_MEMORY);
	EXPECT(pudu_vas_create(SLOT(511), 10, 'l', 0), PUDU_ERR_EXISTS);
	CHECK_EQUAL(check_query(PUDU_OWN_VAS, SLOT(0), NULL), 0);
	after = budget_of(PUDU_OWN_VAS);
	CHECK_EQUAL(after.used, before.used);
	CHECK_OK(pudu_vas_create(SLOT(0), left - OWN_PAGES, 'l', 0));
	CHECK_EQUAL(pudu_pages_left(), 0);
	EXPECT(pudu_executor_create(SLOT(1), SLOT(0), 0, (uint64_t)raw_end, 0, 0), PUDU_ERR_MEMORY);
	EXPECT(pudu_vas_create(SLOT(1), 0, 'l', 0), PUDU_ERR_MEMORY);
	CHECK_OK(pudu_vas_destroy(SLOT(0)));
	CHECK_OK(unmap(PUDU_OWN_VAS, SLOT(0), 1));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before.used);
	drop_tables();
}

static void a_budget_is_changed_at_the_parents_cost(void)
{
	uint64_t before, left;

	keep_tables();
	before = used(PUDU_OWN_VAS);
	CHECK_OK(pudu_vas_create(SLOT(0), 20, 'b', 0));
	CHECK_OK(map(PUDU_OWN_VAS, SLOT(1), 1, PUDU_OWN_VAS, SLOT(0), PUDU_R | PUDU_MAP_SHARE));
	CHECK_OK(map(SLOT(0), TEST_MEMORY, 5, 0, 0, FRESH));
	CHECK_OK(pudu_vas_budget(SLOT(0), 30));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 30 + OWN_PAGES);
	EXPECT(pudu_vas_budget(SLOT(0), 6), PUDU_ERR_MEMORY);
	CHECK_OK(pudu_vas_budget(SLOT(0), 7));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 7 + OWN_PAGES);
	left = pudu_pages_left();
	EXPECT(pudu_vas_budget(SLOT(0), 7 + left + 1), PUDU_ERR_MEMORY);
	EXPECT(pudu_vas_budget(SLOT(0), ~0ull - 1), PUDU_ERR_MEMORY);
	EXPECT(pudu_vas_budget(SLOT(0), 1ull << 40), PUDU_ERR_MEMORY);
	EXPECT(pudu_vas_budget(SLOT(1), 8), PUDU_ERR_RIGHT);
	CHECK_EQUAL(budget_of(SLOT(1)).pages, 7);
	/* This program's own is its parent's to raise; it may give of it. */
	EXPECT(pudu_vas_budget(PUDU_OWN_VAS, budget_of(PUDU_OWN_VAS).pages + 1), PUDU_ERR_RIGHT);
	CHECK_OK(pudu_vas_budget(PUDU_OWN_VAS, budget_of(PUDU_OWN_VAS).pages));
	CHECK_OK(pudu_vas_budget(SLOT(0), 7 + left));
	CHECK_EQUAL(pudu_pages_left(), 0);
	CHECK_OK(pudu_vas_destroy(SLOT(0)));
	EXPECT(pudu_vas_budget(SLOT(0), 1), PUDU_ERR_DEAD);
	CHECK_OK(unmap(PUDU_OWN_VAS, SLOT(0), 2));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before);
	drop_tables();
}

static void a_move_takes_the_charge_along(void)
{
	uint64_t before;

	keep_tables();
	before = used(PUDU_OWN_VAS);
	CHECK_OK(pudu_vas_create(SLOT(0), 20, 'm', 0));
	CHECK_OK(map(PUDU_OWN_VAS, TEST_MEMORY, 8, 0, 0, FRESH));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 20 + OWN_PAGES + 8);
	CHECK_OK(map(SLOT(0), TEST_MEMORY, 8, PUDU_OWN_VAS, TEST_MEMORY, RW | PUDU_MAP_MOVE));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 20 + OWN_PAGES);
	CHECK_EQUAL(used(SLOT(0)), 8 + 2);
	/* It does not fit: the rest stays where it was. */
	CHECK_OK(map(PUDU_OWN_VAS, TEST_MEMORY, 20, 0, 0, FRESH));
	struct pudu_result result =
		map(SLOT(0), TEST_PAGE(8), 20, PUDU_OWN_VAS, TEST_MEMORY, RW | PUDU_MAP_MOVE);
	CHECK_EQUAL(result.status, PUDU_ERR_MEMORY);
	CHECK_EQUAL(result.value, 10 * PUDU_PAGE_SIZE);
	CHECK_EQUAL(used(SLOT(0)), 20);
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 20 + OWN_PAGES + 10);
	CHECK_OK(unmap(PUDU_OWN_VAS, TEST_MEMORY, 20));
	CHECK_OK(pudu_vas_destroy(SLOT(0)));
	CHECK_OK(unmap(PUDU_OWN_VAS, SLOT(0), 1));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before);
	drop_tables();
}

/* Shared frames are the first owner's, also when that is dead: then they are its parent's loss. */
static void a_shared_frame_stays_charged_to_its_first_owner(void)
{
	uint64_t before;

	keep_tables();
	before = used(PUDU_OWN_VAS);
	CHECK_OK(pudu_vas_create(SLOT(0), 20, 's', 0));
	CHECK_OK(pudu_vas_create(SLOT(1), 20, 't', 0));
	CHECK_OK(map(SLOT(0), TEST_MEMORY, 9, 0, 0, FRESH));
	CHECK_OK(map(SLOT(1), TEST_MEMORY, 9, SLOT(0), TEST_MEMORY, RW | PUDU_MAP_SHARE));
	CHECK_EQUAL(used(SLOT(0)), 11);
	CHECK_EQUAL(used(SLOT(1)), 2);
	CHECK_OK(pudu_vas_destroy(SLOT(0)));
	CHECK_OK(unmap(PUDU_OWN_VAS, SLOT(0), 1));
	/* Its page stays, too, while something is charged to it. */
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 9 + OWN_PAGES + 20 + OWN_PAGES);
	CHECK_OK(unmap(SLOT(1), TEST_MEMORY, 4));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + 5 + OWN_PAGES + 20 + OWN_PAGES);
	CHECK_OK(pudu_vas_destroy(SLOT(1)));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before + OWN_PAGES);
	CHECK_OK(unmap(PUDU_OWN_VAS, SLOT(1), 1));
	CHECK_EQUAL(used(PUDU_OWN_VAS), before);
	drop_tables();
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(each_page_and_table_is_charged_once),
		CASE(an_executor_is_charged_to_its_maker),
		CASE(a_child_costs_its_budget_and_its_root),
		CASE(too_large_a_child_changes_nothing),
		CASE(a_budget_is_changed_at_the_parents_cost),
		CASE(a_move_takes_the_charge_along),
		CASE(a_shared_frame_stays_charged_to_its_first_owner),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
