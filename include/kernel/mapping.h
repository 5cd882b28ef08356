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

#include "kernel/hart.h"
#include "kernel/pt.h"
#include "kernel/vas.h"
#include "riscv/pte.h"

/* A unit is the work of one entry, some 75 instructions. What a step may do, and what is more work:
 */
#define MAPPING_UNITS	 64
#define UNITS_OF_SHARING 1  /* a page of two address spaces, beside its entry */
#define UNITS_OF_WALK	 2  /* from the root of an address space or two */
#define UNITS_OF_TABLE	 2  /* an empty table to give back */
#define UNITS_OF_HANDLE	 3  /* a handle to drop, and what it names */
#define UNITS_OF_ZEROING 8  /* a page or table that may have to be zeroed, or a page to copy */
#define UNITS_OF_SPLIT	 20 /* a table to fill */
#define UNITS_OF_BLOCK	 48 /* a leaf of 2 MiB, whose 512 frames are counted */
#define LARGE_MAX	 1  /* so many of those at most */
#define LOOKS_PER_UNIT	 8  /* empty entries that are passed over */

#define MAPPING_MORE	 1	 /* status: not done, nothing wrong */
#define MAPPING_WAIT	 PT_WAIT /* status: no frame is free at the moment */

/* What a step took away: leaves, and tables that became empty. */
struct gathered {
	uint64_t leaf[MAPPING_UNITS];
	uint64_t large[LARGE_MAX]; /* of 2 MiB */
	unsigned n, n_large;
	uint64_t tables; /* chain of pt_prune */
	bool shoot;	 /* some hart may have a translation that is wrong now */
	bool shoot_from; /* the same, of the source's address space */
};

/* Not by an initialiser: most of the struct need not be zero. */
static inline void gathered_init(struct gathered *gathered)
{
	gathered->n = gathered->n_large = 0;
	gathered->tables = 0;
	gathered->shoot = gathered->shoot_from = false;
}

enum mapping_kind { KIND_FRESH, KIND_LAZY, KIND_SHARE, KIND_MOVE, KIND_COW };

/* One change. start + length stays in one area; everything is on pages. */
struct change {
	struct vas *to;
	struct vas *from; /* of SHARE, MOVE and COW */
	uint64_t start, length, source;
	uint64_t done;	 /* bytes, in and out */
	uint64_t rights; /* PTE_R, W, X */
	enum mapping_kind kind;
	bool replace; /* what is there goes, else it is in the way */
};

/*
 * mapping_fresh, mapping_lazy (mapping.c), mapping_share for SHARE, MOVE and COW (sharing.c),
 * mapping_remove, mapping_protect (unmapping.c) - one step of the change. Require the locks of both
 * address spaces.
 * Result: PUDU_OK: done == length; MAPPING_MORE; MAPPING_WAIT: the same, when there is memory; or
 * an error of map, unmap, protect (abi/syscalls.def).
 */
int64_t mapping_fresh(struct change *change, struct gathered *gathered);
int64_t mapping_lazy(struct change *change, struct gathered *gathered);
int64_t mapping_share(struct change *change, struct gathered *gathered);
int64_t mapping_remove(struct change *change, struct gathered *gathered);
int64_t mapping_protect(struct change *change, struct gathered *gathered);

/* mapping_cost - units of mapping_open and mapping_put at @level, at or below *place. */
int mapping_cost(struct pt_place place, unsigned level);

/*
 * mapping_open - for the leaf or lazy entry that @change is about to put at start + done: an entry
 * at
 * @level that holds nothing but what may be replaced. *place: what pt_find told, at @level or
 * above; changed. Result: PUDU_OK, PUDU_ERR_EXISTS, PUDU_ERR_MEMORY or MAPPING_WAIT; tables that
 * were made in vain are gathered.
 */
int64_t mapping_open(struct change *change, unsigned level, struct pt_place *place,
		     struct gathered *gathered);

/* mapping_prune - gather the tables on the way to @address that hold nothing. Result: how many. */
unsigned mapping_prune(struct vas *vas, uint64_t address, struct gathered *gathered);

/* mapping_put - store @value to the entry that mapping_open found; what was there is gathered. */
void mapping_put(struct pt_place place, uint64_t value, struct gathered *gathered);

/* gathered_add - @leaf, at @level, was taken away. There is room for it: see MAPPING_UNITS. */
void gathered_add(struct gathered *gathered, uint64_t leaf, unsigned level);

static inline bool gathered_any(const struct gathered *gathered)
{
	return (gathered->n | gathered->n_large) != 0 || gathered->tables != 0;
}

