/* SPDX-License-Identifier: MIT */
/*
 * sys_map.c - map, unmap, protect.
 *
 * The shape of all three: check everything; lock; one bounded step; shoot the translations;
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

/* One kernel entry of a call whose arguments are checked. */
static struct result run_step(mapping_step step, struct change *change)
{
	struct gathered gathered;
	int64_t status = PUDU_ERR_DEAD;

	gathered_init(&gathered);
	mapping_lock(change->to, change->from);
	if (((change->to->flags | (change->from == NULL ? 0 : change->from->flags)) & VAS_DEAD) ==
	    0)
		status = step(change, &gathered);
	if (gathered.shoot || (gathered.shoot_from && change->from == change->to))
		tlb_shoot(change->to);
	if (gathered.shoot_from && change->from != change->to)
		tlb_shoot(change->from);
	mapping_unlock(change->to, change->from);
	if (gathered_any(&gathered))
		gathered_release(&gathered);

	if (status == PUDU_OK && (change->rights & PTE_X))
		tlb_shoot_code();
	bool wait = status == PUDU_ERR_MEMORY || status == MAPPING_WAIT ? shortage_wait() : false;

	if (status != MAPPING_MORE && !wait)
		return answer(status, change->done);
	current()->x[X_A6 - 1] = change->done;
	return answer(wait ? LEAVE_QUEUE : LEAVE_RESTART, 0);
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

/* The source of SHARE, MOVE and COW. */
static int64_t open_source(struct change *change, uint64_t from, bool handles)
{
	struct handle_result opened = change->kind == KIND_SHARE
					      ? handle_open_read(from, RESOURCE_VAS)
					      : handle_open_write(from, RESOURCE_VAS);
	bool source_handles;

	if (opened.status != PUDU_OK)
		return opened.status;
	change->from = opened.page;

	int64_t status = area_check(change->source, change->length, &source_handles);

	if (status == PUDU_OK && source_handles != handles)
		return PUDU_ERR_ADDRESS;
	if (status == PUDU_OK && change->replace && change->from == change->to &&
	    change->source < change->start + change->length &&
	    change->start < change->source + change->length)
		return PUDU_ERR_ARGUMENT;
	return status;
}

/* The kind and REPLACE out of the flags. Result: PUDU_OK or PUDU_ERR_ARGUMENT. */
static int64_t read_flags(struct change *change, uint64_t flags, bool handles)
{
	change->rights = rights_of(flags & (PUDU_R | PUDU_W | PUDU_X), handles);
	change->replace = flags & PUDU_MAP_REPLACE;
	switch (flags & ~(uint64_t)(PUDU_R | PUDU_W | PUDU_X | PUDU_MAP_REPLACE)) {
	case PUDU_MAP_FRESH:
		change->kind = KIND_FRESH;
		break;
	case PUDU_MAP_LAZY:
		change->kind = KIND_LAZY;
		break;
	case PUDU_MAP_SHARE:
		change->kind = KIND_SHARE;
		break;
	case PUDU_MAP_MOVE:
		change->kind = KIND_MOVE;
		break;
	case PUDU_MAP_COW:
		change->kind = KIND_COW;
		break;
	default:
		return PUDU_ERR_ARGUMENT;
	}
	if (handles && change->kind != KIND_SHARE && change->kind != KIND_MOVE)
		return PUDU_ERR_ARGUMENT;
	return change->rights == ~0ull || !done_is_sane(change) ? PUDU_ERR_ARGUMENT : PUDU_OK;
}

/* A fresh page, if the short way does it. */
static bool map_page(const struct change *change)
{
	struct vas *vas = change->to;

	if (change->length != PAGE_SIZE || change->done != 0 || change->replace)
		return false;
	lock_acquire(&vas->lock, LOCK_VAS);
	bool mapped = (vas->flags & VAS_DEAD) == 0 &&
		      mapping_fresh_page(vas, change->start, change->rights);
	lock_release(&vas->lock, LOCK_VAS);

	if (mapped && (change->rights & PTE_X))
		tlb_shoot_code();
	return mapped;
}

/* Unmap a page, if the short way does it. */
static bool unmap_page(const struct change *change)
{
	struct vas *vas = change->to;
	uint64_t leaf = 0;

	if (change->length != PAGE_SIZE || change->done != 0)
		return false;
	lock_acquire(&vas->lock, LOCK_VAS);
	if ((vas->flags & VAS_DEAD) == 0)
		leaf = mapping_remove_page(vas, change->start);
	if (leaf != 0)
		tlb_shoot(vas);
	lock_release(&vas->lock, LOCK_VAS);

	if (leaf != 0)
		mapping_release_page(leaf);
	return leaf != 0;
}

/* Zero what a step is going to take, while nobody waits for this hart. Large leaves have their own.
 */
static void zero_ahead(const struct change *change)
{
	uint64_t pages = (change->length - change->done) / PAGE_SIZE;

	if (mapping_level(change->start + change->done, change->length - change->done, 1) == 0)
		frame_zero_ahead((pages > MAPPING_UNITS / UNITS_OF_ZEROING
					  ? MAPPING_UNITS / UNITS_OF_ZEROING
					  : (unsigned)pages) +
				 PT_LEVELS_MAX - 1);
}

struct result sys_map(uint64_t vas, uint64_t start, uint64_t length, uint64_t from, uint64_t source,
		      uint64_t flags, uint64_t done)
{
	struct change change = { .start = start, .length = length, .source = source, .done = done };
	struct handle_result opened = open_first(vas);
	bool handles;

	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);
	change.to = opened.page;
	int64_t status = area_check(start, length, &handles);
	if (status == PUDU_OK)
		status = read_flags(&change, flags, handles);
	if (status != PUDU_OK)
		return answer(status, 0);
	if (change.kind == KIND_FRESH || change.kind == KIND_LAZY) {
		if (from != 0 || source != 0)
			return answer(PUDU_ERR_ARGUMENT, 0);
		if (change.kind == KIND_FRESH)
			zero_ahead(&change);
		if (change.kind == KIND_FRESH && map_page(&change))
			return answer(PUDU_OK, PAGE_SIZE);
		return run_step(change.kind == KIND_FRESH ? mapping_fresh : mapping_lazy, &change);
	}
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
	graves_help();
	if (!handles && unmap_page(&change))
		return answer(PUDU_OK, PAGE_SIZE);
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
