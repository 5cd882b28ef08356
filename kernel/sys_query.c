/* SPDX-License-Identifier: MIT */
/* sys_query.c - query, dirty: what is mapped, and what has been written. */
#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/frame.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/pt.h"
#include "kernel/quiesce.h"
#include "kernel/shortage.h"
#include "kernel/syscall.h"
#include "kernel/tlb.h"
#include "kernel/user.h"
#include "riscv/pte.h"

static uint64_t kind_of(uint64_t leaf)
{
	if (pte_is_lazy(leaf))
		return PUDU_KIND_MEMORY;
	if (!pte_is_leaf(leaf))
		return PUDU_KIND_NONE;
	if (leaf & PTE_U)
		return (leaf & PTE_RSW) == PTE_DEVICE ? PUDU_KIND_DEVICE : PUDU_KIND_MEMORY;
	return (leaf & PTE_RSW) == PTE_EXECUTOR ? PUDU_KIND_EXECUTOR
	       : (leaf & PTE_RSW) == PTE_VAS	? PUDU_KIND_VAS
						: PUDU_KIND_ROOT;
}

/* An entry as query tells it, A and D apart. */
static uint64_t describe(uint64_t entry)
{
	uint64_t rights = pte_rights(entry);

	if (!pte_is_leaf(entry) && !pte_is_lazy(entry))
		return 0;
	return kind_of(entry) << 8 | (rights & PTE_R ? PUDU_R : 0) | (rights & PTE_W ? PUDU_W : 0) |
	       (rights & PTE_X ? PUDU_X : 0) | (pte_is_lazy(entry) ? PUDU_LAZY : 0) |
	       (pte_is_leaf(entry) && leaf_is_shy(entry) ? PUDU_COPY : 0);
}

/* What two entries must have in common to be told as one run: all that describe() looks at. */
#define RUN_BITS (PTE_V | PTE_RWX | PTE_U | PTE_RSW)

/* Bytes from @address on that are as @place, to the end of its table at most. */
static uint64_t run_length(struct pt_place place, uint64_t address)
{
	uint64_t span = pte_span(place.level), length = span - (address & (span - 1));
	uint64_t *entry = place.entry, what = *entry & RUN_BITS;

	while (in_table(++entry) && (*entry & RUN_BITS) == what)
		length += span;
	return length;
}

struct result sys_query(uint64_t vas, uint64_t address)
{
	struct executor *self = current();
	struct handle_result opened = handle_open_read(vas, RESOURCE_VAS);
	uint64_t top = pt_levels == 4 ? PUDU_MEMORY48_END : PUDU_HANDLES_END;

	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);
	if (address % PAGE_SIZE != 0 || address >= top)
		return answer(PUDU_ERR_ADDRESS, 0);

	struct vas *of = opened.page;

	lock_acquire(&of->lock, LOCK_VAS);
	bool dead = of->flags & VAS_DEAD;
	struct pt_place place = pt_find(of, address);
	uint64_t leaf = *place.entry, length = run_length(place, address), id = 0;

	if (kind_of(leaf) == PUDU_KIND_ROOT)
		id = resource_id(&global->resource); /* in the image, not in the direct map */
	else if (pte_is_leaf(leaf) && (leaf & PTE_U) == 0)
		id = resource_id(virt(pte_physical(leaf) + RESOURCE_OFFSET));
	lock_release(&of->lock, LOCK_VAS);

	if (dead)
		return answer(PUDU_ERR_DEAD, 0);
	if (length > top - address)
		length = top - address;
	self->x[X_A0 - 1] = PUDU_OK;
	self->x[X_A1 - 1] = describe(leaf);
	if (self->x[X_A1 - 1] != 0)
		self->x[X_A1 - 1] |= (leaf & PTE_A ? PUDU_ACCESSED : 0) |
				     (leaf & PTE_D ? PUDU_DIRTY : 0) | (uint64_t)place.level << 16;
	self->x[X_A1] = length;
	self->x[X_A1 + 1] = id;
	return answer(LEAVE_RESULTS, 0);
}

#define WORD_PAGES 64 /* a word of the bitmap */
#define STEP_WORDS 4  /* a kernel entry does so many */
#define STEP_PAGES (WORD_PAGES * STEP_WORDS)

/* The bits of one kernel entry, and what they are about. */
struct dirty_step {
	struct vas *vas;
	uint64_t start, end; /* of the call */
	uint64_t at;	     /* of the first bit */
	unsigned n;	     /* pages */
	uint64_t words[STEP_WORDS];
	bool shoot;
};

static void mark(struct dirty_step *step, unsigned first, unsigned n)
{
	for (unsigned i = first; i < first + n; i++)
		step->words[i / WORD_PAGES] |= 1ull << i % WORD_PAGES;
}

/*
 * Page @i is part of a large leaf or hole. One that the call covers as a whole stays dirty until
 * its last page is told; any other is split. *pages: how many the step goes on by. Result: PUDU_OK;
 * PUDU_ERR_MEMORY, MAPPING_WAIT: it can't be split.
 */
