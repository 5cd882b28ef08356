/* SPDX-License-Identifier: MIT */
/*
 * test_deadlines.c - the heap of deadlines beside a sorted list of the same: whatever is added and
 * taken out, the first is the earliest, nothing is lost, and no way is longer than it may be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel/deadlines.h"

enum { NODES = 1000, STEPS = 20000 };

static struct deadline node[NODES];
static bool in_heap[NODES];

static uint32_t random_number(void)
{
	static uint64_t seed = 1;

	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33);
}

static uint64_t rank_of(const struct deadline *one)
{
	return one == NULL ? 0 : one->rank;
}

/* Nodes below and with @one; checks the order, the links and the ranks. */
static unsigned check_heap(const struct deadline *one, const struct deadline *up)
{
	if (one == NULL)
		return 0;
	assert_ptr_equal(one->up, up);
	assert_true(up == NULL || up->time <= one->time);
	assert_true(rank_of(one->left) >= rank_of(one->right));
	assert_int_equal(one->rank, rank_of(one->right) + 1);
	return 1 + check_heap(one->left, one) + check_heap(one->right, one);
}

static unsigned count(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < NODES; i++)
		n += in_heap[i];
	return n;
}

/* Times are few, so that many are equal. */
static void whatever_is_done_the_first_is_the_earliest(void **unused)
{
	struct deadline *first = NULL;

	(void)unused;
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned i = random_number() % NODES;

		if (in_heap[i]) {
			deadlines_remove(&first, &node[i]);
		} else {
			node[i].time = random_number() % (step % 3 == 0 ? 10 : 100000);
			deadlines_add(&first, &node[i]);
		}
		in_heap[i] = !in_heap[i];
		if (step % 50 == 0)
			assert_int_equal(check_heap(first, NULL), count());
		for (unsigned j = 0; first != NULL && step % 50 == 0 && j < NODES; j++)
			assert_true(!in_heap[j] || first->time <= node[j].time);
	}
	while (first != NULL) {
		in_heap[first - node] = false;
		deadlines_remove(&first, first);
		check_heap(first, NULL);
	}
	assert_int_equal(count(), 0);
}

/* The way along right sides is what adding walks: at most log2(n + 1), even for sorted times. */
static void no_way_along_right_sides_is_long(void **unused)
{
	(void)unused;
	for (unsigned pattern = 0; pattern < 3; pattern++) {
		struct deadline *first = NULL;

		for (unsigned i = 0; i < NODES; i++) {
			node[i].time = pattern == 0   ? i
				       : pattern == 1 ? NODES - i
						      : i * 7919 % NODES;
			deadlines_add(&first, &node[i]);
			assert_true((1ull << first->rank) - 1 <= i + 1);
		}
		assert_int_equal(check_heap(first, NULL), NODES);
		for (unsigned i = 0; i < NODES; i += 2)
			deadlines_remove(&first, &node[i]);
		assert_int_equal(check_heap(first, NULL), NODES / 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_done_the_first_is_the_earliest),
		cmocka_unit_test(no_way_along_right_sides_is_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
