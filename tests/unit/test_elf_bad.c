/* SPDX-License-Identifier: MIT */
/* test_elf_bad.c - each field of a good program broken, one by one: the message names it. */
#include "fixture_elf.h"

static void each_header_field_is_checked(void **state)
{
	static const struct {
		size_t at, bytes;
		uint64_t value;
		const char *part;
	} cases[] = {
		{ E_MAGIC, 1, 0x7e, "magic is 7e 45 4c 46" },
		{ E_MAGIC + 3, 1, 'f', "magic is 7f 45 4c 66" },
		{ E_CLASS, 1, 1, "class is 1, expected 2 (64 bit)" },
		{ E_DATA, 1, 2, "data is 2, expected 1 (little-endian)" },
		{ E_IDENT_VERSION, 1, 0, "ident version is 0" },
		{ E_TYPE, 2, 3, "type is 3 (DYN): link the program with -static -no-pie" },
		{ E_TYPE, 2, 1, "type is 1, expected 2 (EXEC)" },
		{ E_TYPE, 2, 0x102, "type is 258" },
		{ E_MACHINE, 2, 62, "machine is 62, expected 243 (RISC-V)" },
		{ E_VERSION, 4, 2, "version is 2" },
		{ E_FLAGS, 4, 0x8, "flags 0x8" },
		{ E_FLAGS, 4, 0x10, "flags 0x10" },
		{ E_FLAGS, 4, 0x7, "flags 0x7: the quad float ABI" },
		{ E_EHSIZE, 2, 52, "ehsize is 52" },
		{ E_PHENTSIZE, 2, 32, "phentsize is 32, expected 56" },
		{ E_PHNUM, 2, 0, "phnum is 0" },
		{ E_PHNUM, 2, 65, "phnum is 65, expected 1 to 64" },
		{ E_PHNUM, 2, 0xffff, "phnum is 65535" },
		{ E_PHOFF, 8, IMAGE_SIZE - 4 * PHDR + 1,
		  "phoff 0x2021: 4 program headers run past" },
		{ E_PHOFF, 8, IMAGE_SIZE + 1, "phoff 0x2101" },
		{ E_PHOFF, 8, 0xfffffffffffffff0, "phoff 0xfffffffffffffff0" },
		{ E_ENTRY, 8, 0x10101, "entry 0x10101 is odd" },
		{ E_ENTRY, 8, 0, "entry 0x0 is in no executable segment" },
		{ E_ENTRY, 8, 0x13000, "entry 0x13000 is in no executable segment" },
		{ E_ENTRY, 8, 0x11800, "entry 0x11800 is in no executable segment" },
		{ E_ENTRY, 8, 0xfffffffffffffffe, "is in no executable segment" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		good_image(NULL);
		put(cases[i].at, cases[i].bytes, cases[i].value);
		refused(cases[i].part);
	}
}

static void each_segment_field_is_checked(void **state)
{
	static const struct {
		size_t at, bytes;
		uint64_t value;
		const char *part;
	} cases[] = {
		{ PROGRAM(3, P_TYPE), 4, 3, "segment 3 asks for an interpreter" },
		{ PROGRAM(1, P_OFFSET), 8, 0x3000,
		  "segment 1: offset 0x3000, filesz 0x100: not in" },
		{ PROGRAM(1, P_OFFSET), 8, 0xfffffffffffff000,
		  "segment 1: offset 0xfffffffffffff000" },
		{ PROGRAM(1, P_FILESZ), 8, 0x101,
		  "segment 1: offset 0x2000, filesz 0x101: not in" },
		{ PROGRAM(1, P_FILESZ), 8, ~0ull, "segment 1: offset 0x2000, filesz 0xffff" },
		{ PROGRAM(1, P_MEMSZ), 8, 0xff, "segment 1: filesz 0x100 is more than memsz 0xff" },
		{ PROGRAM(1, P_MEMSZ), 8, 0, "segment 1: filesz 0x100 is more than memsz 0x0" },
		{ PROGRAM(1, P_MEMSZ), 8, ~0ull, "segment 1: vaddr 0x13000, memsz 0xffff" },
		{ PROGRAM(1, P_MEMSZ), 8, 0x40000000,
		  "segment 1: the program takes 0x40002000 bytes" },
		{ PROGRAM(1, P_ALIGN), 8, 0x1800, "segment 1: align 0x1800 is not a power of two" },
		{ PROGRAM(1, P_ALIGN), 8, 0x2000,
		  "segment 1: vaddr 0x13000, offset 0x2000: differ" },
		{ PROGRAM(1, P_VADDR), 8, 0x13008,
		  "segment 1: vaddr 0x13008, offset 0x2000: differ" },
		{ PROGRAM(1, P_VADDR), 8, 0, "segment 1: vaddr 0x0, memsz 0x2345: not in program" },
		{ PROGRAM(1, P_VADDR), 8, PUDU_MEMORY_END - 0x2000, "not in program memory" },
		{ PROGRAM(1, P_VADDR), 8, PUDU_MEMORY_END, "not in program memory" },
		{ PROGRAM(1, P_VADDR), 8, PUDU_HANDLES, "not in program memory" },
		{ PROGRAM(1, P_VADDR), 8, 0xffffffff80000000, "not in program memory" },
		{ PROGRAM(1, P_VADDR), 8, 0xfffffffffffff000, "not in program memory" },
		{ PROGRAM(1, P_VADDR), 8, 0x11000,
		  "segment 1: shares a page with the one at 0x10000" },
		{ PROGRAM(1, P_VADDR), 8, 0xe000,
		  "segment 1: shares a page with the one at 0x10000" },
		{ PROGRAM(1, P_FLAGS), 4, 2, "segment 1: flags 0x2 have W without R" },
		{ PROGRAM(1, P_FLAGS), 4, 3, "segment 1: flags 0x3 have W without R" },
		{ PROGRAM(1, P_FLAGS), 4, 0, "segment 1: flags 0x0 give no right" },
		{ PROGRAM(1, P_FLAGS), 4, 8, "segment 1: flags 0x8 give no right" },
		{ PROGRAM(0, P_FLAGS), 4, 4, "entry 0x10100 is in no executable segment" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		good_image(NULL);
		put(cases[i].at, cases[i].bytes, cases[i].value);
		refused(cases[i].part);
	}
}

static void nothing_to_load_is_an_error(void **state)
{
	(void)state;
	put(PROGRAM(0, P_TYPE), 4, 4);
	put(PROGRAM(1, P_TYPE), 4, 0x70000003);
	refused("no segment to load");
}

static void every_cut_is_found(void **state)
{
	(void)state;
	for (size_t size = 0; size < IMAGE_SIZE; size++) {
		assert_int_equal(parse(size), -1);
		assert_says(why, "ELF: ");
	}
}

static void messages_end_with_the_buffer(void **state)
{
	(void)state;
	put(E_TYPE, 2, 3);
	for (size_t size = 1; size < 80; size++) {
		char *small = malloc(size);

		assert_int_equal(elf_parse(image, IMAGE_SIZE, &plan, small, size), -1);
		assert_true(strlen(small) < size);
		free(small);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_header_field_is_checked, good_image),
		cmocka_unit_test_setup(each_segment_field_is_checked, good_image),
		cmocka_unit_test_setup(nothing_to_load_is_an_error, good_image),
		cmocka_unit_test_setup(every_cut_is_found, good_image),
		cmocka_unit_test_setup(messages_end_with_the_buffer, good_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
