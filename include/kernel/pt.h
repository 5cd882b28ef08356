/* SPDX-License-Identifier: MIT */
/*
 * pt.h - page tables as plain data: find an entry, make the tables on the way to it, clear entries.
 *
 * Nothing here knows about harts or fences. Tables are reached by the direct map, and charged to
 * the budget of the address space. Requires its lock, or that nobody else can reach it; but a hart
 * may set A and D of a valid leaf at any time. Source: Privileged ISA, "Virtual Address Translation
 * Process".
 */
#ifndef KERNEL_PT_H
#define KERNEL_PT_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/memory.h"
#include "kernel/budget.h"
#include "kernel/frame.h"
#include "riscv/pte.h"

#define PT_LEVELS_MAX 4
#define PT_WAIT	      2 /* status: it is in the budget, but no frame is free at the moment */

/* An entry, and the tables above it. */
struct pt_place {
	uint64_t *entry;
	unsigned level; /* 0: covers 4 KiB */
};

extern unsigned pt_levels; /* (b) 3 or 4 */
extern bool pt_napot;	   /* (b) every hart has Svnapot */

/* pt_below - the table that @pte, an entry of a table, names: it has no bits but V. */
static inline uint64_t *pt_below(uint64_t pte)
{
	return virt(pte >> 10 << PAGE_SHIFT);
}

/* pt_find - the entry that decides about @address: a leaf, a lazy one, or 0. */
struct pt_place pt_find(struct vas *vas, uint64_t address);

/*
 * pt_make - make tables until the entry that decides about @address is at @level, in place of an
 * empty one. *place: what pt_find told; changed. It is at @level or above. Result: PUDU_OK;
 * PUDU_ERR_EXISTS: a leaf or lazy entry is in the way; PUDU_ERR_MEMORY: the budget is used up;
 * PT_WAIT. After an error there may be new tables that are empty.
 */
int64_t pt_make(struct vas *vas, uint64_t address, unsigned level, struct pt_place *place);

/*
 * pt_split - replace the large leaf or lazy entry at *place, which decides about @address, by a
 * table of such entries of the next size, and go down. What it maps stays the same. Result:
 * PUDU_OK, PUDU_ERR_MEMORY, PT_WAIT.
 */
int64_t pt_split(struct vas *vas, uint64_t address, struct pt_place *place);

/* pt_table - the frame of the table that @entry is in; it counts the entries that are not 0. */
static inline struct frame *pt_table(const uint64_t *entry)
{
	return frame_of(phys(entry) & ~(PAGE_SIZE - 1));
}

/* pt_find_handle - *entry: that of the page @slot of the handle window. Result: false: there is no
 * table for it. */
static inline bool pt_find_handle(struct vas *vas, uint64_t slot, uint64_t **entry)
{
	uint64_t pte = vas->user[PUDU_HANDLES >> 30];

	if (__builtin_expect(pt_levels != 3, 0)) {
		pte = vas->user[0];
		if (!pte_is_table(pte))
			return false;
		pte = pt_below(pte)[PUDU_HANDLES >> 30];
	}
	if (!pte_is_table(pte))
		return false;
	pte = pt_below(pte)[slot >> 21 & 511];
	*entry = &pt_below(pte)[slot >> 12 & 511];
	return pte_is_table(pte);
}

/* pt_is_empty - is nothing mapped in @vas but what vas_new put there, and did not count in the
 * root? */
static inline bool pt_is_empty(const struct vas *vas)
{
	if (frame_of(phys(vas))->live != 0)
		return false;
	return pt_levels == 3 || vas->user[0] == 0 ||
	       frame_of(pte_physical(vas->user[0]))->live == 1;
}

/* pt_set - give @entry another value, and keep the count of its table. */
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
 * pt_change - clear and then set bits of a valid leaf, in one step that keeps an A or D that a hart
 * sets meanwhile. Result: the leaf before.
 */
uint64_t pt_change(uint64_t *entry, uint64_t clear, uint64_t set);

/*
 * pt_prune - take the tables above @address out of the tree, as far as they are empty, and put
 * them, linked through their frames' next, in front of *chain (physical addresses; 0 ends it).
 * They are not charged any more, and free once the translations are shot. Result: how many.
 */
unsigned pt_prune(struct vas *vas, uint64_t address, uint64_t *chain);

#endif
