/* SPDX-License-Identifier: MIT */
/* fixture_cpio.h - makes archives in cpio's newc format, entry by entry. */
#ifndef FIXTURE_CPIO_H
#define FIXTURE_CPIO_H

#include "fixture.h"

#include "kernel/cpio.h"

#define FILE_MODE (CPIO_FILE | 0755)

/* The archive being made. */
static unsigned char archive[8192];
static size_t size;
static char why[CPIO_WHY_SIZE];

/* What a reader got lies inside the @n bytes at @bytes. */
static inline void check_inside(const struct cpio_entry *entry, const unsigned char *bytes,
				size_t n)
{
	uintptr_t start = (uintptr_t)bytes, data = (uintptr_t)entry->data;
	uintptr_t name = (uintptr_t)entry->name;

	assert_true(data >= start && data <= start + n && entry->size <= start + n - data);
	assert_true(name > start && name + strlen(entry->name) < start + n);
}

static inline void append(const void *bytes, size_t n)
{
	assert_true(size + n <= sizeof archive);
	memcpy(archive + size, bytes, n);
	size += n;
}

static inline void pad(void)
{
	while (size % 4 != 0)
		append("", 1);
}

static inline void add_linked(const char *name, unsigned mode, const char *data, unsigned inode,
			      unsigned links)
{
	unsigned number[13] = { inode,
				mode,
				0,
				0,
				links,
				0,
				(unsigned)strlen(data),
				8,
				1,
				0,
				0,
				(unsigned)strlen(name) + 1,
				0 };
	char header[111] = "070701";

	for (unsigned i = 0; i < 13; i++)
		snprintf(header + 6 + 8 * i, 9, "%08X", number[i]);
	append(header, 110);
	append(name, strlen(name) + 1);
	pad();
	append(data, strlen(data));
	pad();
}

static inline void add(const char *name, unsigned mode, const char *data)
{
	static unsigned inode;

	add_linked(name, mode, data, ++inode, 1);
}

static inline void end(void)
{
	add("TRAILER!!!", 0, "");
}

static inline int new_archive(void **state)
{
	(void)state;
	size = 0;
	return 0;
}

#endif
