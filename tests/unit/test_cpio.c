/* SPDX-License-Identifier: MIT */
/* test_cpio.c - the newc reader: what it reads, and that nothing leads it astray. */
#include "fixture_cpio.h"

/* Find @name in a copy without slack. Result as cpio_find; *text gets the data. */
static int find(const char *name, char *text, size_t text_size)
{
	struct cpio_entry entry;
	unsigned char *exact = exact_copy(archive, size);
	int found = cpio_find(exact, size, name, &entry, why, sizeof why);

	if (found == 1 && text != NULL)
		snprintf(text, text_size, "%.*s", (int)entry.size, (const char *)entry.data);
	free(exact);
	return found;
}

static void all_entries_come_in_order(void **state)
{
	static const char *const names[] = { ".", "init", "bin", "bin/hello", "empty", "link" };
	struct cpio cpio;
	struct cpio_entry entry;

	(void)state;
	add(".", CPIO_DIRECTORY | 0755, "");
	add("init", FILE_MODE, "I am init");
	add("bin", CPIO_DIRECTORY | 0755, "");
	add("bin/hello", FILE_MODE, "hello\n");
	add("empty", FILE_MODE, "");
	add("link", CPIO_SYMLINK | 0777, "init");
	end();
	append("junk behind the trailer", 23);

	unsigned char *exact = exact_copy(archive, size);
	cpio_open(&cpio, exact, size);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(cpio_next(&cpio, &entry, why, sizeof why), 1);
		assert_string_equal(entry.name, names[i]);
		assert_int_equal((uintptr_t)entry.data % 4, 0);
		if (i == 1)
			assert_memory_equal(entry.data, "I am init", entry.size);
		if (i == 5)
			assert_int_equal(entry.mode & CPIO_TYPE, CPIO_SYMLINK);
	}
	assert_int_equal(entry.size, 4);
	assert_int_equal(cpio_next(&cpio, &entry, why, sizeof why), 0);
	assert_int_equal(cpio_next(&cpio, &entry, why, sizeof why), 0);
	assert_string_equal(why, "");
	free(exact);
}

static void names_match_with_or_without_the_root(void **state)
{
	char text[32];

	(void)state;
	add("./init", FILE_MODE, "one");
	add("/bin/x", FILE_MODE, "two");
	add("plain", FILE_MODE, "three");
	end();
	assert_int_equal(find("init", text, sizeof text), 1);
	assert_string_equal(text, "one");
	assert_int_equal(find("/init", text, sizeof text), 1);
	assert_int_equal(find(".//./init", text, sizeof text), 1);
	assert_int_equal(find("bin/x", text, sizeof text), 1);
	assert_string_equal(text, "two");
	assert_int_equal(find("./plain", text, sizeof text), 1);
	assert_string_equal(text, "three");
	assert_int_equal(find("ini", NULL, 0), 0);
	assert_says(why, "no ini among its 3 entries");
}

static void the_first_of_two_with_one_name_is_found(void **state)
{
	char text[32];

	(void)state;
	add("init", FILE_MODE, "first");
	add("init", FILE_MODE, "second");
	end();
	assert_int_equal(find("init", text, sizeof text), 1);
	assert_string_equal(text, "first");
}

/* What if init is a hard link? cpio puts the data at the last of the links only. */
static void data_of_a_hard_link_is_found(void **state)
{
	char text[32];

	(void)state;
	add_linked("init", FILE_MODE, "", 77, 2);
	add_linked("other", FILE_MODE, "other", 78, 2);
	add_linked("bin/init", FILE_MODE, "the data", 77, 2);
	end();
	assert_int_equal(find("init", text, sizeof text), 1);
	assert_string_equal(text, "the data");

	size = 0;
	add_linked("init", FILE_MODE, "", 77, 2);
	end();
	assert_int_equal(find("init", text, sizeof text), 1);
	assert_string_equal(text, "");
}

/* Nothing that a reader gets may lie outside the archive, whatever the archive is. */
static void mutations_never_lead_outside(void **state)
{
	uint64_t seed = 42;
	unsigned long entries = 0, errors = 0;

	(void)state;
	add("./init", FILE_MODE, "I am init");
	add_linked("bin/hello", FILE_MODE, "", 7, 2);
	add("empty", FILE_MODE, "");
	add_linked("bin/hallo", FILE_MODE, "hello\n", 7, 2);
	end();
	for (unsigned long i = fuzz_rounds(400000); i > 0; i--) {
		size_t cut = random_below(&seed, 4) == 0 ? random_below(&seed, size + 1) : size;
		unsigned char *bytes = exact_copy(archive, cut);
		struct cpio cpio;
		struct cpio_entry entry;
		int found;

		if (cut > 0)
			mutate(bytes, cut, &seed);
		cpio_open(&cpio, bytes, cut);
		while ((found = cpio_next(&cpio, &entry, why, sizeof why)) == 1) {
			check_inside(&entry, bytes, cut);
			entries++;
		}
		errors += found < 0;
		assert_int_equal(found < 0, why[0] != 0);
		cpio_find(bytes, cut, "bin/hello", &entry, why, sizeof why);
		free(bytes);
	}
	assert_true(entries > 0 && errors > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(all_entries_come_in_order, new_archive),
		cmocka_unit_test_setup(names_match_with_or_without_the_root, new_archive),
		cmocka_unit_test_setup(the_first_of_two_with_one_name_is_found, new_archive),
		cmocka_unit_test_setup(data_of_a_hard_link_is_found, new_archive),
		cmocka_unit_test_setup(mutations_never_lead_outside, new_archive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
