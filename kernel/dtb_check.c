/* SPDX-License-Identifier: MIT */
/*
 * dtb_check.c - proves that nothing in a device tree points out of it, before libfdt walks in it.
 *
 * libfdt's own walk is not enough: the length of a property can lead version 1.6.1 in a circle. And
 * since all is proved here, libfdt is built without checks of its own (cmake/libfdt.cmake).
 */
#include <string.h>

#include "kernel/dtb.h"
#include "kernel/dtb_tree.h"

#define VERSION	    17u /* the first with all sizes in the header */
#define DEPTH_MAX   32	/* nodes inside nodes */
#define RESERVATION 16u /* bytes of an entry of the memory reservation block */

/* A walk through the structure block. */
struct walk {
	const unsigned char *block;
	uint32_t size, offset; /* bytes */
	uint32_t tag_offset;   /* of the tag that is looked at, for messages */
	int depth;	       /* of the node that is open; 0: none */
	bool seen_root;
	bool may_have_property; /* no subnode so far */
};

static uint32_t read_cell(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static int check_header(const struct dtb *dtb, size_t room)
{
	const void *fdt = dtb->fdt;

	if (((uintptr_t)fdt & 7) != 0)
		return dtb_fail(dtb, DTB_NO_NODE, "is not on 8 bytes");
	if (room < sizeof(struct fdt_header))
		return dtb_fail(dtb, DTB_NO_NODE, "%zu bytes are too few for a header", room);
	if (fdt_magic(fdt) != FDT_MAGIC)
		return dtb_fail(dtb, DTB_NO_NODE, "magic is 0x%08lx, expected 0xd00dfeed",
				(unsigned long)fdt_magic(fdt));
	if (fdt_version(fdt) < VERSION || fdt_last_comp_version(fdt) > VERSION)
		return dtb_fail(dtb, DTB_NO_NODE, "version %lu (compatible with %lu), expected 17",
				(unsigned long)fdt_version(fdt),
				(unsigned long)fdt_last_comp_version(fdt));
	if (fdt_totalsize(fdt) > DTB_SIZE_MAX)
		return dtb_fail(dtb, DTB_NO_NODE, "totalsize is %lu, more than %lu",
				(unsigned long)fdt_totalsize(fdt), (unsigned long)DTB_SIZE_MAX);
	if (fdt_totalsize(fdt) > room)
		return dtb_fail(dtb, DTB_NO_NODE, "totalsize is %lu, but only %zu bytes are there",
				(unsigned long)fdt_totalsize(fdt), room);

	int error = fdt_check_header(fdt);

	if (error != 0)
		return dtb_fail(dtb, DTB_NO_NODE, "header: %s", fdt_strerror(error));
	if ((fdt_off_dt_struct(fdt) & 3) != 0 || (fdt_off_mem_rsvmap(fdt) & 7) != 0)
		return dtb_fail(dtb, DTB_NO_NODE, "header: a block is not aligned");
	return 0;
}

/* The entries of 16 bytes, address and size, up to one with size 0. */
static int check_reservations(const struct dtb *dtb)
{
	const unsigned char *fdt = dtb->fdt;
	uint32_t at = fdt_off_mem_rsvmap(fdt), size = fdt_totalsize(fdt);

	for (; size - at >= RESERVATION; at += RESERVATION)
		if (read_cell(fdt + at + 8) == 0 && read_cell(fdt + at + 12) == 0)
			return 0;
	return dtb_fail(dtb, DTB_NO_NODE, "memory reservation block has no end");
}

static int fail(const struct dtb *dtb, const struct walk *walk, const char *what)
{
	return dtb_fail(dtb, DTB_NO_NODE, "structure block, offset 0x%lx: %s",
			(unsigned long)walk->tag_offset, what);
}

/* Move behind @size bytes and their filler. The caller knows that the bytes are there. */
static int skip(const struct dtb *dtb, struct walk *walk, uint32_t size)
{
	uint32_t padded = (size + 3) & ~(uint32_t)3;

	if (padded > walk->size - walk->offset)
		return fail(dtb, walk, "runs past the end of the block");
	walk->offset += padded;
	return 0;
}

static int begin_node(const struct dtb *dtb, struct walk *walk)
{
	const unsigned char *name = walk->block + walk->offset;
	const unsigned char *end = memchr(name, 0, walk->size - walk->offset);

	if (end == NULL)
		return fail(dtb, walk, "the name of a node has no end");
	for (const unsigned char *c = name; c < end; c++)
		if (*c <= ' ' || *c > '~' || *c == '/')
			return fail(dtb, walk, "a character that the name of a node can't have");
	if (walk->depth == 0 && walk->seen_root)
		return fail(dtb, walk, "a second root");
	if (walk->depth > 0 && name == end)
		return fail(dtb, walk, "a node without a name");
	if (walk->depth == DEPTH_MAX)
		return fail(dtb, walk, "more than 32 nodes inside each other");
	walk->seen_root = true;
	walk->depth++;
	walk->may_have_property = true;
	return skip(dtb, walk, (uint32_t)(end - name) + 1);
}

static int end_node(const struct dtb *dtb, struct walk *walk)
{
	if (walk->depth == 0)
		return fail(dtb, walk, "a node ends that did not begin");
	walk->depth--;
	walk->may_have_property = false;
	return 0;
}

static int property(const struct dtb *dtb, struct walk *walk)
{
	if (!walk->may_have_property)
		return fail(dtb, walk, "a property that is not at the beginning of a node");
	if (walk->size - walk->offset < 8)
		return fail(dtb, walk, "the block ends inside a property");

	uint32_t length = read_cell(walk->block + walk->offset);
	uint32_t name = read_cell(walk->block + walk->offset + 4);
	uint32_t strings_size = fdt_size_dt_strings(dtb->fdt);
	const char *strings = (const char *)dtb->fdt + fdt_off_dt_strings(dtb->fdt);

	if (name >= strings_size || memchr(strings + name, 0, strings_size - name) == NULL)
		return fail(dtb, walk, "the name of a property is outside the strings");
	walk->offset += 8;
	if (length > walk->size - walk->offset)
		return fail(dtb, walk, "the value of a property runs past the end of the block");
	return skip(dtb, walk, length);
}

static int check_structure(const struct dtb *dtb)
{
	struct walk walk = {
		.block = (const unsigned char *)dtb->fdt + fdt_off_dt_struct(dtb->fdt),
		.size = fdt_size_dt_struct(dtb->fdt),
	};
	int result = 0;

	while (result == 0) {
		walk.tag_offset = walk.offset;
		if (walk.size - walk.offset < FDT_TAGSIZE)
			return fail(dtb, &walk, "the block ends without END");

		uint32_t tag = read_cell(walk.block + walk.offset);

		if (tag == FDT_END)
			return walk.seen_root && walk.depth == 0
				       ? 0
				       : fail(dtb, &walk, "END inside a node, or no root");
		walk.offset += FDT_TAGSIZE;
		if (tag == FDT_BEGIN_NODE)
			result = begin_node(dtb, &walk);
		else if (tag == FDT_END_NODE)
			result = end_node(dtb, &walk);
		else if (tag == FDT_PROP)
			result = property(dtb, &walk);
		else if (tag != FDT_NOP)
			result = fail(dtb, &walk, "unknown tag");
	}
	return -1;
}

int dtb_check(const struct dtb *dtb, size_t room)
{
	if (check_header(dtb, room) != 0 || check_reservations(dtb) != 0)
		return -1;
	return check_structure(dtb);
}
