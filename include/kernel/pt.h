/* SPDX-License-Identifier: MIT */
/*
 * pt.h - page tables as plain data: find an entry, make the tables on the way to it, clear entries.
 *
 * Nothing here knows about harts or fences. Tables are reached by the direct map. Requires the
 * lock of the address space, or that nobody else can reach it. Source: Privileged ISA, "Virtual
 * Address Translation Process".
 */
#ifndef KERNEL_PT_H
#define KERNEL_PT_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/frame.h"

#define PT_LEVELS_MAX 4

/* An entry, and the tables above it. */
struct pt_place {
	uint64_t *entry;
	unsigned level; /* 0: covers 4 KiB */
};

extern unsigned pt_levels; /* (b) 3 or 4 */

/* pt_find - the entry that decides about @address: a leaf, or one that is not valid. */
struct pt_place pt_find(uint64_t *root, uint64_t address);

/*
 * pt_make - the last-level entry for @address, with the tables it takes.
 * Result: the entry; NULL and *large = true: a large leaf is in the way; NULL and false: no memory.
 */
uint64_t *pt_make(uint64_t *root, uint64_t address, bool *large);

/* pt_set - change an entry from or to 0, or its bits, and keep the count of its table. */
void pt_set(uint64_t *entry, uint64_t value);

/*
 * pt_fill - the same for an entry that is 0 and gets another value; @table: the frame of its
 * table.
 */
static inline void pt_fill(uint64_t *entry, uint64_t value, struct frame *table)
{
	table->live++;
	/* What the entry names is filled before a walk of another hart can find it. */
	atomic_thread_fence(memory_order_release);
	*(volatile uint64_t *)entry = value;
}

/*
 * pt_split - replace the large leaf that covers @address by a table of leaves of the next size.
 * Result: false: no memory.
 */
bool pt_split(uint64_t *root, uint64_t address);

/*
 * pt_prune - take the tables above @address out of the tree, as far as they are empty, and put
 * them, linked through their frames' next, in front of *chain (physical addresses; 0 ends it).
 * They are free once the translations are shot.
 */
void pt_prune(uint64_t *root, uint64_t address, uint64_t *chain);

#endif
