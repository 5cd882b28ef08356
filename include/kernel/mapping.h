/* SPDX-License-Identifier: MIT */
/*
 * mapping.h - the changes that map, unmap and protect make, one bounded step at a time.
 *
 * A step works until it is done, fails or has used up its units, and leaves the tables right in
 * any case. It changes entries only; what it took away is gathered, and given back by
 * gathered_release when no hart can use it any more. Order of every caller: lock, step,
 * tlb_shoot, unlock, gathered_release.
 */
#ifndef KERNEL_MAPPING_H
#define KERNEL_MAPPING_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/vas.h"
#include "riscv/pte.h"

#define MAPPING_UNITS	 64 /* entries a kernel entry may change, */
#define UNITS_OF_ZEROING 6  /* and what a page that may have to be zeroed counts for */
#define MAPPING_MORE	 1  /* status: not done, nothing wrong */

/* What a step took away: leaves, and tables that became empty. */
struct gathered {
	uint64_t leaf[MAPPING_UNITS];
	unsigned n;
	uint64_t tables; /* chain of pt_prune */
	bool shoot;	 /* some hart may have a translation that is wrong now */
};

/* Not by an initialiser: most of the struct need not be zero. */
static inline void gathered_init(struct gathered *gathered)
{
	gathered->n = 0;
	gathered->tables = 0;
	gathered->shoot = false;
}

/* One change. start + length stays in one area; everything is on pages. */
struct change {
	struct vas *to;
	struct vas *from; /* of SHARE and MOVE */
	uint64_t start, length, source;
	uint64_t done;	 /* bytes, in and out */
	uint64_t rights; /* PTE_R, W, X */
	bool move;
};

/*
 * mapping_fresh, mapping_share, mapping_remove, mapping_protect - one step of the change. Require
 * the locks of both address spaces.
 * Result: PUDU_OK: done == length; MAPPING_MORE; or an error of map, unmap, protect
 * (abi/syscalls.def).
 */
int64_t mapping_fresh(struct change *change, struct gathered *gathered);
int64_t mapping_share(struct change *change, struct gathered *gathered);
int64_t mapping_remove(struct change *change, struct gathered *gathered);
int64_t mapping_protect(struct change *change, struct gathered *gathered);

/*
 * gathered_release - drop what was gathered: frames, handles, tables. Requires no lock, and no
 * translation left.
 */
void gathered_release(struct gathered *gathered);

/*
 * mapping_handle - put a leaf with R and W for the object page @page (PTE_EXECUTOR, PTE_VAS or
 * PTE_ROOT in @type) into @slot of @vas, and count it. Requires the lock of @vas.
 * Result: PUDU_OK, PUDU_ERR_EXISTS, PUDU_ERR_MEMORY.
 */
int64_t mapping_handle(struct vas *vas, uint64_t slot, void *page, uint64_t type);

/*
 * mapping_physical - boot only: map [physical, +length) into @vas at @start, with large leaves
 * where they fit. @bits: of the leaf, without V, A, D. Result: false: no memory.
 */
bool mapping_physical(struct vas *vas, uint64_t start, uint64_t physical, uint64_t length,
		      uint64_t bits);

/* Is @entry in the same table as the one before it? */
static inline bool in_table(const uint64_t *entry)
{
	return ((uintptr_t)entry & (PAGE_SIZE - 1)) != 0;
}

/* area_check - Result: PUDU_OK if [start, start + length) is on pages and inside program memory or
 * inside the handle window; else PUDU_ERR_ADDRESS or PUDU_ERR_LENGTH. *handles: it is the window.
 */
int64_t area_check(uint64_t start, uint64_t length, bool *handles);

#endif
