/* SPDX-License-Identifier: MIT */
/* test_frame_blocks.c - whole blocks for large leaves: taken, given, made of frames, lost nowhere.
 */
#include "fixture_frames.h"

#define MIB	     (1ull << 20)
#define BLOCK_BYTES  (2 * MIB)
#define OWNER	     0x1234567890
#define STEPS_MAX    72 /* calls for one block */
#define BLOCKS	     7	/* of 16 MiB: the tables are in the first */
#define FRAMES_OF_16 4096

static void *page_taken[FRAMES_OF_16];
static unsigned n_taken_pages;

static void new_16_mib(void)
{
	new_machine();
	add_ram(RAM, 16 * MIB);
	boot();
}

/* A block, however many calls it takes. NULL: none. */
static char *take_block(void)
{
	bool more;
	char *block;
	unsigned steps = 0;

	do {
		block = frame_take_block(OWNER, &more);
		assert_in_range(++steps, 1, STEPS_MAX);
		assert_false(block != NULL && more);
	} while (more);
	return block;
}

static void check_block(const char *block)
{
	static const char zeros[PAGE_SIZE];

	assert_int_equal(phys(block) % BLOCK_BYTES, 0);
	for (uint64_t at = 0; at < BLOCK_BYTES; at += PAGE_SIZE) {
		struct frame *frame = frame_of(phys(block) + at);

		assert_memory_equal(block + at, zeros, PAGE_SIZE);
		assert_int_equal(frame->references, 1);
		assert_int_equal(frame->type, FRAME_USER);
		assert_int_equal(frame->live, 0);
		assert_int_equal(frame->owner, OWNER);
	}
}

/* Single frames until there are none, each once. */
static void take_frames(void)
{
	static unsigned char seen[FRAMES_OF_16];
	void *page;

	memset(seen, 0, sizeof seen);
	n_taken_pages = 0;
	while ((page = frame_take(FRAME_USER)) != NULL) {
		assert_int_equal(seen[(phys(page) - RAM) / PAGE_SIZE]++, 0);
		memset(page, 0xa5, PAGE_SIZE);
		page_taken[n_taken_pages++] = page;
	}
	assert_int_equal(free_frames(), 0);
}

static void give_frames(void)
{
	while (n_taken_pages > 0) {
		void *page = page_taken[--n_taken_pages];

		frame_give(page, frame_of(phys(page)));
	}
	flush();
}

static unsigned frames_in_use(void)
{
	uint64_t from = 0;
	unsigned n = 0;

	do
		n += frame_find(FRAME_USER, &from) != NULL;
	while (from != 0);
	return n;
}

/* With empty caches, what is free is in blocks. */
static void check_counts(void)
{
	assert_int_equal(global->frames_in_blocks, free_frames());
}

/* Each call does a bounded part; what is not taken yet counts as free. */
static void a_block_is_zeroed_in_steps(void **state)
{
	unsigned steps = 1;
	uint64_t before = 0;
	bool more;
	char *block;

	(void)state;
	new_16_mib();
	take_frames(); /* dirty all of it */
	give_frames();
	while ((block = frame_take_block(OWNER, &more)) == NULL) {
		assert_true(more);
		assert_in_range(this_hart->prepared - before, 1, 8);
		before = this_hart->prepared;
		assert_int_equal(free_frames(), frame_boot_total());
		steps++;
	}
	assert_in_range(steps, 512 / 8, STEPS_MAX);
	assert_int_equal(free_frames(), frame_boot_total() - BLOCK_FRAMES);
	check_block(block);
	assert_int_equal(frames_in_use(), BLOCK_FRAMES);
	assert_null(this_hart->preparing);
}

static void blocks_come_until_none_is_whole(void **state)
{
	char *block[BLOCKS];

	(void)state;
	new_16_mib();
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < BLOCKS; i++) {
			block[i] = take_block();
			assert_non_null(block[i]);
			check_block(block[i]);
			memset(block[i], 0xa5, BLOCK_BYTES);
		}
		assert_null(take_block());
		assert_int_equal(frames_in_use(), BLOCKS * BLOCK_FRAMES);
		take_frames();
		assert_int_equal(n_taken_pages, frame_boot_total() - BLOCKS * BLOCK_FRAMES);
		give_frames();
		for (unsigned i = 0; i < BLOCKS; i++)
			block_give(phys(block[i]));
		assert_int_equal(frames_in_use(), 0);
		assert_int_equal(free_frames(), frame_boot_total());
	}
}

