/* SPDX-License-Identifier: MIT */
/*
 * vas.h - an address space: one page, which is its root table.
 *
 * The first 256 entries are the user half. Entries 256 to 319 lie in a part of the kernel half
 * that nothing is mapped in; the kernel keeps its own words about the address space there. Every
 * one of them is even, so to the hart they are entries without V. The rest is the kernel map, the
 * same in all.
 *
 * Life: made by vas_create; dead when its last executor has ended, or when nothing names it; then
 * cleared, a bounded step at a time, by whoever is at hand (graves.c). The page stays, empty,
 * while handles name it.
 */
#ifndef KERNEL_VAS_H
#define KERNEL_VAS_H

#include "kernel/executor.h"
#include "kernel/mcs.h"

#define VAS_USER_ENTRIES 256

#define VAS_DEAD	 2u /* bits of flags: no executor, no mapping, ever again */
#define VAS_CLEAR	 4u /* nothing is mapped any more */

struct vas {
	alignas(4096) uint64_t user[VAS_USER_ENTRIES]; /* (V) */
	struct mcs_lock lock;			       /* LOCK_VAS */
	alignas(64) _Atomic uint64_t harts; /* (a) bit s + 1: hart slot s may hold translations */
	alignas(64) uint64_t executors;	    /* (V) alive, times 2 */
	uint64_t flags;			    /* (V) VAS_* */
	uint64_t cleared; /* (o) by who clears it: all below this address is unmapped */
	uint64_t name[2]; /* (c) seven characters each, shifted left by 8 */
	struct vas *next; /* under grave_lock */
	alignas(256) struct resource resource; /* (c) 0x900 */
	alignas(256) uint64_t kernel[192];     /* (b) */
};

LAYOUT(vas, lock, 0x800);
LAYOUT(vas, resource, RESOURCE_OFFSET);
LAYOUT(vas, kernel, 0xa00);
_Static_assert(sizeof(struct vas) == 4096, "an address space is one page");

#define VAS_NAME_SIZE 16 /* bytes, with the final 0 */

/*
 * vas_new - an empty address space with one reference. @name0, @name1: see vas_create. NULL: no
 * memory.
 */
struct vas *vas_new(uint64_t name0, uint64_t name1);

/* vas_name - the name as a string, in @buffer. Result: @buffer. */
char *vas_name(const struct vas *vas, char buffer[VAS_NAME_SIZE]);

/* vas_satp - the value of satp for @vas; NULL: for the kernel's own map. */
uint64_t vas_satp(const struct vas *vas);

/*
 * vas_switch - load @vas on this hart (NULL: the kernel's own map). Its bit in harts is set
 * before, so who changes the tables after that will tell this hart.
 */
void vas_switch(struct vas *vas);

/*
 * vas_leave_dead - if this hart, which is idle, has a dead address space loaded: load the
 * kernel's map.
 */
void vas_leave_dead(void);

/* vas_put - drop a reference. The last makes it dead, and clear it goes, and then the page. */
void vas_put(struct vas *vas);

/*
 * vas_boot - what vas_new and vas_satp use from now on. @root: the kernel's own root; @upper: the
 * table of layout.h (the same page under Sv39); @info_table: physical address of the table for
 * the info window; @levels: 3 or 4.
 */
void vas_boot(uint64_t *root, uint64_t *upper, uint64_t info_table, unsigned levels);

#endif
