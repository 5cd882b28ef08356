/* SPDX-License-Identifier: MIT */
/* test_frame_harts.c - the frame allocator with threads as harts, under ThreadSanitizer. */
#include "fixture_frames.h"

#define ROUNDS 3000
#define HELD   600 /* by three harts more than there is: it runs out at times */

static _Atomic unsigned long failures, successes;

/* Take and give; each page that is ours carries our mark, in plain words. */
static void take_and_give(void)
{
	uint64_t *held[HELD];
	uint64_t seed = this_hart->slot + 1;
	unsigned n = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		if (n < HELD && random_below(&seed, 5) < 3) {
			uint64_t *page = frame_take(FRAME_USER);

			if (page == NULL) {
				failures++;
				continue;
			}
			successes++;
			check(page[0] == 0 && page[511] == 0, "a page is zero");
			page[0] = page[511] = this_hart->slot + 1;
			held[n++] = page;
		} else if (n > 0) {
			uint64_t *page = held[--n];

			check(page[0] == this_hart->slot + 1, "nobody else wrote to the page");
			check(page[511] == this_hart->slot + 1, "nobody else wrote to the page");
			frame_give(page, frame_of(phys(page)));
			if (random_below(&seed, 100) == 0)
				flush();
			if (random_below(&seed, 10) == 0)
				frame_zero_one();
		}
	}
	while (n > 0) {
		n--;
		frame_give(held[n], frame_of(phys(held[n])));
	}
	flush();
}

static void no_frame_is_with_two_harts(void **state)
{
	(void)state;
	new_machine();
	add_ram(RAM, 4 << 20);
	boot();
	on_all_harts(take_and_give);
	assert_true(successes > ROUNDS);
	assert_int_equal(free_frames(), frame_boot_total());
	unsigned long n = 0;
	while (frame_take(FRAME_USER) != NULL)
		n++;
	assert_int_equal(n, frame_boot_total());
}

#define BLOCK_TURNS 4000
#define BLOCKS_HELD 4 /* one more than there are */

static _Atomic unsigned long blocks_taken, blocks_missed;

/* One step towards a block of this hart. Result: the block, or NULL. */
static uint64_t *try_block(void)
{
	bool more;
	uint64_t *block = frame_take_block(this_hart->slot, &more);

	if (block == NULL && !more)
		blocks_missed++;
	for (unsigned f = 0; block != NULL && f < BLOCK_FRAMES; f++) {
		uint64_t *word = &block[f * PAGE_SIZE / sizeof *word];

		check(*word == 0, "a block is zero");
		*word = this_hart->slot + 1;
	}
	if (block != NULL)
		blocks_taken++;
	return block;
}

/* As a whole, or in parts. */
static void give_block(uint64_t *block, bool whole)
{
	uint64_t physical[64];

	for (unsigned f = 0; f < BLOCK_FRAMES; f++)
		check(block[f * PAGE_SIZE / sizeof *block] == this_hart->slot + 1,
		      "nobody else wrote to the block");
	if (whole) {
		block_give(phys(block));
		return;
	}
	for (unsigned f = 0; f < BLOCK_FRAMES; f++) {
		physical[f % 64] = phys(block) + (f * 77 % BLOCK_FRAMES) * PAGE_SIZE;
		if (f % 64 == 63)
			frames_give(physical, 64);
	}
}

static void give_single(uint64_t *page)
{
	check(page[0] == this_hart->slot + 1, "nobody else wrote to the page");
	frame_give(page, frame_of(phys(page)));
	frame_zero_one();
}

/* Blocks among single frames; a block may be left unfinished. */
static void take_blocks(void)
{
	uint64_t *block[BLOCKS_HELD], *single[HELD / 4];
	uint64_t seed = this_hart->slot + 1;
	unsigned n = 0, n_single = 0;

	for (unsigned i = 0; i < BLOCK_TURNS; i++) {
		unsigned choice = (unsigned)random_below(&seed, 40);

		if (n < BLOCKS_HELD && choice < 28) {
			block[n] = try_block();
			n += block[n] != NULL;
		} else if (n > 0 && choice % 4 == 0) {
			give_block(block[--n], choice % 8 == 0);
		} else if (n_single < HELD / 4 && choice % 2 == 0) {
			single[n_single] = frame_take(FRAME_USER);
			if (single[n_single] != NULL)
				single[n_single++][0] = this_hart->slot + 1;
		} else if (n_single > 0) {
			give_single(single[--n_single]);
		}
		if (random_below(&seed, 50) == 0)
			flush();
	}
	while (n > 0)
		give_block(block[--n], true);
	while (n_single > 0)
		give_single(single[--n_single]);
	flush();
}

static void no_block_is_with_two_harts(void **state)
{
	unsigned n = 0;
	bool more;

	(void)state;
	new_machine();
	add_ram(RAM, 8 << 20);
	boot();
	/* How often a hart finishes a block depends on how the harts are scheduled. */
	for (unsigned round = 0; round < 100 && (blocks_taken <= 20 || blocks_missed == 0); round++)
		on_all_harts(take_blocks);
	assert_true(blocks_taken > 20);
	assert_true(blocks_missed > 0);
	assert_int_equal(free_frames(), frame_boot_total());
	do {
		n += frame_take_block(0, &more) != NULL;
	} while (more || n < 3);
	assert_int_equal(free_frames(), frame_boot_total() - 3 * BLOCK_FRAMES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_frame_is_with_two_harts),
		cmocka_unit_test(no_block_is_with_two_harts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