/* What a block's entries said before it was given is nowhere believed. */
static void a_block_given_comes_again_as_frames(void **state)
{
	(void)state;
	new_16_mib();
	for (unsigned round = 0; round < 3; round++) {
		char *block[BLOCKS];

		for (unsigned i = 0; i < BLOCKS; i++) {
			block[i] = take_block();
			memset(block[i], 0xa5, BLOCK_BYTES);
		}
		for (unsigned i = 0; i < BLOCKS; i++)
			block_give(phys(block[i]));
		check_counts();
		take_frames();
		assert_int_equal(n_taken_pages, frame_boot_total());
		assert_null(take_block());
		give_frames();
	}
}

/* Frames of a split leaf, given in any order by both ways, are a block again. */
static void a_block_is_whole_when_its_frames_are_back(void **state)
{
	char *block[BLOCKS];
	uint64_t physical[64];

	(void)state;
	new_16_mib();
	for (unsigned i = 0; i < BLOCKS; i++)
		block[i] = take_block();
	take_frames();
	for (unsigned i = 0; i < BLOCK_FRAMES; i++) {
		uint64_t index = i * 77 % BLOCK_FRAMES;

		assert_null(take_block());
		physical[i % 64] = phys(block[3]) + index * PAGE_SIZE;
		frame_of(physical[i % 64])->live = 5;
		if (i % 64 == 63)
			frames_give(physical, 64);
	}
	assert_int_equal(free_frames(), BLOCK_FRAMES);
	assert_ptr_equal(take_block(), block[3]);
	check_block(block[3]);

	for (unsigned i = 0; i < BLOCK_FRAMES; i++)
		frame_give(block[5] + i * PAGE_SIZE, frame_of(phys(block[5]) + i * PAGE_SIZE));
	flush();
	assert_ptr_equal(take_block(), block[5]);
	check_block(block[5]);
	assert_int_equal(free_frames(), 0);

	for (unsigned f = 0; f < 60; f++) /* not all: they come one by one, and no others */
		physical[f] = phys(block[1]) + f * 3 * PAGE_SIZE;
	frames_give(physical, 60);
	check_counts();
	take_frames();
	assert_int_equal(n_taken_pages, 60);
}

static void begin_a_block(void)
{
	bool more;

	assert_null(frame_take_block(OWNER, &more));
	assert_true(more);
	assert_non_null(this_hart->preparing);
}

/* What if the one who asked for the block never asks again? */
static void a_block_under_preparation_is_there_for_others(void **state)
{
	char *block;

	(void)state;
	new_16_mib();
	for (unsigned i = 0; i < BLOCKS - 1; i++)
		assert_non_null(take_block());
	begin_a_block();
	take_frames(); /* the hart itself, which has no other block */
	assert_null(this_hart->preparing);
	assert_int_equal(n_taken_pages, frame_boot_total() - (BLOCKS - 1) * BLOCK_FRAMES);
	give_frames();
	assert_int_equal(free_frames(),
			 n_taken_pages + frame_boot_total() - (BLOCKS - 1) * BLOCK_FRAMES);

	begin_a_block();
	this_hart = &harts[1]; /* another hart */
	assert_null(take_block());
	assert_int_equal(frame_ask_others(), 1);
	this_hart = &harts[0];
	frame_flush_cache();
	this_hart = &harts[1];
	assert_int_equal(frame_ask_others(), 0);
	block = take_block();
	assert_non_null(block);
	check_block(block);
	take_frames();
	assert_int_equal(n_taken_pages, frame_boot_total() - BLOCKS * BLOCK_FRAMES);
}

/* An idle hart goes on with its block when its cache is full, and not when memory is short. */
static void idle_harts_go_on_preparing(void **state)
{
	bool more;

	(void)state;
	new_16_mib();
	while (frame_zero_one())
		;
	assert_null(this_hart->preparing);
	begin_a_block();
	while (frame_zero_one())
		;
	assert_int_equal(this_hart->zeroed.count, FRAME_CACHE);
	assert_int_equal(this_hart->prepared, BLOCK_FRAMES);
	check_block(frame_take_block(OWNER, &more));
	for (unsigned i = 0; i < 4; i++)
		assert_non_null(take_block());
	begin_a_block();
	uint64_t before = this_hart->prepared;
	while (frame_zero_one())
		;
	assert_int_equal(this_hart->prepared, before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_is_zeroed_in_steps),
		cmocka_unit_test(blocks_come_until_none_is_whole),
		cmocka_unit_test(a_block_given_comes_again_as_frames),
		cmocka_unit_test(a_block_is_whole_when_its_frames_are_back),
		cmocka_unit_test(a_block_under_preparation_is_there_for_others),
		cmocka_unit_test(idle_harts_go_on_preparing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
