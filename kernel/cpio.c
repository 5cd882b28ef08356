/* SPDX-License-Identifier: MIT */
/* cpio.c - see cpio.h. */
#include "kernel/cpio.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define HEADER_SIZE 110u
#define MAGIC_SIZE  6u
#define NAME_SHOWN  48 /* characters of a wanted name that are worth repeating */

/* The numbers of a header, in its order. */
enum {
	INODE,
	MODE,
	UID,
	GID,
	LINKS,
	TIME,
	FILE_SIZE,
	DEVICE_MAJOR,
	DEVICE_MINOR,
	RDEVICE_MAJOR,
	RDEVICE_MINOR,
	NAME_SIZE,
	CHECK,
	NUMBERS
};

static const char *const number_name[NUMBERS] = {
	"inode",	 "mode",      "uid",	      "gid",	      "number of links",
	"time",		 "file size", "device major", "device minor", "rdevice major",
	"rdevice minor", "name size", "check",
};

__attribute__((format(printf, 4, 5))) static int fail(const struct cpio *cpio, char *why,
						      size_t why_size, const char *format, ...)
{
	va_list list;
	int used = snprintf(why, why_size, "cpio archive: entry %llu at offset %llu: ",
			    (unsigned long long)cpio->number, (unsigned long long)cpio->offset);

	if (used < 0 || (size_t)used >= why_size)
		return -1;
	va_start(list, format);
	vsnprintf(why + used, why_size - (size_t)used, format, list);
	va_end(list);
	return -1;
}

/* Bytes from the next entry on. */
static uint64_t bytes_left(const struct cpio *cpio)
{
	return cpio->size - cpio->offset;
}

static uint64_t round_up4(uint64_t value)
{
	return (value + 3) & ~(uint64_t)3;
}

/* What else an archive's first bytes can be. */
static const struct {
	const char *bytes;
	uint64_t length;
	const char *what;
} other_formats[] = {
	{ "\x1f\x8b", 2, "this is gzip: unpack it, Pudu takes plain archives" },
	{ "\x28\xb5\x2f\xfd", 4, "this is zstd: unpack it, Pudu takes plain archives" },
	{ "\xfd"
	  "7zXZ",
	  5, "this is xz: unpack it, Pudu takes plain archives" },
	{ "BZh", 3, "this is bzip2: unpack it, Pudu takes plain archives" },
	{ "\x04\x22\x4d\x18", 4, "this is lz4: unpack it, Pudu takes plain archives" },
	{ "\x02\x21\x4c\x18", 4, "this is lz4: unpack it, Pudu takes plain archives" },
	{ "070702", 6, "format crc, not newc: make it with cpio -o -H newc" },
	{ "070707", 6, "format odc, not newc: make it with cpio -o -H newc" },
	{ "\xc7\x71", 2, "format bin, not newc: make it with cpio -o -H newc" },
	{ "\x7f"
	  "ELF",
	  4, "this is an ELF file, not a cpio archive" },
};

static int check_magic(const struct cpio *cpio, char *why, size_t why_size)
{
	const unsigned char *at = cpio->archive + cpio->offset;
	uint64_t left = bytes_left(cpio);

	if (left >= MAGIC_SIZE && memcmp(at, "070701", MAGIC_SIZE) == 0)
		return 0;
	for (size_t i = 0; i < sizeof other_formats / sizeof other_formats[0]; i++)
		if (left >= other_formats[i].length &&
		    memcmp(at, other_formats[i].bytes, other_formats[i].length) == 0)
			return fail(cpio, why, why_size, "%s", other_formats[i].what);
	if (left == 0)
		return fail(cpio, why, why_size, "the archive ends without TRAILER!!!");
	return fail(cpio, why, why_size, "does not begin with 070701");
}

/* 8 hex digits. False: one of them is none. */
static bool read_hex(const unsigned char *digits, uint32_t *number)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < 8; i++) {
		unsigned digit = digits[i];

		if (digit >= '0' && digit <= '9')
			digit -= '0';
		else if (digit >= 'a' && digit <= 'f')
			digit -= 'a' - 10;
		else if (digit >= 'A' && digit <= 'F')
			digit -= 'A' - 10;
		else
			return false;
		value = value << 4 | digit;
	}
	*number = value;
	return true;
}

