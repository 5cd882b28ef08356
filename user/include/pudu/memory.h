/* SPDX-License-Identifier: MIT */
/*
 * memory.h - memory of this program by whole pages.
 *
 * How the library divides program memory (abi/memory.h); all but the image is mapped on demand:
 *
 *	PUDU_IMAGE_START	text, data
 *	PUDU_HEAP_START		malloc's heap, by sbrk
 *	PUDU_RECORDS_START	the library's own records of the two areas below
 *	PUDU_ARENA_START	pages of pudu_pages_take(): stacks of threads, buffers
 *	PUDU_ARENA_END		the program's own: the library maps nothing from here to
 *	PUDU_LOADER_START	what the spawner put there: initrd, shared memory, first stack
 */
#ifndef PUDU_MEMORY_H
#define PUDU_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "abi/memory.h"

#define PUDU_IMAGE_START   0x10000
#define PUDU_HEAP_START	   0x100000000
#define PUDU_HEAP_END	   0xf00000000
#define PUDU_RECORDS_START 0xf00000000
#define PUDU_RECORDS_END   0x1000000000
#define PUDU_ARENA_START   0x1000000000
#define PUDU_ARENA_END	   0x2000000000
#define PUDU_LOADER_START  0x3000000000

/* Bytes rounded up to whole pages. The argument is at most 2^64 - 4096. */
#define PUDU_PAGES(bytes)                                                                          \
	(((uint64_t)(bytes) + PUDU_PAGE_SIZE - 1) & ~(uint64_t)(PUDU_PAGE_SIZE - 1))

/*
 * Take fresh memory: zeroed, readable and writable, on a page (on 2 MiB if it is that large).
 * Arguments:
 *   bytes   at least 1; rounded up to pages.
 * Result: its start; NULL and errno: ENOMEM if no frame or no address is free, EINVAL for 0 bytes.
 * Safe in any thread.
 */
void *pudu_pages_take(size_t bytes);

/*
 * Give back what pudu_pages_take() took.
 * Arguments:
 *   start   what that call returned; NULL does nothing.
 *   bytes   the same as there.
 */
void pudu_pages_give(void *start, size_t bytes);

/* Pages that this program may still use, or give to programs that it starts. */
uint64_t pudu_pages_left(void);

/*
 * Take addresses of the arena, with nothing mapped there.
 * Arguments:
 *   bytes      at least 1; rounded up to pages.
 *   alignment  a power of two, at least 4096.
 * Result: the start, or 0 if no range is free.
 */
uint64_t pudu_addresses_take(size_t bytes, size_t alignment);

/*
 * Give back addresses. The caller has unmapped them.
 * Arguments:
 *   start, bytes   a range that was taken, or a part of it, on pages.
 */
void pudu_addresses_give(uint64_t start, size_t bytes);

#endif
