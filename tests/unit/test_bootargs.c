/* SPDX-License-Identifier: MIT */
/* test_bootargs.c - the kernel's words of the boot arguments. */
#include "fixture.h"

#include "kernel/bootargs.h"

static struct options options;
static char why[200];

static void options_are_read(void **state)
{
	(void)state;
	assert_int_equal(bootargs_parse("mmu=sv39 watchdog=10", &options, why, sizeof why), 0);
	assert_int_equal(options.levels, 3);
	assert_int_equal(options.watchdog, 10);
	assert_string_equal(why, "");

	assert_int_equal(bootargs_parse(" \t mmu=sv48\n", &options, why, sizeof why), 0);
	assert_int_equal(options.levels, 4);
	assert_int_equal(options.watchdog, 0);
	assert_int_equal(options.asid_bits, 16);
	assert_int_equal(options.slow, 0);
	assert_int_equal(bootargs_parse("fast=off", &options, why, sizeof why), 0);
	assert_int_equal(options.slow, 1);
	assert_int_equal(bootargs_parse("fast=off fast=on", &options, why, sizeof why), 0);
	assert_int_equal(options.slow, 0);

	assert_int_equal(bootargs_parse("asid=0", &options, why, sizeof why), 0);
	assert_int_equal(options.asid_bits, 0);
	assert_int_equal(bootargs_parse("asid=16 asid=2", &options, why, sizeof why), 0);
	assert_int_equal(options.asid_bits, 2);
	assert_int_equal(bootargs_parse("reserve=0", &options, why, sizeof why), 0);
	assert_int_equal(options.reserve, 0);
	assert_int_equal(bootargs_parse("reserve=1000000", &options, why, sizeof why), 0);
	assert_int_equal(options.reserve, 1000000);
}

static void nothing_is_the_default(void **state)
{
	(void)state;
	assert_int_equal(bootargs_parse("", &options, why, sizeof why), 0);
	assert_int_equal(options.levels, 0);
	assert_int_equal(options.watchdog, 0);
	assert_int_equal(options.asid_bits, 16);
	assert_true(options.reserve == BOOTARGS_NOT_SAID);
}

static void the_last_of_two_counts(void **state)
{
	(void)state;
	assert_int_equal(bootargs_parse("mmu=sv39 mmu=sv48 watchdog=1 watchdog=1000000000",
					&options, why, sizeof why),
			 0);
	assert_int_equal(options.levels, 4);
	assert_int_equal(options.watchdog, 1000000000);
}

static void words_behind_two_dashes_are_not_looked_at(void **state)
{
	(void)state;
	assert_int_equal(bootargs_parse("-- mmu=sv48 nonsense", &options, why, sizeof why), 0);
	assert_int_equal(options.levels, 0);
	assert_int_equal(bootargs_parse("--mmu=sv48", &options, why, sizeof why), 1);
	assert_string_equal(bootargs_rest("mmu=sv39 --   run  hello -- x"), "run  hello -- x");
	assert_string_equal(bootargs_rest("a --"), "");
	assert_string_equal(bootargs_rest("a --b c"), "");
	assert_string_equal(bootargs_rest(""), "");
}

/* What if the user mistypes? The line names the word, and the other words still count. */
static void bad_words_are_named_and_the_rest_is_read(void **state)
{
	static const char *const bad[] = {
		"mmu=sv57",
		"mmu=",
		"mmu=sv39x",
		"mmu",
		"watchdog=",
		"watchdog=x",
		"watchdog=1s",
		"watchdog=-1",
		"watchdog=1000000001",
		"watchdog=99999999999999999999999",
		"fast=",
		"fast",
		"fast=offs",
		"fast=0",
		"asid=",
		"asid=17",
		"asid=0x2",
		"asid",
		"reserve=",
		"reserve=1000001",
		"reserve=-1",
		"quiet",
		"MMU=sv39",
		"mmu=sv3",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char line[80];

		snprintf(line, sizeof line, "mmu=sv48 %s watchdog=7", bad[i]);
		assert_int_equal(bootargs_parse(line, &options, why, sizeof why), 1);
		assert_int_equal(options.levels, 4);
		assert_int_equal(options.watchdog, 7);
		assert_says(why, bad[i]);
		assert_int_equal(why[strlen(why) - 1], '\n');
	}
}

/* What if there is more to say than room? Whole lines, and no byte too far. */
static void complaints_end_with_the_buffer(void **state)
{
	(void)state;
	for (size_t size = 1; size < 200; size++) {
		char *small = malloc(size);

		assert_int_equal(bootargs_parse("a bb ccc", &options, small, size), 3);
		size_t length = strlen(small);
		assert_true(length < size);
		assert_true(length == 0 || small[length - 1] == '\n');
		free(small);
	}
}

static void a_long_word_is_cut(void **state)
{
	char line[1024];

	(void)state;
	memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = 0;
	assert_int_equal(bootargs_parse(line, &options, why, sizeof why), 1);
	assert_says(why, "xxx\"...: no such option");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_read),
		cmocka_unit_test(nothing_is_the_default),
		cmocka_unit_test(the_last_of_two_counts),
		cmocka_unit_test(words_behind_two_dashes_are_not_looked_at),
		cmocka_unit_test(bad_words_are_named_and_the_rest_is_read),
		cmocka_unit_test(complaints_end_with_the_buffer),
		cmocka_unit_test(a_long_word_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