static int read_header(const struct cpio *cpio, uint32_t number[NUMBERS], char *why,
		       size_t why_size)
{
	if (check_magic(cpio, why, why_size) != 0)
		return -1;
	if (bytes_left(cpio) < HEADER_SIZE)
		return fail(cpio, why, why_size, "the archive ends inside the header");

	const unsigned char *digits = cpio->archive + cpio->offset + MAGIC_SIZE;

	for (unsigned i = 0; i < NUMBERS; i++, digits += 8)
		if (!read_hex(digits, &number[i]))
			return fail(cpio, why, why_size, "%s is not 8 hex digits", number_name[i]);
	return 0;
}

/* The name of the next entry, @size bytes with its 0; NULL: it is malformed. */
static const char *read_name(const struct cpio *cpio, uint32_t size, char *why, size_t why_size)
{
	const char *name = (const char *)cpio->archive + cpio->offset + HEADER_SIZE;

	if (size > bytes_left(cpio) - HEADER_SIZE)
		fail(cpio, why, why_size, "name size %lu runs past the end of the archive",
		     (unsigned long)size);
	else if (size == 0 || name[size - 1] != 0)
		fail(cpio, why, why_size, "the name has no final 0");
	else if (memchr(name, 0, size) != name + size - 1)
		fail(cpio, why, why_size, "there is a 0 inside the name");
	else
		return name;
	return NULL;
}

void cpio_open(struct cpio *cpio, const void *archive, uint64_t size)
{
	*cpio = (struct cpio){ .archive = archive, .size = size };
}

int cpio_next(struct cpio *cpio, struct cpio_entry *entry, char *why, size_t why_size)
{
	uint32_t number[NUMBERS];

	why[0] = 0;
	if (read_header(cpio, number, why, why_size) != 0)
		return -1;

	const char *name = read_name(cpio, number[NAME_SIZE], why, why_size);

	if (name == NULL)
		return -1;
	if (strcmp(name, "TRAILER!!!") == 0)
		return 0;

	/* 32-bit sizes can't overflow these 64-bit sums. The last entry's filler may be missing. */
	uint64_t data = cpio->offset + round_up4(HEADER_SIZE + number[NAME_SIZE]);

	if (data > cpio->size || number[FILE_SIZE] > cpio->size - data)
		return fail(cpio, why, why_size, "file size %lu runs past the end of the archive",
			    (unsigned long)number[FILE_SIZE]);

	uint64_t end = data + round_up4(number[FILE_SIZE]);

	*entry = (struct cpio_entry){
		.name = name,
		.data = cpio->archive + data,
		.size = number[FILE_SIZE],
		.mode = number[MODE],
		.links = number[LINKS],
		.inode = number[INODE],
		.device_major = number[DEVICE_MAJOR],
		.device_minor = number[DEVICE_MINOR],
	};
	cpio->offset = end > cpio->size ? cpio->size : end;
	cpio->number++;
	return 1;
}

const char *cpio_plain_name(const char *name)
{
	for (;;) {
		if (name[0] == '/')
			name++;
		else if (name[0] == '.' && name[1] == '/')
			name += 2;
		else
			return name;
	}
}

/* *@entry is one of several links, without data: look for the one that has it. */
static int find_data(const void *archive, uint64_t size, struct cpio_entry *entry, char *why,
		     size_t why_size)
{
	struct cpio cpio;
	struct cpio_entry other;
	int found;

	cpio_open(&cpio, archive, size);
	while ((found = cpio_next(&cpio, &other, why, why_size)) == 1) {
		if (other.size != 0 && other.inode == entry->inode &&
		    other.device_major == entry->device_major &&
		    other.device_minor == entry->device_minor) {
			entry->data = other.data;
			entry->size = other.size;
			break;
		}
	}
	return found < 0 ? -1 : 1; /* no entry has data: the file is empty */
}

int cpio_find(const void *archive, uint64_t size, const char *name, struct cpio_entry *entry,
	      char *why, size_t why_size)
{
	const char *plain = cpio_plain_name(name);
	struct cpio cpio;
	int found;

	cpio_open(&cpio, archive, size);
	while ((found = cpio_next(&cpio, entry, why, why_size)) == 1) {
		if (strcmp(cpio_plain_name(entry->name), plain) != 0)
			continue;
		if (entry->size == 0 && entry->links > 1 && (entry->mode & CPIO_TYPE) == CPIO_FILE)
			return find_data(archive, size, entry, why, why_size);
		return 1;
	}
	if (found == 0)
		snprintf(why, why_size, "cpio archive: no %.*s among its %llu entries", NAME_SHOWN,
			 plain, (unsigned long long)cpio.number);
	return found;
}
