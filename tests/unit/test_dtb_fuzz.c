/* SPDX-License-Identifier: MIT */
/* test_dtb_fuzz.c - device trees with bytes changed at random: nothing leads out of the tree. */
#include "fixture_dtb.h"

/* What a platform promises holds for whatever tree is accepted. */
static void check_platform(uint64_t boot_hart)
{
	const struct platform *p = &platform;
	unsigned boot = 0;

	assert_in_range(p->n_memory, 1, PLATFORM_BANKS);
	for (unsigned i = 0; i < p->n_memory; i++) {
		assert_true(p->memory[i].size > 0);
		assert_true(p->memory[i].base + p->memory[i].size >= p->memory[i].base);
		if (i > 0)
			assert_true(p->memory[i].base >=
				    p->memory[i - 1].base + p->memory[i - 1].size);
	}
	assert_true(p->n_reserved <= PLATFORM_RESERVED);
	for (unsigned i = 0; i < p->n_reserved; i++)
		assert_true(p->reserved[i].base + p->reserved[i].size > p->reserved[i].base);
	assert_in_range(p->n_harts, 1, PUDU_MAX_HARTS);
	for (unsigned i = 0; i < p->n_harts; i++)
		boot += p->hart_id[i] == boot_hart;
	assert_int_equal(boot, 1);
	assert_true(p->mmu_levels == 3 || p->mmu_levels == 4);
	assert_true(p->timebase != 0 && p->initrd_start <= p->initrd_end);
	assert_true(strlen(p->bootargs) < PLATFORM_BOOTARGS);
	assert_true(strlen(p->notes) < PLATFORM_NOTES);
	assert_true(p->notes[0] == 0 || p->notes[strlen(p->notes) - 1] == '\n');
	assert_in_range(p->n_nodes, 1, PLATFORM_NODES);
	for (unsigned i = 0; i < p->n_memory; i++)
		assert_true(p->memory_node[i] < p->n_nodes);
	for (unsigned i = 0; i < p->n_harts; i++)
		assert_true(p->hart_node[i] < p->n_nodes);
	for (unsigned a = 0; a < p->n_nodes; a++)
		for (unsigned b = 0; b < p->n_nodes; b++)
			assert_true(a == b ? p->distance[a][b] == 10 : p->distance[a][b] > 10);
	assert_true((p->uart.size == 0) == (p->uart_kind == UART_NONE));
}

static void mutations_never_lead_outside(void **state)
{
	static const char *const trees[] = { "qemu-virt-4", "visionfive2",  "two-banks",
					     "one-cell",    "sparse-harts", "isa-extensions",
					     "numa" };
	uint64_t seed = 2024;
	unsigned long good = 0, bad = 0;

	(void)state;
	for (size_t t = 0; t < sizeof trees / sizeof trees[0]; t++) {
		size_t size;
		unsigned char *blob = load(trees[t], &size);

		for (unsigned long i = fuzz_rounds(24000) / 6; i > 0; i--) {
			unsigned char *bytes = exact_copy(blob, size);

			/* Half of the time leave the header right: it stops most mutations. */
			if (i & 1)
				mutate(bytes + 56, size - 56, &seed);
			else
				mutate(bytes, size, &seed);
			if (parse_blob(bytes, size, i % 4) == 0) {
				check_platform(i % 4);
				good++;
			} else {
				assert_says(why, "device tree: ");
				bad++;
			}
			free(bytes);
		}
		free(blob);
	}
	assert_true(good > 100 && bad > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutations_never_lead_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
