/* SPDX-License-Identifier: MIT */
/*
 * test_budget.c - accounts of a tree of address spaces, with threads as harts, under
 * ThreadSanitizer: whatever the harts do at once, no page is lost or made, and each page of the
 * tree goes once.
 */
#include "fixture_harts.h"

#include "kernel/budget.h"

#define DEPTH  8
#define TOTAL  100000ull
#define LEAF   1000ull /* budget of the deepest */
#define STEP   2000ull /* more in each one above */
#define OWN    2ull    /* vas_pages */
#define ROUNDS 20000

static struct vas space[DEPTH];
static _Atomic unsigned drops[DEPTH];
static bool page_goes[DEPTH]; /* with the reference of the budget */

bool vas_drop(struct vas *vas)
{
	long i = vas - space;

	check(i >= 0 && i < DEPTH, "it is one of ours");
	check(budget_used(atomic_load(&vas->account)) == 0, "nothing is charged to it any more");
	check(atomic_fetch_add(&drops[i], 1) == 0, "its budget lets go of it once");
	return page_goes[i];
}

void vas_put(struct vas *vas)
{
	if (vas_drop(vas) && vas->parent != NULL)
		budget_give(vas->parent, vas_pages());
}

/* What the graves do a little later. */
static _Atomic unsigned owed;
void vas_owe(struct vas *vas, uint64_t pages)
{
	owed++;
	budget_give(vas, pages);
}

uint64_t vas_pages(void)
{
	return OWN;
}

static uint64_t used(unsigned i)
{
	return budget_used(atomic_load(&space[i].account));
}

static uint64_t limit(unsigned i)
{
	return budget_limit(atomic_load(&space[i].account));
}

/* A chain: each is carved out of the one above. */
static void new_tree(void)
{
	memset(space, 0, sizeof space);
	memset(drops, 0, sizeof drops);
	for (unsigned i = 0; i < DEPTH; i++) {
		uint64_t pages = i == 0 ? TOTAL : LEAF + (DEPTH - 1 - i) * STEP;

		page_goes[i] = true;
		if (i > 0) {
			space[i].parent = &space[i - 1];
			assert_true(budget_take(&space[i - 1], pages + OWN));
		}
		budget_carve(&space[i], pages);
	}
}

static void a_charge_fits_or_changes_nothing(void **state)
{
	(void)state;
	new_tree();
	assert_true(budget_take(&space[DEPTH - 1], LEAF));
	assert_false(budget_take(&space[DEPTH - 1], 1));
	assert_false(budget_take(&space[DEPTH - 1], BUDGET_MAX + OWN));
	assert_int_equal(used(DEPTH - 1), LEAF);
	budget_give(&space[DEPTH - 1], LEAF);
	assert_int_equal(used(DEPTH - 1), 0);
	assert_int_equal(limit(DEPTH - 1), LEAF);
	assert_int_equal(drops[DEPTH - 1], 0);
}

static void a_budget_grows_and_shrinks_at_its_parents_cost(void **state)
{
	uint64_t before;

	(void)state;
	new_tree();
	before = used(DEPTH - 2);
	assert_true(budget_take(&space[DEPTH - 1], 10));
	assert_true(budget_resize(&space[DEPTH - 1], LEAF + 50));
	assert_int_equal(used(DEPTH - 2), before + 50);
	assert_false(budget_resize(&space[DEPTH - 1], 9));
	assert_false(budget_resize(&space[DEPTH - 1], LEAF + STEP));
	assert_int_equal(used(DEPTH - 2), before + 50);
	assert_int_equal(limit(DEPTH - 1), LEAF + 50);
	assert_true(budget_resize(&space[DEPTH - 1], 10));
	assert_int_equal(used(DEPTH - 2), before + 10 - LEAF);
	assert_false(budget_take(&space[DEPTH - 1], 1));
}

/* The chain is closed from below, with pages still charged: they go all the way up, once. */
static void what_comes_back_late_goes_to_the_first_that_lives(void **state)
{
	(void)state;
	new_tree();
	assert_true(budget_take(&space[DEPTH - 1], 7));
	for (unsigned i = DEPTH - 1; i > 0; i--)
		budget_close(&space[i]);
	assert_int_equal(used(0), 7 + (DEPTH - 1) * OWN);
	owed = 0;
	budget_give(&space[DEPTH - 1], 6);
	assert_int_equal(owed, (DEPTH - 2) / BUDGET_CLIMB); /* no call goes up further */
	assert_int_equal(used(0), 1 + (DEPTH - 1) * OWN);
	budget_give(&space[DEPTH - 1], 1);
	assert_int_equal(used(0), 0);
	for (unsigned i = 1; i < DEPTH; i++)
		assert_int_equal(drops[i], 1);
	assert_int_equal(drops[0], 0);
}

/* A page that handles keep stays charged, and all above it. */
static void a_page_that_is_named_stays_charged(void **state)
{
	(void)state;
	new_tree();
	page_goes[DEPTH - 1] = false;
	for (unsigned i = DEPTH - 1; i > 0; i--)
		budget_close(&space[i]);
	assert_int_equal(used(0), OWN * (DEPTH - 1));
	assert_int_equal(drops[DEPTH - 1], 1);
	assert_int_equal(drops[DEPTH - 2], 0);
	budget_give(&space[DEPTH - 2], OWN); /* what vas_put does when the last handle goes */
	assert_int_equal(used(0), 0);
}

static _Atomic unsigned ready;

/* Charge and give back in all of them; one hart resizes, and closes them while pages are out. */
static void charge_and_close(void)
{
	uint64_t seed = this_hart->slot + 1, held[DEPTH] = { 0 };

	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned i = 1 + (unsigned)random_below(&seed, DEPTH - 1);
		uint64_t n = 1 + random_below(&seed, 300);

		if (this_hart->slot == 0 && n < 20) {
			uint64_t at = limit(i);

			if (budget_resize(&space[i], at + n))
				budget_resize(&space[i], at);
		}
		if (random_below(&seed, 2) == 0 && budget_take(&space[i], n))
			held[i] += n;
		else if (held[i] != 0)
			budget_give(&space[i], n < held[i] ? n : held[i]),
				held[i] -= n < held[i] ? n : held[i];
		check(used(i) <= limit(i), "no more is used than there is");
	}
	atomic_fetch_add(&ready, 1);
	while (atomic_load(&ready) < HARTS)
		cpu_relax();
	if (this_hart->slot == 0)
		for (unsigned i = DEPTH - 1; i > 0; i--)
			budget_close(&space[i]);
	for (unsigned i = 1; i < DEPTH; i++)
		for (; held[i] > 0; held[i]--)
			budget_give(&space[i], 1);
}

static void no_page_is_lost_or_made(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 5; round++) {
		new_tree();
		make_harts();
		atomic_store(&ready, 0);
		on_all_harts(charge_and_close);
		assert_int_equal(used(0), 0);
		assert_int_equal(limit(0), TOTAL);
		for (unsigned i = 1; i < DEPTH; i++) {
			assert_int_equal(drops[i], 1);
			assert_int_equal(limit(i), 0);
			assert_int_equal(used(i), 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_charge_fits_or_changes_nothing),
		cmocka_unit_test(a_budget_grows_and_shrinks_at_its_parents_cost),
		cmocka_unit_test(what_comes_back_late_goes_to_the_first_that_lives),
		cmocka_unit_test(a_page_that_is_named_stays_charged),
		cmocka_unit_test(no_page_is_lost_or_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
