/* SPDX-License-Identifier: MIT */
/* test_dtb_numa.c - NUMA nodes of device trees, and what comes of those that make no sense. */
#include "fixture_dtb.h"

static void assert_bank(unsigned i, uint64_t base, uint64_t size, unsigned node)
{
	assert_range(platform.memory[i], base, size);
	assert_int_equal(platform.memory_node[i], node);
}

static void a_tree_without_nodes_has_one(void **state)
{
	const struct platform *p = parse("qemu-virt-4", 0);

	(void)state;
	assert_int_equal(p->n_nodes, 1);
	assert_int_equal(p->node_id[0], 0);
	assert_int_equal(p->distance[0][0], 10);
	assert_int_equal(p->memory_node[0], 0);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(p->hart_node[i], 0);
}

/* Sparse ids become small indexes; banks of two nodes touch and stay two. */
static void nodes_are_told_of_banks_and_harts(void **state)
{
	static const uint8_t distance[3][3] = { { 10, 17, 20 }, { 17, 10, 30 }, { 20, 31, 10 } };
	const struct platform *p = parse("numa", 0);

	(void)state;
	assert_int_equal(p->n_nodes, 3);
	assert_int_equal(p->node_id[0], 3);
	assert_int_equal(p->node_id[1], 40);
	assert_int_equal(p->node_id[2], 0xfffffffe);
	assert_int_equal(p->n_memory, 4);
	assert_bank(0, 0x80000000, 0x8000000, 0);
	assert_bank(1, 0x88000000, 0x8000000, 1);
	assert_bank(2, 0x90000000, 0x8000000, 0);
	assert_bank(3, 0x98000000, 0x2000000, 1);
	assert_int_equal(p->n_harts, 4);
	for (unsigned i = 0; i < 4; i++) {
		static const unsigned expected[4] = { 1, 0, 2, 0 };

		assert_int_equal(p->hart_id[i], i);
		assert_int_equal(p->hart_node[i], expected[i]);
		assert_int_equal(platform_node(p, i), expected[i]);
	}
	assert_int_equal(platform_node(p, 77), 0);
	for (unsigned a = 0; a < 3; a++)
		assert_memory_equal(p->distance[a], distance[a], 3);
	assert_string_equal(p->notes, "");
}

static void an_initrd_may_lie_in_banks_that_touch(void **state)
{
	(void)state;
	assert_int_equal(parse("numa", 0)->initrd_start, 0x87ffff00);
	assert_int_equal(platform.initrd_end, 0x90000080);
}

/* RAM of two nodes belongs to the first; distances that can't be are the usual ones. */
static void what_makes_no_sense_is_passed_over(void **state)
{
	const struct platform *p = parse("odd-numa", 0);

	(void)state;
	assert_int_equal(p->n_nodes, 2);
	assert_int_equal(p->n_memory, 1);
	assert_bank(0, 0x80000000, 0x9000000, 0);
	assert_int_equal(p->hart_node[0], 0);
	assert_int_equal(p->distance[0][0], 10);
	assert_int_equal(p->distance[1][1], 10);
	assert_int_equal(p->distance[0][1], 20);
	assert_int_equal(p->distance[1][0], 20);
	assert_says(p->notes, "/cpus/cpu@0: numa-node-id is not 4 bytes: passed over");
	assert_says(p->notes, "/distance-map: distance of 0 and 0 is 20: passed over");
	assert_says(p->notes, "/distance-map: distance of 0 and 1 is 10: passed over");
	assert_says(p->notes, "/distance-map: distance of 1 and 0 is 255: passed over");
	assert_says(p->notes, "/distance-map: distance of 0 and 7: no such nodes");
	assert_says(p->notes, "/distance-map: distance-matrix: 8 bytes at its end are passed over");
}

static void overlaps_are_told(void **state)
{
	(void)state;
	assert_says(
		parse("odd-numa-overlap", 0)->notes,
		"/memory@87000000: RAM at 0x87000000 is in another NUMA node, too: 0 is believed");
	assert_int_equal(platform.n_memory, 1);
}

static void of_too_many_nodes_the_first_are_kept(void **state)
{
	const struct platform *p = parse("odd-numa-many", 0);

	(void)state;
	assert_int_equal(p->n_nodes, PLATFORM_NODES);
	for (unsigned i = 0; i < PLATFORM_NODES; i++)
		assert_int_equal(p->node_id[i], i + 2);
	assert_int_equal(p->n_memory, 10);
	assert_bank(1, 0x100000000, 0x200000, 0); /* node 1 came last */
	assert_bank(9, 0x900000000, 0x200000, 7);
	assert_says(p->notes, "more than 8 NUMA nodes: 1 is passed over");
	assert_says(p->notes, "/distance-map: no distance-matrix");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tree_without_nodes_has_one),
		cmocka_unit_test(nodes_are_told_of_banks_and_harts),
		cmocka_unit_test(an_initrd_may_lie_in_banks_that_touch),
		cmocka_unit_test(what_makes_no_sense_is_passed_over),
		cmocka_unit_test(overlaps_are_told),
		cmocka_unit_test(of_too_many_nodes_the_first_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
