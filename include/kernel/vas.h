/* SPDX-License-Identifier: MIT */
/*
 * vas.h - an address space: one page, which is its root table.
 *
 * The first 256 entries are the user half. Entries 256 to 319 lie in a part of the kernel half
 * that nothing is mapped in; the kernel keeps its own words about the address space there. Every
 * one of them is even, so to the hart they are entries without V. The rest is the kernel map, the
 * same in all.
 *
 * Life: made by vas_create as a child of the caller's; dead when its last executor has ended, when
 * nothing names it any more, by vas_destroy, or with its parent; then its executors are ended, its
 * children die, its mappings go and its budget goes back, a bounded step at a time, by whoever is
 * at hand (graves.c). The page stays, empty, while handles name it or something is charged to it.
 *
 * What counts as a reference to the page: each handle, its executors that are not buried (one for
 * all of them), the graves, and its own budget until that is closed and nothing is charged to it.
 */
#ifndef KERNEL_VAS_H
#define KERNEL_VAS_H

#include <stdbool.h>

#include "kernel/executor.h"
#include "kernel/mcs.h"

#define VAS_USER_ENTRIES 256

#define VAS_DEAD	 2u /* bits of flags: no new executor, child or mapping, ever again */
#define VAS_CLEAR	 4u /* it has none any more, and its budget is closed */

struct vas {
	alignas(4096) uint64_t user[VAS_USER_ENTRIES]; /* (V) */
	struct mcs_lock lock;			       /* LOCK_VAS */
	alignas(64) _Atomic uint64_t harts; /* (a) bit s + 1: hart slot s is told of changes */
	alignas(64) uint64_t executors;	    /* (V) alive, times 2 */
	uint64_t flags;			    /* (V) VAS_* */
	uint64_t cleared;	  /* (o) by who clears it: all below this address is unmapped */
	uint64_t name[2];	  /* (c) seven characters each, shifted left by 8 */
	struct vas *next;	  /* under grave_lock: link of global->graves, */
	struct executor *members; /* (V) its executors that were not told to end with it */
	alignas(64) _Atomic uint64_t account;  /* (a) budget.h */
	_Atomic uint64_t context;	       /* (a) the number of vas_load.c, even */
	alignas(256) struct resource resource; /* (c) 0x900 */
	struct vas *parent;		       /* (c) carved its budget; NULL: the first */
	struct vas *children;		       /* under grave_lock: the newest that lives */
	struct vas *older, *newer; /* under grave_lock: siblings, while it lives; then */
				   /* newer is the one before it in global->graves */
	uint64_t dying; /* under grave_lock: children that are dead and not clear, times 2 */
	uint64_t grave; /* under grave_lock: GRAVE_* of graves.c */
	uint64_t owed;	/* under grave_lock: pages, times 2: see vas_owe */
	uint64_t depth; /* (c) in the tree, times 2; the first is at 0 */
	alignas(256) uint64_t kernel[192]; /* (b) */
};

/* vas_near - @vas, in a way that lets the compiler reach all words behind the entries by one base.
 */
static inline struct vas *vas_near(struct vas *vas)
{
	char *words = (char *)&vas->lock;

#ifndef HOST_TEST
	__asm__("" : "+r"(words));
#endif
	return (struct vas *)(void *)(words - offsetof(struct vas, lock));
}

LAYOUT(vas, lock, 0x800);
LAYOUT(vas, resource, RESOURCE_OFFSET);
LAYOUT(vas, kernel, 0xa00);
_Static_assert(sizeof(struct vas) == 4096, "an address space is one page");

#define VAS_NAME_SIZE 16 /* bytes, with the final 0 */

/* vas_pages - the frames of an address space without mappings: the root, and what Sv48 adds. */
uint64_t vas_pages(void);

/*
 * vas_new - an empty address space whose one reference is that of its budget. @parent: NULL, or
 * whose child it is; vas_pages() + @budget pages have been charged to that. @name0, @name1: see
 * vas_create. Nobody knows it until graves_add_child and a handle. NULL: no memory.
 */
struct vas *vas_new(struct vas *parent, uint64_t budget, uint64_t name0, uint64_t name1);

/* vas_discard - the opposite of vas_new, for one that nobody has known. The charge is the caller's.
 */
void vas_discard(struct vas *vas);

/* vas_remove_info - nothing else is mapped in @vas: the entries that vas_new made in the user half
 * go. */
void vas_remove_info(struct vas *vas);

/*
 * vas_clear_step - one bounded step of releasing what @vas maps. It is dead, and no hart has it
 * loaded. Takes LOCK_VAS, LOCK_FRAMES, LOCK_GRAVES. Result: true when nothing is left.
 */
bool vas_clear_step(struct vas *vas);

/* vas_name - the name as a string, in @buffer. Result: @buffer. */
char *vas_name(const struct vas *vas, char buffer[VAS_NAME_SIZE]);

/*
 * vas_put - drop a reference. If only that of the budget is left, nothing names it: it dies. The
 * last one frees the page. Unless @vas is dead: requires no lock, and takes LOCK_VAS and
 * LOCK_GRAVES.
 */
void vas_put(struct vas *vas);

/*
 * vas_drop - the same, but if it was the last one, vas_pages() are still charged to the parent.
 * Result: was it?
 */
bool vas_drop(struct vas *vas);

/*
 * vas_owe - @pages that were charged to @vas, whose budget is closed, are not any more: the graves
 * will give them to budget_give. Takes LOCK_GRAVES.
 */
void vas_owe(struct vas *vas, uint64_t pages);

/*
 * vas_boot - what vas_new uses from now on. @root: the kernel's own root; @upper: the table of
 * layout.h (the same page under Sv39); @info_table: physical address of the table for the info
 * window; @levels: 3 or 4.
 */
void vas_boot(uint64_t *root, uint64_t *upper, uint64_t info_table, unsigned levels);

#endif
