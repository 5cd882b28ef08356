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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_frame_is_with_two_harts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
