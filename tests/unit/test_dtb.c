/* SPDX-License-Identifier: MIT */
/* test_dtb.c - good device trees, and odd ones that boot: what the kernel learns of them. */
#include "fixture_dtb.h"

static void a_qemu_machine_is_read(void **state)
{
	const struct platform *p = parse("qemu-virt-4", 3);

	(void)state;
	assert_int_equal(p->n_memory, 1);
	assert_range(p->memory[0], 0x80000000, 0x10000000);
	assert_int_equal(p->n_harts, 4);
	assert_int_equal(p->n_harts_described, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(p->hart_id[i], i);
	assert_int_equal(p->isa, PUDU_ISA_F | PUDU_ISA_D | PUDU_ISA_C | PUDU_ISA_M | PUDU_ISA_SSTC);
	assert_int_equal(p->mmu_levels, 4);
	assert_int_equal(p->timebase, 10000000);
	assert_string_equal(p->bootargs, "mmu=sv39 watchdog=10 -- demo");
	assert_int_equal(p->initrd_start, 0x8fc00000);
	assert_int_equal(p->initrd_end, 0x8fd23456);
	assert_range(p->uart, 0x10000000, 0x100);
	assert_int_equal(p->uart_kind, UART_NS16550);
	assert_int_equal(p->uart_reg_shift, 0);
	assert_int_equal(p->uart_io_width, 1);
	assert_range(p->plic, 0xc000000, 0x600000);
	assert_int_equal(p->test_finisher, 0x100000);
	assert_string_equal(p->notes, "");
}

/* The memreserve block, the firmware's node, the initrd, the tree. */
static void all_that_is_reserved_is_told(void **state)
{
	const struct platform *p = parse("qemu-virt-4", 0);

	(void)state;
	assert_int_equal(p->n_reserved, 4);
	assert_range(p->reserved[0], 0x80000000, 0x80000);
	assert_range(p->reserved[1], 0x80000000, 0x80000);
	assert_range(p->reserved[2], 0x8fc00000, 0x123456);
	assert_range(p->reserved[3], FDT_BASE, p->fdt_size);
	assert_int_equal(p->fdt_base, FDT_BASE);
	assert_true(p->fdt_size > 1000);
}

static void a_visionfive2_is_read(void **state)
{
	const struct platform *p = parse("visionfive2", 2);

	(void)state;
	assert_range(p->memory[0], 0x40000000, 0x100000000);
	assert_int_equal(p->n_harts, 4);
	assert_int_equal(p->n_harts_described, 5);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(p->hart_id[i], i + 1);
	assert_int_equal(p->isa, PUDU_ISA_F | PUDU_ISA_D | PUDU_ISA_C | PUDU_ISA_M);
	assert_int_equal(p->mmu_levels, 3);
	assert_int_equal(p->timebase, 4000000);
	assert_range(p->uart, 0x10000000, 0x10000);
	assert_int_equal(p->uart_kind, UART_NS16550);
	assert_int_equal(p->uart_reg_shift, 2);
	assert_int_equal(p->uart_io_width, 4);
	assert_range(p->plic, 0xc000000, 0x4000000);
	assert_int_equal(p->test_finisher, 0);
	assert_int_equal(p->n_reserved, 2); /* linux,cma has no place yet */
	assert_range(p->reserved[0], 0x40000000, 0x80000);
	assert_string_equal(p->bootargs, "");
	assert_int_equal(p->initrd_end, 0);
	assert_string_equal(p->notes, "");
}

/* Starting hart 0 would end the firmware, and this tree calls it fit, but for its ISA. */
static void a_tree_that_lies_does_not_start_the_s7(void **state)
{
	const struct platform *p = parse("visionfive2-lying", 1);

	(void)state;
	assert_int_equal(p->n_harts, 4);
	assert_int_equal(p->hart_id[0], 1);
	assert_int_equal(p->hart_id[3], 4);
}

static void sparse_hart_ids_of_64_bits(void **state)
{
	const struct platform *p = parse("sparse-harts", 0x100000002);

	(void)state;
	assert_int_equal(p->n_harts_described, 8);
	assert_int_equal(p->n_harts, 3);
	assert_int_equal(p->hart_id[0], 7);
	assert_int_equal(p->hart_id[1], 0x100000002);
	assert_int_equal(p->hart_id[2], 9);
	assert_int_equal(p->isa, PUDU_ISA_F | PUDU_ISA_D | PUDU_ISA_C | PUDU_ISA_M | PUDU_ISA_SSTC |
					 PUDU_ISA_SVPBMT);
	assert_int_equal(p->mmu_levels, 3);	 /* hart 9 has no more */
	assert_int_equal(p->timebase, 10000000); /* in a cpu node, of 8 bytes */
	assert_int_equal(p->uart.size, 0);
	assert_int_equal(p->plic.size, 0);
	assert_string_equal(p->notes, "");
}

static void banks_are_sorted_and_joined(void **state)
{
	const struct platform *p = parse("two-banks", 1);

	(void)state;
	assert_int_equal(p->n_memory, 3);
	assert_range(p->memory[0], 0x80000000, 0x24000000);
	assert_range(p->memory[1], 0xc0000000, 0x10000000);
	assert_range(p->memory[2], 0x1040000000, 0x40000000);
	assert_int_equal(p->n_reserved, 6);
	assert_range(p->reserved[1], 0x1040000000, 0x1000);
	assert_range(p->reserved[3], 0x80080000, 0x1000);
	assert_range(p->reserved[4], 0x1040100000, 3);
	assert_string_equal(p->notes, "device tree: /reserved-memory/empty: neither reg nor size: "
				      "reserves nothing\n");
}

/* 26 banks, and notes on 10 of them, of which not all fit. */
static void of_too_many_banks_the_first_are_kept(void **state)
{
	const struct platform *p = parse("odd-many-banks", 0);

	(void)state;
	assert_int_equal(p->n_memory, PLATFORM_BANKS);
	for (unsigned i = 0; i < PLATFORM_BANKS; i++)
		assert_range(p->memory[i], 0x1000000100000000 + i * 0x20000000ull, 0x8000000);
	assert_says(p->notes, "more than 16 banks of RAM: 0x8000000 bytes at 0x1000000300000000 ");
	assert_true(strlen(p->notes) < PLATFORM_NOTES);
	assert_int_equal(p->notes[strlen(p->notes) - 1], '\n');
}

static void isa_extensions_count_before_isa(void **state)
{
	const struct platform *p = parse("isa-extensions", 1);

	(void)state;
	assert_int_equal(p->n_harts, 2);
	assert_int_equal(p->isa, PUDU_ISA_F | PUDU_ISA_D | PUDU_ISA_C | PUDU_ISA_M | PUDU_ISA_SSTC |
					 PUDU_ISA_SVPBMT | PUDU_ISA_SVNAPOT);
}

static void of_too_many_harts_the_boot_hart_is_kept(void **state)
{
	const struct platform *p = parse("many-harts", 18);

	(void)state;
	assert_int_equal(p->n_harts_described, 20);
	assert_int_equal(p->n_harts, PUDU_MAX_HARTS);
	for (unsigned i = 0; i < PUDU_MAX_HARTS - 1; i++)
		assert_int_equal(p->hart_id[i], i);
	assert_int_equal(p->hart_id[PUDU_MAX_HARTS - 1], 18);
	assert_string_equal(p->notes, "device tree: /cpus: 20 harts, of which Pudu uses 16\n");

	p = parse("many-harts", 3);
	assert_int_equal(p->hart_id[PUDU_MAX_HARTS - 1], PUDU_MAX_HARTS - 1);
}

static void devices_are_found_through_ranges(void **state)
{
	const struct platform *p = parse("one-cell", 0);

	(void)state;
	assert_range(p->memory[0], 0x80000000, 0x4000000);
	assert_int_equal(p->initrd_start, 0x81000000);
	assert_int_equal(p->initrd_end, 0x81200000);
	assert_range(p->uart, 0x10001200, 0x100);
	assert_int_equal(p->uart_kind, UART_SIFIVE);
	assert_range(p->plic, 0x20000000, 0x1000);
	assert_int_equal(p->timebase, 32768);
	assert_string_equal(p->notes, "");
}

static void without_a_good_uart_it_boots(void **state)
{
	(void)state;
	assert_says(parse("odd-uart", 0)->notes,
		    "/serial@10000000: reg-shift is 4, expected 0 to 3");
	assert_int_equal(platform.uart.size, 0);
	assert_says(parse("odd-uart-width", 0)->notes, "reg-io-width is 3, expected 1, 2 or 4");
	assert_int_equal(platform.uart_kind, UART_NONE);
	assert_says(parse("odd-uart-bytes", 0)->notes, "reg-shift has 2 bytes, expected 4 or 8");
	assert_int_equal(platform.uart.size, 0);
}

static void a_lost_stdout_is_replaced_by_the_first_uart(void **state)
{
	(void)state;
	assert_says(parse("odd-stdout", 0)->notes, "/chosen: stdout-path leads nowhere");
	assert_range(platform.uart, 0x10000000, 0x100);
	assert_says(parse("odd-alias", 0)->notes, "/chosen: stdout-path leads nowhere");
	assert_range(platform.uart, 0x10000000, 0x100);
	assert_says(parse("odd-alias-long", 0)->notes, "/chosen: stdout-path leads nowhere");
	assert_range(platform.uart, 0x10000000, 0x100);
	assert_says(parse("odd-stdout-unknown", 0)->notes,
		    "/plic@c000000: is stdout, but no UART that Pudu knows");
	assert_range(platform.uart, 0x10000000, 0x100);
}

static void devices_out_of_reach_are_left_alone(void **state)
{
	(void)state;
	assert_says(parse("odd-plic", 0)->notes, "/plic@c000000: no reg, or an empty one: ");
	assert_int_equal(platform.plic.size, 0);
	assert_int_equal(platform.test_finisher, 0x100000);
	assert_says(parse("odd-bus", 0)->notes, "/bus: no ranges: harts can't reach");
	assert_int_equal(platform.test_finisher, 0);
	assert_says(parse("odd-ranges", 0)->notes,
		    "/bus: ranges does not cover 0x100000, size 0x1000");
	assert_int_equal(platform.test_finisher, 0);
}

/* It runs, so it can't be unfit: whatever the tree says. */
static void the_boot_hart_is_used_whatever_the_tree_says(void **state)
{
	(void)state;
	assert_says(parse("odd-boot-hart", 0)->notes,
		    "/cpus/cpu@0: mmu-type is absent or names no paging, but it is the boot hart");
	assert_int_equal(platform.n_harts, 1);
	assert_int_equal(platform.mmu_levels, 3);
	assert_int_equal(platform.isa, PUDU_ISA_F | PUDU_ISA_D | PUDU_ISA_C | PUDU_ISA_M);

	assert_says(parse("odd-no-boot-hart", 0)->notes,
		    "/cpus: no cpu has the id of the boot hart, 0: it is used all the same");
	assert_int_equal(platform.n_harts, 2);
	assert_int_equal(platform.hart_id[0], 5);
	assert_int_equal(platform.hart_id[1], 0);
	assert_int_equal(platform.isa, PUDU_ISA_F | PUDU_ISA_D | PUDU_ISA_C | PUDU_ISA_M);

	assert_says(parse("odd-boot-hart", 9)->notes, "no cpu has the id of the boot hart, 9");
	assert_int_equal(platform.n_harts, 1);
	assert_int_equal(platform.hart_id[0], 9);
	assert_int_equal(platform.isa, 0);
	assert_int_equal(platform.mmu_levels, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_qemu_machine_is_read),
		cmocka_unit_test(all_that_is_reserved_is_told),
		cmocka_unit_test(a_visionfive2_is_read),
		cmocka_unit_test(a_tree_that_lies_does_not_start_the_s7),
		cmocka_unit_test(sparse_hart_ids_of_64_bits),
		cmocka_unit_test(banks_are_sorted_and_joined),
		cmocka_unit_test(of_too_many_banks_the_first_are_kept),
		cmocka_unit_test(isa_extensions_count_before_isa),
		cmocka_unit_test(of_too_many_harts_the_boot_hart_is_kept),
		cmocka_unit_test(devices_are_found_through_ranges),
		cmocka_unit_test(without_a_good_uart_it_boots),
		cmocka_unit_test(a_lost_stdout_is_replaced_by_the_first_uart),
		cmocka_unit_test(devices_out_of_reach_are_left_alone),
		cmocka_unit_test(the_boot_hart_is_used_whatever_the_tree_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
