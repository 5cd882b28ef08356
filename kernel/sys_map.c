/* SPDX-License-Identifier: MIT */
/*
 * sys_map.c - map, unmap, protect, query.
 *
 * The shape of the first three: check everything; lock; one bounded step; shoot the translations;
 * unlock; give back what was taken away. If the step was not the last one, let others in, and come
 * again with what is done in a6.
 */
#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/frame.h"
#include "kernel/graves.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/pt.h"
#include "kernel/quiesce.h"
#include "kernel/shortage.h"
#include "kernel/syscall.h"
#include "kernel/tlb.h"
#include "riscv/pte.h"

typedef int64_t (*mapping_step)(struct change *change, struct gathered *gathered);

/* Both locks, in the order of addresses. */
static void lock_both(struct vas *a, struct vas *b)
{
	struct vas *first = b == NULL || a < b ? a : b;
	struct vas *second = first == a ? b : a;

	lock_acquire(&first->lock, LOCK_VAS);
	if (second != NULL && second != first)
		lock_acquire(&second->lock, LOCK_VAS_2);
}

static void unlock_both(struct vas *a, struct vas *b)
{
	struct vas *first = b == NULL || a < b ? a : b;
	struct vas *second = first == a ? b : a;

	if (second != NULL && second != first)
		lock_release(&second->lock, LOCK_VAS_2);
	lock_release(&first->lock, LOCK_VAS);
}

/* One kernel entry of a call whose arguments are checked. */
static struct result run_step(mapping_step step, struct change *change)
{
	struct gathered gathered;
	int64_t status = PUDU_ERR_DEAD;

	gathered_init(&gathered);
	lock_both(change->to, change->from);
	if (((change->to->flags | (change->from == NULL ? 0 : change->from->flags)) & VAS_DEAD) ==
	    0)
		status = step(change, &gathered);
	if (gathered.shoot) {
		tlb_shoot(change->to);
		if (change->move && change->from != change->to)
			tlb_shoot(change->from);
	}
	unlock_both(change->to, change->from);
	gathered_release(&gathered);

	if (status == PUDU_OK && (change->rights & PTE_X))
		tlb_shoot_code();
	if (status == MAPPING_MORE || (status == PUDU_ERR_MEMORY && shortage_wait())) {
		current()->x[X_A6 - 1] = change->done;
		return answer(LEAVE_RESTART, 0);
	}
	return answer(status, change->done);
}

/* PUDU_R, W, X as bits of an entry; ~0 if there are no such rights. */
static uint64_t rights_of(uint64_t flags, bool handles)
{
	if ((flags & ~(uint64_t)(PUDU_R | PUDU_W | PUDU_X)) != 0 || flags == 0)
		return ~0ull;
	if ((flags & (PUDU_W | PUDU_R)) == PUDU_W)
		return ~0ull; /* reserved by the privileged ISA */
	if (handles && flags != PUDU_R && flags != (PUDU_R | PUDU_W))
		return ~0ull;
	return (flags & PUDU_R ? PTE_R : 0) | (flags & PUDU_W ? PTE_W : 0) |
	       (flags & PUDU_X ? PTE_X : 0);
}

/* The first handle of a call: before it is opened this hart holds nothing that others may want to
 * free. */
static struct handle_result open_first(uint64_t vas)
{
	quiesce_note();
	return handle_open_write(vas, RESOURCE_VAS);
}

/* What a restarted call has done, or a wild a6. */
static bool done_is_sane(const struct change *change)
{
	return change->done <= change->length && change->done % PAGE_SIZE == 0;
}

/* The source of SHARE and MOVE. */
static int64_t open_source(struct change *change, uint64_t from, bool handles)
{
	struct handle_result opened = change->move ? handle_open_write(from, RESOURCE_VAS)
						   : handle_open_read(from, RESOURCE_VAS);
	bool source_handles;

	if (opened.status != PUDU_OK)
		return opened.status;
	change->from = opened.page;

	int64_t status = area_check(change->source, change->length, &source_handles);

	if (status == PUDU_OK && source_handles != handles)
		return PUDU_ERR_ADDRESS;
	return status;
}

