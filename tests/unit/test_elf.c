/* SPDX-License-Identifier: MIT */
/* test_elf.c - the ELF check: good programs, and that nothing leads it astray. */
#include "fixture_elf.h"

static void accepted(void)
{
	if (parse(IMAGE_SIZE) != 0)
		fail_msg("refused: %s", why);
	assert_string_equal(why, "");
}

static void the_plan_is_what_the_file_says(void **state)
{
	(void)state;
	accepted();
	assert_int_equal(plan.entry, 0x10100);
	assert_int_equal(plan.n_segments, 2);
	assert_int_equal(plan.segment[0].address, 0x10000);
	assert_int_equal(plan.segment[0].offset, 0);
	assert_int_equal(plan.segment[0].file_size, 0x1800);
	assert_int_equal(plan.segment[0].memory_size, 0x1800);
	assert_int_equal(plan.segment[0].rights, PUDU_R | PUDU_X);
	assert_int_equal(plan.segment[1].address, 0x13000);
	assert_int_equal(plan.segment[1].offset, 0x2000);
	assert_int_equal(plan.segment[1].file_size, 0x100);
	assert_int_equal(plan.segment[1].memory_size, 0x2345);
	assert_int_equal(plan.segment[1].rights, PUDU_R | PUDU_W);
}

static void what_is_odd_but_right_is_taken(void **state)
{
	static const struct {
		size_t at, bytes;
		uint64_t value;
	} cases[] = {
		{ E_FLAGS, 4, 0 }, /* soft float, no C */
		{ E_FLAGS, 4, 3 }, /* single float */
		{ PROGRAM(1, P_ALIGN), 8, 0 },
		{ PROGRAM(1, P_ALIGN), 8, 1 },
		{ PROGRAM(1, P_VADDR), 8, 0x12000 }, /* the next page */
		{ PROGRAM(1, P_VADDR), 8, PUDU_MEMORY_START },
		{ PROGRAM(1, P_VADDR), 8, PUDU_MEMORY_END - 0x3000 },
		{ PROGRAM(1, P_MEMSZ), 8, 0x40000000 - 0x2000 },
		{ PROGRAM(0, P_FLAGS), 4, 1 },		/* X without R */
		{ PROGRAM(0, P_FLAGS), 4, 0xf0000005 }, /* bits that others own */
		{ E_ENTRY, 8, 0x117fe },
		{ E_PHOFF, 8, 64 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		good_image(NULL);
		put(cases[i].at, cases[i].bytes, cases[i].value);
		accepted();
	}
}

static void sixteen_segments_are_the_most(void **state)
{
	(void)state;
	for (unsigned n = 16; n <= 17; n++) {
		put(E_PHNUM, 2, n);
		for (unsigned i = 0; i < n; i++)
			put_program(i, 1, 5, 0, 0x10000 + i * 0x1000ull, 0x200, 0x1000);
		assert_int_equal(parse(IMAGE_SIZE), n == 16 ? 0 : -1);
	}
	assert_says(why, "segment 16: more than 16 to load");
	assert_int_equal(plan.n_segments, 16);
}

/* What a plan promises holds for whatever is accepted. */
static void check_plan(size_t size)
{
	uint64_t total = 0;

	assert_in_range(plan.n_segments, 1, ELF_SEGMENTS);
	for (unsigned i = 0; i < plan.n_segments; i++) {
		const struct elf_segment *segment = &plan.segment[i];

		assert_true(segment->offset <= size &&
			    segment->file_size <= size - segment->offset);
		assert_true(segment->file_size <= segment->memory_size && segment->memory_size > 0);
		assert_true(segment->address >= PUDU_MEMORY_START);
		assert_true(segment->memory_size <= PUDU_MEMORY_END - segment->address);
		assert_true((segment->rights & PUDU_R) || !(segment->rights & PUDU_W));
		assert_true(segment->rights != 0);
		total += segment->memory_size;
	}
	assert_true(total <= ELF_MEMORY_MAX);
	assert_int_equal(plan.entry & 1, 0);
}

static void mutations_never_make_a_bad_plan(void **state)
{
	uint64_t seed = 7;
	unsigned long good = 0, bad = 0;

	(void)state;
	for (unsigned long i = fuzz_rounds(600000); i > 0; i--) {
		size_t size = random_below(&seed, 4) == 0 ? random_below(&seed, 400) : 300;
		unsigned char *bytes = exact_copy(image, size);

		/* The headers only; segments lie in the first 300 bytes too. */
		put(PROGRAM(0, P_FILESZ), 8, 0x80);
		put(PROGRAM(1, P_OFFSET), 8, 0);
		if (size > 0)
			mutate(bytes, size, &seed);
		if (elf_parse(bytes, size, &plan, why, sizeof why) == 0) {
			check_plan(size);
			good++;
		} else {
			assert_says(why, "ELF: ");
			bad++;
		}
		free(bytes);
	}
	assert_true(good > 0 && bad > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_plan_is_what_the_file_says, good_image),
		cmocka_unit_test_setup(what_is_odd_but_right_is_taken, good_image),
		cmocka_unit_test_setup(sixteen_segments_are_the_most, good_image),
		cmocka_unit_test_setup(mutations_never_make_a_bad_plan, good_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
