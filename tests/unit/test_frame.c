/* SPDX-License-Identifier: MIT */
/* test_frame.c - the frame allocator: every frame once, zeroed, none that is reserved, all back. */
#include "fixture_frames.h"

#define MANY 20000

static void *taken_page[MANY];
static unsigned n_pages;

static bool overlaps(uint64_t page, const struct range *range)
{
	return page < range->base + range->size && range->base < page + PAGE_SIZE;
}

static bool inside(uint64_t page, const struct range *range)
{
	return page >= range->base && page + PAGE_SIZE <= range->base + range->size;
}

static void check_page(void *page)
{
	static const char zeros[PAGE_SIZE];
	unsigned in_ram = 0;

	assert_memory_equal(page, zeros, PAGE_SIZE);
	for (unsigned i = 0; i < machine.n_memory; i++)
		in_ram += inside(phys(page), &machine.memory[i]);
	assert_int_equal(in_ram, 1);
	for (unsigned i = 0; i < machine.n_reserved; i++)
		assert_false(overlaps(phys(page), &machine.reserved[i]));
}

static int compare(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return (*x > *y) - (*x < *y);
}

/* Take all there is, look at each, and scribble on it. */
static void take_all(void)
{
	void *page;

	n_pages = 0;
	while ((page = frame_take(FRAME_USER)) != NULL) {
		assert_true(n_pages < MANY);
		check_page(page);
		memset(page, 0xa5, PAGE_SIZE);
		taken_page[n_pages++] = page;
	}
	assert_int_equal(n_pages, frame_boot_total());
	assert_int_equal(free_frames(), 0);
	qsort(taken_page, n_pages, sizeof taken_page[0], compare);
	for (unsigned i = 1; i < n_pages; i++)
		assert_ptr_not_equal(taken_page[i], taken_page[i - 1]);
}

static void give_all(void)
{
	for (unsigned i = 0; i < n_pages; i++)
		frame_give(taken_page[i], frame_of(phys(taken_page[i])));
	assert_int_equal(free_frames(), frame_boot_total());
}

static void all_frames_come_once_and_come_again(void)
{
	boot();
	for (unsigned round = 0; round < 3; round++) {
		take_all();
		give_all();
	}
}

static void one_bank(void **state)
{
	(void)state;
	new_machine();
	add_ram(RAM, 16 << 20);
	all_frames_come_once_and_come_again();
	/* All but the tables: 8 blocks of 24 bytes, 4096 frames of 16. */
	assert_int_equal(frame_boot_total(), 4096 - 17);
}

static void what_is_reserved_is_never_given(void **state)
{
	(void)state;
	new_machine();
	add_ram(RAM, 16 << 20);
	reserve(RAM, 0x80000);		   /* firmware */
	reserve(RAM + 0x200000, 0x12345);  /* kernel */
	reserve(RAM + 0x9fffff, 2);	   /* one byte in each of two pages, and two blocks */
	reserve(RAM + 0xa00800, 0x100);	   /* in the same page again */
	reserve(RAM + 0xfff000, 0x100000); /* over the end of RAM */
	reserve(0x10000, 0x1000);	   /* no RAM at all */
	all_frames_come_once_and_come_again();
	assert_int_equal(frame_boot_total(), 4096 - 17 - 128 - 19 - 2 - 1);
}

static void banks_may_begin_and_end_anywhere(void **state)
{
	(void)state;
	new_machine();
	add_ram(RAM + 0x1800, 0x345678); /* not even on pages */
	add_ram(RAM + 0x400000, 0x1000); /* in the block behind */
	add_ram(RAM + 0x100000000, 0x300000);
	all_frames_come_once_and_come_again();
}

/* What if two banks lie in one block of 2 MiB? Nothing is given twice. */
static void two_banks_in_one_block(void **state)
{
	(void)state;
	new_machine();
	add_ram(RAM, 0x480000);
	add_ram(RAM + 0x500000, 0x400000);
	all_frames_come_once_and_come_again();
}

static void ram_past_the_direct_map_is_left(void **state)
{
	(void)state;
	new_machine();
	add_ram(RAM, 4 << 20);
	machine.memory[machine.n_memory++] = (struct range){ DIRECT_MAP_LIMIT, 4 << 20 };
	boot();
	take_all();
	assert_true(n_pages < 1024);
}

static void no_room_is_a_message(void **state)
{
	(void)state;
	new_machine();
	assert_non_null(frame_boot(&machine, NULL, 0));
	new_machine();
	add_ram(RAM, 4 << 20);
	reserve(RAM, 4 << 20);
	assert_non_null(frame_boot(&machine, machine.reserved, 1));
}

/* Blocks are used one after the other, and are whole again when all of their frames are back. */
static void blocks_stay_together(void **state)
{
	unsigned whole = 0;
	void *first[300];

	(void)state;
	new_machine();
	add_ram(RAM, 16 << 20);
	boot();
	for (unsigned i = 0; i < 300; i++) {
		first[i] = frame_take(FRAME_USER);
		assert_true(phys(first[i]) < RAM + (2 << 20));
	}
	for (unsigned i = 0; i < 300; i++)
		frame_give(first[i], frame_of(phys(first[i])));
	take_all();
	give_all();
	flush();
	for (struct block *block = global->whole_head[0]; block != NULL; block = block->after)
		whole++;
	assert_int_equal(whole, 7); /* the first holds the tables */
}

/* Boot does not touch all of RAM, nor all of the tables. */
static void blocks_without_use_are_not_looked_at(void **state)
{
	(void)state;
	new_machine();
	add_ram(RAM, 16 << 20);
	boot();
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(frame_banks[0].blocks[i].used, i == 0);
	assert_int_equal(frame_of(RAM)->type, FRAME_FIXED); /* the tables */
}

static void addresses_out_of_ram_are_in_no_bank(void **state)
{
	(void)state;
	new_machine();
	add_ram(RAM, 4 << 20);
	add_ram(RAM + 0x100000000, 2 << 20);
	boot();
	assert_ptr_equal(bank_of(RAM), &frame_banks[0]);
	assert_ptr_equal(bank_of(RAM + (4 << 20) - 1), &frame_banks[0]);
	assert_ptr_equal(bank_of(RAM + 0x100000000), &frame_banks[1]);
	assert_null(bank_of(RAM - 1));
	assert_null(bank_of(RAM + (4 << 20)));
	assert_null(bank_of(RAM + 0x100000000 + (2 << 20)));
	assert_null(bank_of(0));
	assert_null(bank_of(~0ull));
}

static void zeroing_ahead_loses_nothing(void **state)
{
	unsigned n = 0;

	(void)state;
	new_machine();
	add_ram(RAM, 4 << 20);
	boot();
	take_all();
	give_all();
	while (frame_zero_one())
		n++;
	assert_in_range(n, 1, FRAME_CACHE);
	assert_int_equal(free_frames(), frame_boot_total());
	take_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_bank),
		cmocka_unit_test(what_is_reserved_is_never_given),
		cmocka_unit_test(banks_may_begin_and_end_anywhere),
		cmocka_unit_test(two_banks_in_one_block),
		cmocka_unit_test(ram_past_the_direct_map_is_left),
		cmocka_unit_test(no_room_is_a_message),
		cmocka_unit_test(blocks_stay_together),
		cmocka_unit_test(blocks_without_use_are_not_looked_at),
		cmocka_unit_test(addresses_out_of_ram_are_in_no_bank),
		cmocka_unit_test(zeroing_ahead_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
