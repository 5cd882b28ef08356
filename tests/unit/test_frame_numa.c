/* SPDX-License-Identifier: MIT */
/* test_frame_numa.c - memory of the nearest NUMA node first, and of the others when it is used up.
 */
#include "fixture_frames.h"

#define MIB   (1ull << 20)
#define NODES 3

/* Node n has 8 MiB at RAM + n times 8 MiB; node 2 4 MiB more behind the others. Hart n is in node
 * n. */
static void new_nodes(void)
{
	/* From 0: 2 before 1. From 1: 0 and 2 are as far. From 2: 1 before 0. */
	static const uint8_t distance[NODES][NODES] = { { 10, 30, 20 },
							{ 20, 10, 20 },
							{ 31, 30, 10 } };

	new_machine();
	for (unsigned n = 0; n < NODES; n++) {
		add_ram(RAM + n * 8 * MIB, 8 * MIB);
		machine.memory_node[n] = (uint8_t)n;
		memcpy(machine.distance[n], distance[n], NODES);
		harts[n].node = n;
	}
	add_ram(RAM + 32 * MIB, 4 * MIB);
	machine.memory_node[NODES] = 2;
	machine.n_nodes = NODES;
	boot();
}

static unsigned node_of(const void *page)
{
	uint64_t at = (phys(page) - RAM) / (8 * MIB);

	return at < NODES ? (unsigned)at : 2;
}

/* Frames until there are none; they come node by node in this order. Result: how many. */
static unsigned take_in_order(const unsigned order[NODES])
{
	unsigned n = 0, place = 0;
	void *page;

	while ((page = frame_take(FRAME_USER)) != NULL) {
		unsigned node = node_of(page);

		while (order[place] != node)
			assert_true(++place < NODES);
		assert_true(the_info.node_free[node] >= 0);
		for (unsigned i = 0; i < place; i++)
			assert_int_equal(the_info.node_free[order[i]], 0);
		n++;
	}
	assert_int_equal(place, NODES - 1);
	return n;
}

static void the_nearest_node_comes_first(void **state)
{
	static const unsigned order[NODES][NODES] = { { 0, 2, 1 }, { 1, 0, 2 }, { 2, 1, 0 } };

	(void)state;
	for (unsigned hart = 0; hart < NODES; hart++) {
		new_nodes();
		this_hart = &harts[hart];
		assert_int_equal(take_in_order(order[hart]), frame_boot_total());
		for (unsigned n = 0; n < NODES; n++)
			assert_int_equal(the_info.node_free[n], 0);
	}
}

static void the_nearest_block_comes_first(void **state)
{
	static const unsigned order[] = { 1, 1, 1, 1, 0, 0, 0, 2, 2, 2, 2, 2, 2 };
	unsigned n = 0;
	bool more;
	char *block;

	(void)state;
	new_nodes();
	this_hart = &harts[1];
	do {
		block = frame_take_block(0, &more);
		if (block != NULL) {
			assert_true(n < sizeof order / sizeof order[0]);
			assert_int_equal(node_of(block), order[n++]);
		}
	} while (block != NULL || more);
	assert_int_equal(n, sizeof order / sizeof order[0]);
}

/* All counts are right, whoever gives what of which node. */
static void what_is_given_goes_to_its_own_node(void **state)
{
	static const unsigned order[NODES] = { 1, 0, 2 };
	static void *held[4096];
	int64_t before[NODES];
	uint64_t physical[4096];
	unsigned n = 0, hart = 0;
	bool more;
	char *block;

	(void)state;
	new_nodes();
	for (unsigned i = 0; i < NODES; i++) {
		before[i] = the_info.node_free[i];
		assert_int_equal(the_info.node_frames[i], before[i]);
	}
	assert_int_equal(before[1], 2048);
	assert_int_equal(before[2], 3072);

	this_hart = &harts[2];
	do {
		block = frame_take_block(0, &more);
	} while (block == NULL);
	while (n < 4096) {
		this_hart = &harts[n % NODES];
		held[n++] = frame_take(FRAME_USER);
	}
	for (unsigned i = 0; i < 2048; i++)
		physical[i] = phys(held[i]);
	frames_give(physical, 2048);
	for (unsigned i = 2048; i < 4096; i++) {
		this_hart = &harts[(hart += 2) % NODES];
		frame_give(held[i], frame_of(phys(held[i])));
	}
	block_give(phys(block));
	for (unsigned i = 0; i < NODES; i++) {
		this_hart = &harts[i];
		flush();
	}
	assert_int_equal(free_frames(), frame_boot_total());
	assert_int_equal(global->frames_in_blocks, free_frames());
	for (unsigned i = 0; i < NODES; i++)
		assert_int_equal(the_info.node_free[i], before[i]);
	this_hart = &harts[1];
	assert_int_equal(take_in_order(order), frame_boot_total());
}

static void a_bank_of_another_node_does_not_take_the_rest_of_a_block(void **state)
{
	(void)state;
	new_machine();
	add_ram(RAM, 5 * MIB);
	add_ram(RAM + 5 * MIB, 5 * MIB);
	machine.memory_node[1] = 1;
	machine.n_nodes = 2;
	boot();
	/* The block in the middle is the first node's; what the second has of it is left. */
	assert_int_equal(the_info.node_frames[1], 4 * MIB / PAGE_SIZE);
	assert_int_equal(frame_banks[1].node, 1);
	assert_int_equal(frame_banks[1].base, RAM + 6 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_node_comes_first),
		cmocka_unit_test(the_nearest_block_comes_first),
		cmocka_unit_test(what_is_given_goes_to_its_own_node),
		cmocka_unit_test(a_bank_of_another_node_does_not_take_the_rest_of_a_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
