/* SPDX-License-Identifier: MIT */
/* test_cpio_bad.c - broken archives: each ends in a message that says where and how. */
#include "fixture_cpio.h"

static void refused(const char *part)
{
	struct cpio cpio;
	struct cpio_entry entry;
	unsigned char *exact = exact_copy(archive, size);
	int found;

	cpio_open(&cpio, exact, size);
	while ((found = cpio_next(&cpio, &entry, why, sizeof why)) == 1)
		check_inside(&entry, exact, size);
	assert_int_equal(found, -1);
	assert_says(why, part);
	assert_says(why, "cpio archive: entry ");
	assert_int_equal(cpio_next(&cpio, &entry, why, sizeof why), -1);
	assert_says(why, part);
	free(exact);
}

static void other_formats_are_named(void **state)
{
	static const struct {
		const char *bytes, *part;
	} cases[] = {
		{ "\x1f\x8b\x08 and so on", "entry 0 at offset 0: this is gzip" },
		{ "\x28\xb5\x2f\xfd", "this is zstd" },
		{ "\xfd"
		  "7zXZ",
		  "this is xz" },
		{ "BZh9", "this is bzip2" },
		{ "\x02\x21\x4c\x18", "this is lz4" },
		{ "\x7f"
		  "ELF",
		  "this is an ELF file" },
		{ "070702", "format crc, not newc" },
		{ "070707", "format odc, not newc" },
		{ "\xc7\x71", "format bin, not newc" },
		{ "hello, world", "does not begin with 070701" },
		{ "0707", "does not begin with 070701" },
		{ "", "the archive ends without TRAILER!!!" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size = 0;
		append(cases[i].bytes, strlen(cases[i].bytes));
		refused(cases[i].part);
	}
}

static void a_second_entry_is_named_by_number_and_offset(void **state)
{
	(void)state;
	add("a", FILE_MODE, "x");
	append("garbage", 7);
	refused("entry 1 at offset 116: does not begin with 070701");
}

/* Whatever is wrong with a digit of a header, the message names the number that it is in. */
static void each_digit_must_be_hex(void **state)
{
	static const char *const names[] = {
		"inode",	 "mode",      "uid",	      "gid",	      "number of links",
		"time",		 "file size", "device major", "device minor", "rdevice major",
		"rdevice minor", "name size", "check",
	};

	(void)state;
	for (unsigned i = 0; i < 13 * 8; i++) {
		size = 0;
		add("a", FILE_MODE, "x");
		end();
		archive[6 + i] = i % 2 ? 'g' : ' ';
		refused(names[i / 8]);
		assert_says(why, "is not 8 hex digits");
	}
}

static void names_stay_inside(void **state)
{
	(void)state;
	add("name", FILE_MODE, "x");
	memcpy(archive + 94, "FFFFFFFF", 8);
	refused("name size 4294967295 runs past the end");
	memcpy(archive + 94, "00000000", 8);
	refused("the name has no final 0");
	memcpy(archive + 94, "00000004", 8);
	refused("the name has no final 0");
	memcpy(archive + 94, "00000006", 8);
	archive[115] = 0;
	refused("there is a 0 inside the name");
}

static void data_stay_inside(void **state)
{
	(void)state;
	add("name", FILE_MODE, "12345678");
	memcpy(archive + 54, "00000009", 8);
	refused("entry 0 at offset 0: file size 9 runs past the end");
	memcpy(archive + 54, "FFFFFFFF", 8);
	refused("file size 4294967295 runs past the end");
}

static void every_cut_is_found(void **state)
{
	(void)state;
	add("name", FILE_MODE, "12345678");
	add("more", FILE_MODE, "123");
	end();
	size_t whole = size;
	for (size = 0; size < whole - 1; size++) {
		/* The trailer is complete with its name; filler may be missing. */
		if (size >= 2 * 124 + 110 + 11 - 4)
			break;
		refused("entry ");
	}
	assert_true(size > 300);
}

static void no_trailer_is_an_error(void **state)
{
	(void)state;
	add("name", FILE_MODE, "12345678");
	refused("entry 1 at offset 124: the archive ends without TRAILER!!!");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(other_formats_are_named, new_archive),
		cmocka_unit_test_setup(a_second_entry_is_named_by_number_and_offset, new_archive),
		cmocka_unit_test_setup(each_digit_must_be_hex, new_archive),
		cmocka_unit_test_setup(names_stay_inside, new_archive),
		cmocka_unit_test_setup(data_stay_inside, new_archive),
		cmocka_unit_test_setup(every_cut_is_found, new_archive),
		cmocka_unit_test_setup(no_trailer_is_an_error, new_archive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
