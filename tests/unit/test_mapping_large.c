/* SPDX-License-Identifier: MIT */
/* test_mapping_large.c - large leaves, and what may be mapped where. */
#include "fixture_mapping.h"

#define DEVICE	  0x40000000ull
#define DEVICE_AT 0x200000000ull

static uint64_t leaf_at(unsigned s, uint64_t offset)
{
	return *pt_find(space[s], DEVICE_AT + offset).entry;
}

/* Devices are mapped with the largest leaves that fit; what changes a part of one splits it. */
static void large_leaves_are_split_where_a_part_changes(void **state)
{
	uint64_t bits = PTE_R | PTE_W | PTE_U | PTE_DEVICE, small = 0x3000, middle = 0x205000;
	struct change part;

	(void)state;
	new_spaces(3, 2 << 20);
	part = (struct change){ .to = space[0], .start = DEVICE_AT + middle, .length = PAGE_SIZE };
	assert_true(mapping_physical(space[0], DEVICE_AT, DEVICE, (6 << 20) + small, bits));
	for (uint64_t offset = 0; offset < 6 << 20; offset += 2 << 20) {
		assert_int_equal(pt_find(space[0], DEVICE_AT + offset).level, 1);
		assert_int_equal(pte_physical(leaf_at(0, offset)), DEVICE + offset);
	}
	assert_int_equal(pt_find(space[0], DEVICE_AT + (6 << 20)).level, 0);
	assert_int_equal(leaf_at(0, (6 << 20) + small), 0);

	/* A page of a large leaf in another address space: the leaf stays whole. */
	struct change copy = { .to = space[1],
			       .from = space[0],
			       .start = DEVICE_AT,
			       .source = DEVICE_AT + middle,
			       .length = PAGE_SIZE,
			       .rights = PTE_R,
			       .kind = KIND_SHARE };

	assert_int_equal(run(mapping_share, &copy), PUDU_OK);
	assert_int_equal(pte_physical(leaf_at(1, 0)), DEVICE + middle);
	assert_int_equal(leaf_at(1, 0) & PTE_RWX, PTE_R);
	assert_int_equal(pt_find(space[0], DEVICE_AT + middle).level, 1);

	part.rights = PTE_R;
	assert_int_equal(run(mapping_protect, &part), PUDU_OK);
	part.start += PAGE_SIZE;
	part.done = 0;
	assert_int_equal(run(mapping_remove, &part), PUDU_OK);
	for (uint64_t offset = 2 << 20; offset < 4 << 20; offset += PAGE_SIZE) {
		uint64_t leaf = leaf_at(0, offset);

		if (offset == middle + PAGE_SIZE) {
			assert_int_equal(leaf, 0);
			continue;
		}
		assert_int_equal(pte_physical(leaf), DEVICE + offset);
		assert_int_equal(leaf & PTE_RWX, offset == middle ? PTE_R : PTE_R | PTE_W);
	}

	/* A device never becomes executable, and its rights do not grow. */
	part = (struct change){ .to = space[0],
				.start = DEVICE_AT + middle,
				.length = PAGE_SIZE,
				.rights = PTE_R | PTE_W };
	assert_int_equal(run(mapping_protect, &part), PUDU_ERR_RIGHT);
	copy.start = DEVICE_AT + PAGE_SIZE;
	copy.done = 0;
	copy.rights = PTE_R | PTE_X;
	assert_int_equal(run(mapping_share, &copy), PUDU_ERR_ARGUMENT);

	part = (struct change){ .to = space[0], .start = DEVICE_AT, .length = 8 << 20 };
	assert_int_equal(run(mapping_remove, &part), PUDU_OK);
	part = (struct change){ .to = space[1], .start = DEVICE_AT, .length = PAGE_SIZE };
	assert_int_equal(run(mapping_remove, &part), PUDU_OK);
	assert_int_equal(free_frames(), frame_boot_total() - SPACES);
}

