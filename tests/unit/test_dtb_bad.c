/* SPDX-License-Identifier: MIT */
/* test_dtb_bad.c - broken device trees: each ends in a message that names what is broken. */
#include "fixture_dtb.h"

#include <libfdt.h>

static void each_broken_tree_is_named(void **state)
{
	static const struct {
		const char *tree, *part;
	} cases[] = {
		{ "bad-no-memory", "no RAM" },
		{ "bad-memory-disabled", "no RAM" },
		{ "bad-status-unterminated", "no RAM" },
		{ "bad-memory-reg", "/memory@80000000: reg has 12 bytes, no multiple of 16" },
		{ "bad-memory-bytes", "/memory@80000000: reg has 17 bytes" },
		{ "bad-memory-overflow", "/memory@80000000: reg: 0xfffffffff0000000 + 0x10000000" },
		{ "bad-root-cells", "/: #address-cells is not 1 or 2" },
		{ "bad-root-cells-bytes", "/: #size-cells is not 1 or 2" },
		{ "bad-no-cpus", "there is no /cpus" },
		{ "bad-cpus-cells", "/cpus: #address-cells is not 1 or 2" },
		{ "bad-cpu-no-reg", "/cpus/cpu@0: reg is not 4 bytes" },
		{ "bad-cpu-reg", "/cpus/cpu@0: reg is not 4 bytes" },
		{ "bad-cpu-twice", "/cpus/cpu@1: hart id 0 is that of another node too" },
		{ "bad-no-timebase", "/cpus: timebase-frequency is missing" },
		{ "bad-timebase-zero", "/cpus: timebase-frequency is 0" },
		{ "bad-timebase-bytes", "/cpus: timebase-frequency has 3 bytes" },
		{ "bad-initrd-no-end", "/chosen: linux,initrd-end is missing" },
		{ "bad-initrd-no-start", "/chosen: linux,initrd-start is missing" },
		{ "bad-initrd-backwards", "/chosen: linux,initrd-end 0x80ffffff is before" },
		{ "bad-initrd-outside", "/chosen: the initrd, 0x87fff000 to 0x88000001, is not" },
		{ "bad-initrd-bytes", "/chosen: linux,initrd-start has 12 bytes" },
		{ "bad-bootargs-unterminated", "/chosen: bootargs has no final 0" },
		{ "bad-bootargs-long", "/chosen: bootargs has 1024 characters, at most 1023" },
		{ "bad-reserved-reg", "/reserved-memory/firmware@80000000: reg has 12 bytes" },
		{ "bad-reserved-overflow", "/reserved-memory/firmware@80000000: reg: 0x80000000" },
		{ "bad-reserved-cells", "/reserved-memory: #size-cells is not 1 or 2" },
		{ "bad-memreserve-overflow", "reserved range 0xfffffffffffff000 + 0x2000" },
		{ "bad-reserved-many", "/reserved-memory/many@80000000: more than 64 reserved" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t size;
		unsigned char *blob = load(cases[i].tree, &size);

		if (parse_blob(blob, size, 0) != -1)
			fail_msg("%s: accepted", cases[i].tree);
		assert_says(why, "device tree: ");
		assert_says(why, cases[i].part);
		free(blob);
	}
}

#define QEMU_SIZE 3032u /* of qemu-virt-4.dtb */

static void put32(unsigned char *at, uint32_t value)
{
	fdt32_st(at, value);
}

/* Break the word at @offset of a good tree. */
static void broken_word(size_t offset, uint32_t value, const char *part)
{
	size_t size;
	unsigned char *blob = load("qemu-virt-4", &size);

	put32(blob + offset, value);
	assert_int_equal(parse_blob(blob, size, 0), -1);
	assert_says(why, part);
	free(blob);
}

static void each_header_field_is_checked(void **state)
{
	(void)state;
	broken_word(0, 0xd00dfeec, "magic is 0xd00dfeec, expected 0xd00dfeed");
	broken_word(0, 0xedfe0dd0, "magic is 0xedfe0dd0");
	broken_word(4, 0x200001, "totalsize is 2097153, more than 2097152");
	broken_word(4, 0xffffffff, "totalsize is 4294967295, more than");
	broken_word(4, 0x10000, "totalsize is 65536, but only");
	broken_word(4, 39, "header: ");
	broken_word(4, 0, "header: ");
	broken_word(8, 0xfffffff0, "header: ");
	broken_word(8, 0x42, "header: a block is not aligned");
	broken_word(8, 4, "header: ");
	broken_word(12, 0xfffffff0, "header: ");
	broken_word(16, 0xfffffff0, "header: ");
	broken_word(16, 0x2c, "header: a block is not aligned");
	broken_word(16, QEMU_SIZE & ~7u, "memory reservation block has no end");
	broken_word(20, 16, "version 16");
	broken_word(24, 18, "compatible with 18");
	broken_word(32, 0xfffffff0, "header: ");
	broken_word(32, 8, "structure block, offset 0x");
	broken_word(36, 0xfffffff0, "header: ");
	broken_word(36, 4, "structure block, offset 0x0: the name of a node has no end");
}

/* A tree of a few words: its structure block is @words, its strings are "reg". */
struct words {
	const char *part; /* of the message; NULL: the structure is good */
	uint32_t n, word[16];
};

#define NODE  FDT_BEGIN_NODE
#define PROP  FDT_PROP
#define CLOSE FDT_END_NODE
#define END   FDT_END
#define NAME  0x61000000 /* "a" */

static void parse_words(const struct words *words)
{
	size_t struct_size = words->n * 4, size = 56 + struct_size + 4;
	unsigned char *blob = exact_copy((unsigned char[200]){ 0 }, size);
	uint32_t header[10] = {
		FDT_MAGIC, (uint32_t)size,	 56, (uint32_t)(56 + struct_size), 40, 17, 16, 0,
		4,	   (uint32_t)struct_size
	};

	for (unsigned i = 0; i < 10; i++)
		put32(blob + 4 * i, header[i]);
	for (unsigned i = 0; i < words->n; i++)
		put32(blob + 56 + 4 * i, words->word[i]);
	memcpy(blob + 56 + struct_size, "reg", 4);
	assert_int_equal(parse_blob(blob, size, 0), -1);
	assert_says(why, words->part == NULL ? "no RAM" : "structure block, offset 0x");
	assert_says(why, words->part == NULL ? "" : words->part);
	free(blob);
}

/* What if the last string of the strings block has no end? */
static void names_of_properties_have_an_end(void **state)
{
	size_t size;
	unsigned char *blob = load("qemu-virt-4", &size);

	(void)state;
	blob[fdt_off_dt_strings(blob) + fdt_size_dt_strings(blob) - 1] = 'x';
	assert_int_equal(parse_blob(blob, size, 0), -1);
	assert_says(why, "the name of a property is outside the strings");
	free(blob);
}

static void the_structure_block_is_checked(void **state)
{
	static const struct words cases[] = {
		{ NULL, 7, { NODE, 0, PROP, 0, 0, CLOSE, END } },
		{ NULL, 9, { FDT_NOP, NODE, 0, FDT_NOP, PROP, 0, 0, CLOSE, END } },
		{ "offset 0x0: the block ends without END", 0, { 0 } },
		{ "the block ends without END", 3, { NODE, 0, CLOSE } },
		{ "END inside a node, or no root", 1, { END } },
		{ "END inside a node, or no root", 3, { NODE, 0, END } },
		{ "a node ends that did not begin", 2, { CLOSE, END } },
		{ "a node ends that did not begin", 5, { NODE, 0, CLOSE, CLOSE, END } },
		{ "a second root", 7, { NODE, 0, CLOSE, NODE, 0, CLOSE, END } },
		{ "a node without a name", 7, { NODE, 0, NODE, 0, CLOSE, CLOSE, END } },
		{ "the name of a node has no end", 4, { NODE, 0, NODE, 0x61616161 } },
		{ "a character that the name", 4, { NODE, 0x1b5b316d, 0, END } },
		{ "a character that the name", 4, { NODE, 0x612f6200, CLOSE, END } },
		{ "offset 0x4: unknown tag", 2, { FDT_NOP, 5 } },
		{ "unknown tag", 4, { NODE, 0, 0x01000000, END } },
		{ "the block ends inside a property", 4, { NODE, 0, PROP, 0 } },
		{ "the value of a property runs past", 6, { NODE, 0, PROP, 9, 0, END } },
		{ "the value of a property runs past", 6, { NODE, 0, PROP, 0xfffffff4, 0, END } },
		{ "the value of a property runs past", 6, { NODE, 0, PROP, 0xffffffff, 0, END } },
		{ "the name of a property is outside", 7, { NODE, 0, PROP, 0, 4, CLOSE, END } },
		{ "the name of a property is outside", 7, { NODE, 0, PROP, 0, ~0u, CLOSE, END } },
		{ "a property that is not at the beginning",
		  10,
		  { NODE, 0, NODE, NAME, CLOSE, PROP, 0, 0, CLOSE, END } },
		{ "a property that is not at the beginning", 4, { PROP, 0, 0, END } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		parse_words(&cases[i]);
}

/* What if a block ends inside the filler of a name or a value? */
static void filler_stays_inside(void **state)
{
	uint32_t words[6] = { NODE, 0, PROP, 1, 0, 0 };

	(void)state;
	for (uint32_t size = 21; size <= 23; size++) {
		unsigned char *blob = exact_copy((unsigned char[84]){ 0 }, 56 + 4 + size);
		uint32_t header[10] = { FDT_MAGIC, 60 + size, 60, 56, 40, 17, 16, 0, 4, size };

		for (unsigned i = 0; i < 10; i++)
			put32(blob + 4 * i, header[i]);
		for (unsigned i = 0; i < 5; i++)
			put32(blob + 60 + 4 * i, words[i]);
		memcpy(blob + 56, "reg", 4);
		assert_int_equal(parse_blob(blob, 60 + size, 0), -1);
		assert_says(why, "runs past the end of the block");
		free(blob);
	}
}

/* What if the nodes go so deep that a reader that recurs would end its stack? */
static void deep_trees_are_refused(void **state)
{
	static unsigned char blob[65536 + 8];
	uint32_t struct_size = 65000, at = 56 + 8;
	uint32_t header[10] = {
		FDT_MAGIC, 56 + 65000 + 4, 56, 56 + 65000, 40, 17, 16, 0, 4, 65000
	};

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		put32(blob + 4 * i, header[i]);
	put32(blob + 56, NODE);
	for (; at + 8 < 56 + struct_size; at += 8) {
		put32(blob + at, NODE);
		put32(blob + at + 4, NAME);
	}
	assert_int_equal(parse_blob(blob, sizeof blob, 0), -1);
	assert_says(why, "more than 32 nodes inside each other");
}

static void a_tree_must_be_aligned_and_whole(void **state)
{
	size_t size;
	unsigned char *blob = load("visionfive2", &size);
	unsigned char *shifted = malloc(size + 8);

	(void)state;
	for (unsigned i = 1; i < 8; i++) {
		memcpy(shifted + i, blob, size);
		assert_int_equal(parse_blob(shifted + i, size, 1), -1);
		assert_says(why, "is not on 8 bytes");
	}
	for (size_t cut = 0; cut < size; cut++) {
		unsigned char *exact = exact_copy(blob, cut);

		assert_int_equal(parse_blob(exact, cut, 1), -1);
		assert_says(why, cut < 40 ? "bytes are too few for a header" : "but only");
		free(exact);
	}
	free(shifted);
	free(blob);
}

static void messages_and_notes_end_with_their_buffers(void **state)
{
	size_t size;
	unsigned char *blob = load("bad-reserved-overflow", &size);

	(void)state;
	for (size_t room = 1; room < 120; room++) {
		char *small = malloc(room);

		assert_int_equal(dtb_parse(blob, size, FDT_BASE, 0, &platform, small, room), -1);
		assert_true(strlen(small) < room);
		free(small);
	}
	free(blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_broken_tree_is_named),
		cmocka_unit_test(each_header_field_is_checked),
		cmocka_unit_test(the_structure_block_is_checked),
		cmocka_unit_test(names_of_properties_have_an_end),
		cmocka_unit_test(filler_stays_inside),
		cmocka_unit_test(deep_trees_are_refused),
		cmocka_unit_test(a_tree_must_be_aligned_and_whole),
		cmocka_unit_test(messages_and_notes_end_with_their_buffers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