struct result sys_map(uint64_t vas, uint64_t start, uint64_t length, uint64_t from, uint64_t source,
		      uint64_t flags, uint64_t done)
{
	struct change change = { .start = start, .length = length, .source = source, .done = done };
	uint64_t kind = flags & ~(uint64_t)(PUDU_R | PUDU_W | PUDU_X);
	struct handle_result opened = open_first(vas);
	bool handles;

	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);
	change.to = opened.page;
	int64_t status = area_check(start, length, &handles);
	if (status != PUDU_OK)
		return answer(status, 0);

	change.rights = rights_of(flags & (PUDU_R | PUDU_W | PUDU_X), handles);
	change.move = kind == PUDU_MAP_MOVE;
	if (change.rights == ~0ull || !done_is_sane(&change))
		return answer(PUDU_ERR_ARGUMENT, 0);
	if (kind == PUDU_MAP_FRESH) {
		if (handles || from != 0 || source != 0)
			return answer(PUDU_ERR_ARGUMENT, 0);
		return run_step(mapping_fresh, &change);
	}
	if (kind != PUDU_MAP_SHARE && kind != PUDU_MAP_MOVE)
		return answer(PUDU_ERR_ARGUMENT, 0);
	status = open_source(&change, from, handles);
	if (status != PUDU_OK)
		return answer(status, 0);
	return run_step(mapping_share, &change);
}

struct result sys_unmap(uint64_t vas, uint64_t start, uint64_t length, uint64_t a3, uint64_t a4,
			uint64_t a5, uint64_t done)
{
	struct change change = { .start = start, .length = length, .done = done };
	struct handle_result opened = open_first(vas);
	bool handles;

	(void)a3, (void)a4, (void)a5;
	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);
	change.to = opened.page;
	int64_t status = area_check(start, length, &handles);
	if (status != PUDU_OK)
		return answer(status, 0);
	if (!done_is_sane(&change))
		return answer(PUDU_ERR_ARGUMENT, 0);
	graves_step();
	return run_step(mapping_remove, &change);
}

struct result sys_protect(uint64_t vas, uint64_t start, uint64_t length, uint64_t rights,
			  uint64_t a4, uint64_t a5, uint64_t done)
{
	struct change change = { .start = start, .length = length, .done = done };
	struct handle_result opened = open_first(vas);
	bool handles;

	(void)a4, (void)a5;
	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);
	change.to = opened.page;
	int64_t status = area_check(start, length, &handles);
	if (status != PUDU_OK)
		return answer(status, 0);
	change.rights = rights_of(rights, handles);
	if (change.rights == ~0ull || !done_is_sane(&change))
		return answer(PUDU_ERR_ARGUMENT, 0);
	return run_step(mapping_protect, &change);
}

static uint64_t kind_of(uint64_t leaf)
{
	if (!pte_is_leaf(leaf))
		return PUDU_KIND_NONE;
	if (leaf & PTE_U)
		return (leaf & PTE_RSW) == PTE_DEVICE ? PUDU_KIND_DEVICE : PUDU_KIND_MEMORY;
	return (leaf & PTE_RSW) == PTE_EXECUTOR ? PUDU_KIND_EXECUTOR
	       : (leaf & PTE_RSW) == PTE_VAS	? PUDU_KIND_VAS
						: PUDU_KIND_ROOT;
}

/* Kind and rights of a leaf as query tells them, A and D apart. */
static uint64_t describe(uint64_t leaf)
{
	return kind_of(leaf) << 8 | (leaf & PTE_R ? PUDU_R : 0) | (leaf & PTE_W ? PUDU_W : 0) |
	       (leaf & PTE_X ? PUDU_X : 0);
}

/* Bytes from @address on that are as @place, to the end of its table at most. */
static uint64_t run_length(struct pt_place place, uint64_t address)
{
	uint64_t span = pte_span(place.level), length = span - (address & (span - 1));
	uint64_t what = describe(*place.entry);

	for (uint64_t *entry = place.entry + 1; ((uintptr_t)entry & (PAGE_SIZE - 1)) != 0;
	     entry++) {
		if (pte_is_table(*entry) && place.level > 0)
			break;
		if (describe(*entry) != what)
			break;
		length += span;
	}
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
	struct pt_place place = pt_find(of->user, address);
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
	self->x[X_A1 - 1] = describe(leaf) | (leaf & PTE_A ? PUDU_ACCESSED : 0) |
			    (leaf & PTE_D ? PUDU_DIRTY : 0);
	if (!pte_is_leaf(leaf))
		self->x[X_A1 - 1] = 0;
	self->x[X_A1] = length;
	self->x[X_A1 + 1] = id;
	return answer(LEAVE_RESULTS, 0);
}