static int64_t take_large(struct dirty_step *step, struct pt_place place, unsigned i,
			  unsigned *pages)
{
	uint64_t at = step->at + i * PAGE_SIZE, span = pte_span(place.level);
	uint64_t first = at & ~(span - 1), left = (first + span - at) / PAGE_SIZE;
	uint64_t leaf = *place.entry;
	bool last = left <= step->n - i;

	*pages = last ? (unsigned)left : step->n - i;
	if (!pte_is_leaf(leaf) || leaf_is_device(leaf) || (leaf & PTE_D) == 0)
		return PUDU_OK;
	if (first < step->start || first + span > step->end) {
		*pages = 0;
		return pt_split(step->vas, at, &place);
	}
	mark(step, i, *pages);
	if (last) {
		pt_change(place.entry, PTE_D, 0);
		step->shoot = true;
	}
	return PUDU_OK;
}

/* Small leaves of one table. Result: how many pages. */
static unsigned take_small(struct dirty_step *step, uint64_t *entry, unsigned i)
{
	unsigned first = i;

	do {
		uint64_t leaf = *entry;

		if ((leaf & PTE_D) == 0 || !pte_is_leaf(leaf) || leaf_is_device(leaf))
			continue;
		atomic_fetch_and_explicit((_Atomic uint64_t *)entry, ~PTE_D, memory_order_relaxed);
		step->words[i / WORD_PAGES] |= 1ull << i % WORD_PAGES;
		step->shoot = true;
	} while (++i < step->n && in_table(++entry));
	return i - first;
}

/* Requires the lock. */
static int64_t take_dirty(struct dirty_step *step)
{
	int64_t status = PUDU_OK;

	for (unsigned i = 0, pages; i < step->n && status == PUDU_OK; i += pages) {
		struct pt_place place = pt_find(step->vas, step->at + i * PAGE_SIZE);

		if (place.level == 0)
			pages = take_small(step, place.entry, i);
		else
			status = take_large(step, place, i, &pages);
	}
	return status;
}

/* The bits can't be told: as if nothing had been taken. */
static void restore_dirty(struct dirty_step *step)
{
	lock_acquire(&step->vas->lock, LOCK_VAS);
	for (unsigned i = 0; i < step->n; i++) {
		struct pt_place place = pt_find(step->vas, step->at + i * PAGE_SIZE);

		if ((step->words[i / WORD_PAGES] >> i % WORD_PAGES & 1) &&
		    pte_is_leaf(*place.entry))
			pt_change(place.entry, 0, PTE_D);
	}
	lock_release(&step->vas->lock, LOCK_VAS);
}

/* One kernel entry. Result: PUDU_OK: its bits are told; or an error, and they are not taken. */
static int64_t run_dirty(struct dirty_step *step, uint64_t bitmap)
{
	uint64_t bytes = (step->n + WORD_PAGES - 1) / WORD_PAGES * sizeof step->words[0];
	int64_t status = user_write(bitmap, step->words, bytes); /* can it be written? */

	if (status != PUDU_OK)
		return status;
	lock_acquire(&step->vas->lock, LOCK_VAS);
	status = step->vas->flags & VAS_DEAD ? PUDU_ERR_DEAD : take_dirty(step);
	if (step->shoot)
		tlb_shoot(step->vas);
	lock_release(&step->vas->lock, LOCK_VAS);
	if (status == PUDU_OK)
		status = user_write(bitmap, step->words, bytes);
	if (status != PUDU_OK)
		restore_dirty(step);
	return status;
}

struct result sys_dirty(uint64_t vas, uint64_t start, uint64_t length, uint64_t bitmap, uint64_t a4,
			uint64_t a5, uint64_t done)
{
	struct dirty_step step = { .start = start, .end = start + length, .at = start + done };
	struct handle_result opened;
	bool handles;

	(void)a4, (void)a5;
	quiesce_note();
	opened = handle_open_write(vas, RESOURCE_VAS);
	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);
	int64_t status = area_check(start, length, &handles);

	if (status == PUDU_OK && (handles || bitmap % sizeof step.words[0] != 0))
		status = PUDU_ERR_ADDRESS;
	if (status != PUDU_OK)
		return answer(status, 0);
	if (done >= length || done % (STEP_PAGES * PAGE_SIZE) != 0)
		return answer(PUDU_ERR_ARGUMENT, 0);
	step.vas = opened.page;
	step.n = length - done < STEP_PAGES * PAGE_SIZE ? (unsigned)((length - done) / PAGE_SIZE)
							: STEP_PAGES;
	status = run_dirty(&step, bitmap + done / PAGE_SIZE / 8);
	if (status == PUDU_OK)
		done += step.n * PAGE_SIZE;
	if (status == MAPPING_WAIT)
		shortage_wait();
	if (status < 0 || done == length)
		return answer(status, done);
	current()->x[X_A6 - 1] = done;
	return answer(LEAVE_RESTART, 0);
}
