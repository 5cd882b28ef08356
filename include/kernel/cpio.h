/* SPDX-License-Identifier: MIT */
/*
 * cpio.h - reads an archive in cpio's "newc" format, where it lies. Pure; for the kernel and for
 * programs.
 *
 * Each entry is a header of 110 characters ("070701" and 13 numbers of 8 hex digits), the name with
 * its final 0, filler up to 4 bytes, the data, filler. An entry "TRAILER!!!" ends the archive; what
 * follows it is not looked at. Of files with several links only one entry has the data.
 * Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
 */
#ifndef KERNEL_CPIO_H
#define KERNEL_CPIO_H

#include <stddef.h>
#include <stdint.h>

#define CPIO_WHY_SIZE  160 /* a buffer of this size holds every message */

#define CPIO_TYPE      0170000u /* of mode */
#define CPIO_FILE      0100000u
#define CPIO_DIRECTORY 0040000u
#define CPIO_SYMLINK   0120000u /* the data is the target, without a final 0 */

/* A place in an archive. */
struct cpio {
	const unsigned char *archive;
	uint64_t size;	 /* bytes */
	uint64_t offset; /* of the next entry */
	uint64_t number; /* of the next entry, from 0 */
};

struct cpio_entry {
	const char *name; /* in the archive, terminated, as it is written there */
	const void *data; /* in the archive, on 4 bytes if the archive is */
	uint64_t size;	  /* of the data, bytes */
	uint32_t mode;	  /* type and permissions, as in stat() */
	uint32_t links;
	uint32_t inode, device_major, device_minor; /* the same in all entries of one file */
};

/* cpio_open - start at the first entry. @archive: @size readable bytes, any alignment. */
void cpio_open(struct cpio *cpio, const void *archive, uint64_t size);

/*
 * cpio_next - read an entry and go on to the next.
 * @why, @why_size: get one line without newline, "" if all is well. At least 1 byte.
 * Result: 1: *entry is filled; 0: the archive ends here; -1: it is malformed, *why says where and
 * how: not an archive (or a compressed one), a digit that is none, a name or data past the end, a
 * name without its 0, no trailer. After 0 or -1 every call answers the same.
 */
int cpio_next(struct cpio *cpio, struct cpio_entry *entry, char *why, size_t why_size);

/*
 * cpio_find - the first entry with @name. A leading "./" or "/" counts on neither side. For a file
 * with several links the data is found, whichever entry has it.
 * @archive, @size, @why, @why_size: as above.
 * Result: 1: *entry is filled; 0: there is none, *why says so; -1: malformed before it was found.
 */
int cpio_find(const void *archive, uint64_t size, const char *name, struct cpio_entry *entry,
	      char *why, size_t why_size);

/* cpio_plain_name - Result: @name behind any leading "./" and "/". */
const char *cpio_plain_name(const char *name);

#endif