/*
 * gathered_release - drop what was gathered: frames, handles, tables. Requires no lock, and no
 * translation left.
 */
void gathered_release(struct gathered *gathered);

/*
 * settle_place - the page at @address, whose entry is *place, is lazy or copy-on-write: give it
 * what a load (a lazy one) or a store (either) needs: a frame of zeros, a copy, or the frame for
 * itself alone. *place goes down to the page. Requires the lock of @vas. Result: PUDU_OK;
 * PUDU_ERR_MEMORY: the budget is used up; MAPPING_WAIT.
 */
int64_t settle_place(struct vas *vas, uint64_t address, struct pt_place *place,
		     struct gathered *gathered);

/*
 * settle_fault - a program, or the kernel for it, was refused an access to @address in @vas that
 * needs
 * @right (PTE_R, W or X): a page is settled, A or D set, an old translation dropped, if that is all
 * that was missing. Requires no lock.
 * Result: PUDU_OK: try again; PUDU_ERR_ADDRESS: it has no such right; PUDU_ERR_MEMORY: the budget
 * is used up; MAPPING_WAIT: try again when there is memory (shortage.h).
 */
int64_t settle_fault(struct vas *vas, uint64_t address, uint64_t right);

/* units_take - take @cost from what is left for a step. Result: false: not enough, and not the
 * first. */
static inline bool units_take(int *units, int cost)
{
	if (*units < cost && *units != MAPPING_UNITS)
		return false;
	*units -= cost;
	return true;
}

/*
 * mapping_fresh_page - the short way of mapping_fresh for the page at @address, where a table is
 * and nothing else. Requires the lock of @vas. Result: false: nothing has changed, take the long
 * way.
 */
bool mapping_fresh_page(struct vas *vas, uint64_t address, uint64_t rights);

/*
 * mapping_remove_page - the short way of mapping_remove for a page of memory in a table that has
 * others. Requires the lock of @vas. Result: the leaf, for mapping_release_page after the shoot; 0:
 * nothing has changed, take the long way.
 */
uint64_t mapping_remove_page(struct vas *vas, uint64_t address);

/* mapping_release_page - drop the frame of @leaf. Requires no lock, and no translation left. */
void mapping_release_page(uint64_t leaf);

/* What a leaf of fresh memory has beside its rights. */
#define PTE_FRESH (PTE_V | PTE_U | PTE_A | PTE_D | PTE_MEMORY)

/* mapping_level - the highest level whose span @at is aligned to and @length covers, at most @most.
 */
static inline unsigned mapping_level(uint64_t at, uint64_t length, unsigned most)
{
	while (most > 0 && ((at & (pte_span(most) - 1)) != 0 || length < pte_span(most)))
		most--;
	return most;
}

/* What the leaf of a new handle has beside the kind of object. */
#define PTE_HANDLE (PTE_V | PTE_R | PTE_W | PTE_A | PTE_D)

/* mapping_lock, mapping_unlock - the locks of both, in the order of addresses. @b: NULL, or as @a,
 * for none. */
static inline void mapping_lock(struct vas *a, struct vas *b)
{
	if (__builtin_expect(b == NULL || a == b, 1)) {
		lock_acquire(&a->lock, LOCK_VAS);
		return;
	}
	lock_acquire(a < b ? &a->lock : &b->lock, LOCK_VAS);
	lock_acquire(a < b ? &b->lock : &a->lock, LOCK_VAS_2);
}

static inline void mapping_unlock(struct vas *a, struct vas *b)
{
	if (__builtin_expect(b == NULL || a == b, 1)) {
		lock_release(&a->lock, LOCK_VAS);
		return;
	}
	lock_release(a < b ? &b->lock : &a->lock, LOCK_VAS_2);
	lock_release(a < b ? &a->lock : &b->lock, LOCK_VAS);
}

/*
 * mapping_handle - put a leaf with R and W for the object page @page (PTE_EXECUTOR, PTE_VAS or
 * PTE_ROOT in @type) into @slot of @vas, and count it. Requires the lock of @vas.
 * Result: PUDU_OK, PUDU_ERR_EXISTS, PUDU_ERR_MEMORY (or a shortage was noted: shortage.h).
 */
int64_t mapping_handle(struct vas *vas, uint64_t slot, void *page, uint64_t type);

/*
 * mapping_physical - boot only: map [physical, +length) into @vas at @start, with large leaves
 * where they fit, and leaves of 64 KiB (Svnapot) for the kernel itself. @bits: of the leaf, without
 * V, A, D. Result: false: no memory.
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