static void areas_are_checked(void **state)
{
	static const struct {
		unsigned levels;
		uint64_t start, length;
		int64_t status;
	} cases[] = {
		{ 3, 0, PAGE_SIZE, PUDU_ERR_ADDRESS },
		{ 3, PUDU_MEMORY_START, PAGE_SIZE, PUDU_OK },
		{ 3, PUDU_MEMORY_START + 1, PAGE_SIZE, PUDU_ERR_ADDRESS },
		{ 3, PUDU_MEMORY_START, PUDU_MEMORY_END - PUDU_MEMORY_START, PUDU_OK },
		{ 3, PUDU_MEMORY_START, PUDU_MEMORY_END, PUDU_ERR_LENGTH },
		{ 3, PUDU_MEMORY_START, 0, PUDU_ERR_LENGTH },
		{ 3, PUDU_MEMORY_START, 4095, PUDU_ERR_LENGTH },
		{ 3, PUDU_MEMORY_START, ~0ull << 12, PUDU_ERR_LENGTH },
		{ 3, PUDU_MEMORY_END, PAGE_SIZE, PUDU_ERR_ADDRESS },
		{ 3, PUDU_INFO_PAGE, PAGE_SIZE, PUDU_ERR_ADDRESS },
		{ 3, PUDU_HANDLES_END - PAGE_SIZE, PAGE_SIZE, PUDU_OK },
		{ 3, PUDU_HANDLES_END - PAGE_SIZE, 2 * PAGE_SIZE, PUDU_ERR_LENGTH },
		{ 3, PUDU_HANDLES_END, PAGE_SIZE, PUDU_ERR_ADDRESS },
		{ 4, PUDU_MEMORY48_START, PUDU_MEMORY48_END - PUDU_MEMORY48_START, PUDU_OK },
		{ 4, PUDU_MEMORY48_END, PAGE_SIZE, PUDU_ERR_ADDRESS },
		{ 4, 0xffffffff80000000, PAGE_SIZE, PUDU_ERR_ADDRESS },
		{ 4, 0x8000000000000000, PAGE_SIZE, PUDU_ERR_ADDRESS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		bool handles;

		pt_levels = cases[i].levels;
		assert_int_equal(area_check(cases[i].start, cases[i].length, &handles),
				 cases[i].status);
		assert_int_equal(handles, cases[i].start >= PUDU_HANDLES &&
						  cases[i].start < PUDU_HANDLES_END);
	}
}

/* Device memory takes leaves of 1 GiB, too. They are shared whole, and split where a part changes.
 */
static void a_gigabyte_is_one_leaf_until_a_part_changes(void **state)
{
	uint64_t bits = PTE_R | PTE_W | PTE_U | PTE_DEVICE, gib = 1 << 30, part = 0x12345000;
	struct change copy, cut;

	(void)state;
	new_spaces(4, 2 << 20);
	assert_true(mapping_physical(space[0], DEVICE_AT, DEVICE, gib + (2 << 20), bits));
	assert_int_equal(pt_find(space[0], DEVICE_AT + part).level, 2);
	assert_int_equal(pt_find(space[0], DEVICE_AT + gib).level, 1);
	copy = (struct change){ .to = space[1],
				.from = space[0],
				.start = DEVICE_AT,
				.source = DEVICE_AT,
				.length = gib,
				.rights = PTE_R,
				.kind = KIND_SHARE };
	assert_int_equal(run(mapping_share, &copy), PUDU_OK);
	assert_int_equal(pt_find(space[1], DEVICE_AT + part).level, 2);
	assert_int_equal(leaf_at(1, part) & PTE_RWX, PTE_R);

	cut = (struct change){ .to = space[0], .start = DEVICE_AT + part, .length = PAGE_SIZE };
	assert_int_equal(run(mapping_remove, &cut), PUDU_OK);
	for (uint64_t at = part - 2 * PAGE_SIZE; at <= part + 2 * PAGE_SIZE; at += PAGE_SIZE) {
		assert_int_equal(pte_physical(leaf_at(0, at)), at == part ? 0 : DEVICE + at);
		assert_int_equal(pt_find(space[0], DEVICE_AT + at).level, 0);
	}
	assert_int_equal(pt_find(space[0], DEVICE_AT).level, 1);
	assert_int_equal(pte_physical(leaf_at(0, 2 << 20)), DEVICE + (2 << 20));
	assert_int_equal(pt_find(space[1], DEVICE_AT + part).level, 2);
	cut = (struct change){ .to = space[0], .start = DEVICE_AT, .length = gib + (2 << 20) };
	assert_int_equal(run(mapping_remove, &cut), PUDU_OK);
	copy.done = 0;
	assert_int_equal(run(mapping_remove, &copy), PUDU_OK);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(budget_used(space[i]->account), 0);
		assert_true(pt_is_empty(space[i]));
	}
}

/* The leaf of a page of the 64 KiB at @at, as Svnapot has it. */
static uint64_t napot(uint64_t at, uint64_t bits)
{
	return pte_of((at & ~(NAPOT_SIZE - 1)) + NAPOT_64K, bits | PTE_N | PTE_V | PTE_A | PTE_D);
}

/* What the kernel itself has in its map takes few translations; what a program may change is apart.
 */
static void runs_of_64_kib_are_one_translation_of_the_kernel(void **state)
{
	uint64_t bits[] = { PTE_R | PTE_X | PTE_G, PTE_R | PTE_W | PTE_U | PTE_DEVICE };
	uint64_t first = NAPOT_SIZE - PAGE_SIZE, length = 2 * NAPOT_SIZE + 3 * PAGE_SIZE;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		bool wanted = i == 0;

		new_spaces(3, 2 << 20);
		pt_napot = i < 2;
		assert_true(mapping_physical(space[0], DEVICE_AT + first, DEVICE + first, length,
					     bits[i % 2]));
		for (uint64_t at = first; at < first + length; at += PAGE_SIZE) {
			bool in_run = at >= NAPOT_SIZE && at < 3 * NAPOT_SIZE;

			assert_int_equal(
				leaf_at(0, at),
				wanted && in_run
					? napot(DEVICE + at, bits[i % 2])
					: pte_of(DEVICE + at, bits[i % 2] | PTE_V | PTE_A | PTE_D));
		}
		assert_int_equal(leaf_at(0, first + length), 0);
	}
	pt_napot = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_leaves_are_split_where_a_part_changes),
		cmocka_unit_test(areas_are_checked),
		cmocka_unit_test(a_gigabyte_is_one_leaf_until_a_part_changes),
		cmocka_unit_test(runs_of_64_kib_are_one_translation_of_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
