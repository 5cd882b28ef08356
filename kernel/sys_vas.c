/* SPDX-License-Identifier: MIT */
/* sys_vas.c - vas_create, vas_destroy, vas_budget. */
#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/budget.h"
#include "kernel/graves.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/quiesce.h"
#include "kernel/shortage.h"
#include "kernel/syscall.h"
#include "kernel/vas.h"
#include "riscv/pte.h"

#define DEEPEST (2 * (PUDU_VAS_DEPTH - 1)) /* of vas->depth */

/* Up to seven printable characters, the first in the lowest byte, then zeros. */
static bool name_is_good(uint64_t name)
{
	if (name >> 56 != 0)
		return false;
	for (; name != 0; name >>= 8)
		if ((name & 0xff) < 0x20 || (name & 0xff) > 0x7e)
			return false;
	return true;
}

/* What vas_create can refuse at once. */
static int64_t check_create(uint64_t slot, uint64_t budget, uint64_t name0, uint64_t name1)
{
	int64_t status = handle_check_slot(slot);

	if (status != PUDU_OK)
		return status;
	if (!name_is_good(name0) || !name_is_good(name1))
		return PUDU_ERR_ARGUMENT;
	if (current()->vas->depth >= DEEPEST)
		return PUDU_ERR_DEPTH;
	return budget > BUDGET_MAX ? PUDU_ERR_MEMORY : PUDU_OK;
}

/* Put @child into the tree, and give the caller a handle to it. Or neither. */
static int64_t add_child(uint64_t slot, struct vas *child)
{
	struct vas *vas = child->parent;
	int64_t status = PUDU_ERR_DEAD;

	lock_acquire(&vas->lock, LOCK_VAS);
	if ((vas->flags & VAS_DEAD) == 0) {
		/* Before the handle: who finds that can destroy it at once. */
		graves_add_child(child);
		status = mapping_handle(vas, slot, child, PTE_VAS);
		if (status != PUDU_OK)
			graves_remove_child(child);
	}
	lock_release(&vas->lock, LOCK_VAS);
	return status;
}

struct result sys_vas_create(uint64_t slot, uint64_t budget, uint64_t name0, uint64_t name1)
{
	int64_t status = check_create(slot, budget, name0, name1);
	struct vas *parent = current()->vas;
	uint64_t pages = budget + vas_pages();

	quiesce_note();
	if (status != PUDU_OK)
		return answer(status, 0);
	if (!budget_take(parent, pages))
		return answer(PUDU_ERR_MEMORY, 0);

	struct vas *vas = vas_new(parent, budget, name0, name1);
	uint64_t id = vas == NULL ? 0 : resource_id(&vas->resource);

	if (vas == NULL) {
		shortage_note();
		status = PUDU_ERR_MEMORY;
	} else {
		status = add_child(slot, vas);
		if (status != PUDU_OK)
			vas_discard(vas);
	}
	if (status == PUDU_OK)
		return answer(PUDU_OK, id);
	budget_give(parent, pages);
	if (status == PUDU_ERR_MEMORY && shortage_wait())
		return answer(LEAVE_QUEUE, 0);
	return answer(status, 0);
}

/* One kernel entry of vas_destroy. @done: 0, or the id of the address space for which it waits. */
struct result sys_vas_destroy(uint64_t handle, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
			      uint64_t a5, uint64_t done)
{
	(void)a1, (void)a2, (void)a3, (void)a4, (void)a5;
	quiesce_note();
	struct handle_result opened = handle_open_write(handle, RESOURCE_VAS);
	struct vas *vas = opened.page;

	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);
	uint64_t id = resource_id(&vas->resource);
	if (done != 0 && done != id)
		return answer(PUDU_ERR_HANDLE, 0); /* the slot has another one now */

	lock_acquire(&vas->lock, LOCK_VAS);
	bool begun = graves_begin(vas), over = vas->flags & VAS_CLEAR;
	lock_release(&vas->lock, LOCK_VAS);
	if (!begun && over && done == 0)
		return answer(PUDU_ERR_DEAD, 0);

	bool more = graves_step_for(vas);
	lock_acquire(&vas->lock, LOCK_VAS);
	bool clear = vas->flags & VAS_CLEAR;
	lock_release(&vas->lock, LOCK_VAS);
	if (clear)
		return answer(PUDU_OK, 0);
	/* Others have to run only if nothing can be done now: it costs the rest of the slice. */
	current()->x[X_A6 - 1] = id;
	return answer(more ? LEAVE_RESTART : LEAVE_QUEUE, 0);
}

/* REQUIRES(vas->lock) */
static int64_t change_budget(struct vas *vas, uint64_t pages)
{
	uint64_t account = atomic_load_explicit(&vas->account, memory_order_relaxed);

	if (vas->flags & VAS_DEAD)
		return PUDU_ERR_DEAD;
	if (pages == PUDU_BUDGET_KEEP)
		return PUDU_OK;
	if (vas->parent == NULL)
		return PUDU_ERR_ARGUMENT;
	if (pages > budget_limit(account) && vas->parent != current()->vas)
		return PUDU_ERR_RIGHT;
	if (pages > BUDGET_MAX || !budget_resize(vas, pages))
		return PUDU_ERR_MEMORY;
	return PUDU_OK;
}

struct result sys_vas_budget(uint64_t handle, uint64_t pages)
{
	struct handle_result opened = pages == PUDU_BUDGET_KEEP
					      ? handle_open_read(handle, RESOURCE_VAS)
					      : handle_open_write(handle, RESOURCE_VAS);
	struct vas *vas = opened.page;
	struct executor *self = current();

	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);
	lock_acquire(&vas->lock, LOCK_VAS);
	int64_t status = change_budget(vas, pages);
	uint64_t account = atomic_load_explicit(&vas->account, memory_order_relaxed);
	lock_release(&vas->lock, LOCK_VAS);

	if (status != PUDU_OK)
		return answer(status, 0);
	self->x[X_A0 - 1] = PUDU_OK;
	self->x[X_A1 - 1] = budget_limit(account);
	self->x[X_A1] = budget_used(account);
	self->x[X_A1 + 1] = 0;
	return answer(LEAVE_RESULTS, 0);
}
