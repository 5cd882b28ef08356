/* SPDX-License-Identifier: MIT */
/*
 * memory.h - the user half of an address space, and the flags of the calls that change it.
 *
 * The numbers are the same under Sv39 and Sv48. Under Sv39 the user half ends with the handle
 * window; under Sv48 more program memory follows it. Also included by assembly.
 */
#ifndef ABI_MEMORY_H
#define ABI_MEMORY_H

#define PUDU_PAGE_SIZE	    4096
#define PUDU_MEMORY_START   0x1000 /* page 0 is never mapped */
#define PUDU_MEMORY_END	    0x3f80000000
#define PUDU_INFO_PAGE	    0x3f80000000 /* struct pudu_info, read-only, everywhere the same */
#define PUDU_INFO_END	    0x3fc0000000
#define PUDU_HANDLES	    0x3fc0000000 /* the handle window */
#define PUDU_HANDLES_END    0x4000000000
#define PUDU_HANDLE_SLOTS   262144
#define PUDU_HANDLE(slot)   (PUDU_HANDLES + (slot)*PUDU_PAGE_SIZE)
#define PUDU_MEMORY48_START 0x4000000000 /* Sv48 only */
#define PUDU_MEMORY48_END   0x800000000000

/* Rights, in map's flags, protect and query. */
#define PUDU_R		    0x1
#define PUDU_W		    0x2
#define PUDU_X		    0x4

/* Kinds of map: one of them, */
#define PUDU_MAP_FRESH	    0x010 /* zeroed frames */
#define PUDU_MAP_SHARE	    0x020 /* the source's frames */
#define PUDU_MAP_MOVE	    0x040 /* the same, and the source loses them */
#define PUDU_MAP_COW	    0x080 /* copies of the source's pages, made when one of both is written */
#define PUDU_MAP_LAZY	    0x100 /* zeroed frames, each when it is touched first */
#define PUDU_MAP_REPLACE    0x200 /* may be added: what is there already goes */

/* What query tells: rights as above, and */
#define PUDU_ACCESSED	    0x10
#define PUDU_DIRTY	    0x20
#define PUDU_COPY	    0x40 /* copy-on-write: a store gets a frame of its own, if it is shared */
#define PUDU_LAZY	    0x80 /* no frame yet */
#define PUDU_KIND(mapping)  ((mapping) >> 8 & 0xff)
#define PUDU_LEVEL(mapping)                                                                        \
	((mapping) >> 16 & 3) /* of the leaf: 0 4 KiB, 1 2 MiB, 2 1 GiB, 3 512 GiB */
#define PUDU_KIND_NONE	   0  /* nothing is mapped */
#define PUDU_KIND_MEMORY   1
#define PUDU_KIND_DEVICE   2
#define PUDU_KIND_EXECUTOR 3
#define PUDU_KIND_VAS	   4
#define PUDU_KIND_ROOT	   5

#define PUDU_BUDGET_KEEP   (~0ull) /* of vas_budget: only tell */
#define PUDU_VAS_DEPTH	   32	   /* levels of the tree of address spaces; init's is the first */

#endif
