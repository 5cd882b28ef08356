/* SPDX-License-Identifier: MIT */
/* fixture_dtb.h - device trees of dts/, compiled, in buffers without slack. */
#ifndef FIXTURE_DTB_H
#define FIXTURE_DTB_H

#include "fixture.h"

#include "kernel/dtb.h"

#define FDT_BASE 0x87f00000ull /* the physical address that the trees are told to have */

static struct platform platform;
static char why[DTB_WHY_SIZE];

/* The bytes of a tree, to be freed. */
static inline unsigned char *load(const char *name, size_t *size)
{
	char path[300];
	static unsigned char buffer[65536];

	snprintf(path, sizeof path, "%s/%s.dtb", DTB_FOLDER, name);

	FILE *file = fopen(path, "rb");

	if (file == NULL)
		fail_msg("%s: can't be opened", path);
	*size = fread(buffer, 1, sizeof buffer, file);
	fclose(file);
	return exact_copy(buffer, *size);
}

static inline int parse_blob(const unsigned char *blob, size_t size, uint64_t boot_hart)
{
	return dtb_parse(blob, size, FDT_BASE, boot_hart, &platform, why, sizeof why);
}

/* A tree that must be good. */
static inline const struct platform *parse(const char *name, uint64_t boot_hart)
{
	size_t size;
	unsigned char *blob = load(name, &size);
	int result = parse_blob(blob, size, boot_hart);

	free(blob);
	if (result != 0)
		fail_msg("%s: %s", name, why);
	assert_string_equal(why, "");
	return &platform;
}

static inline void assert_range(struct range range, uint64_t base, uint64_t size)
{
	assert_int_equal(range.base, base);
	assert_int_equal(range.size, size);
}

#endif
