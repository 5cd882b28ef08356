/* SPDX-License-Identifier: MIT */
/* sys_create.c - executor_create: a new executor, and a handle to it. */
#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/budget.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/quiesce.h"
#include "kernel/shortage.h"
#include "kernel/syscall.h"
#include "kernel/tlb.h"
#include "kernel/user.h"
#include "riscv/pte.h"

/* Give the caller a handle to @executor. */
static int64_t hand_over(uint64_t slot, struct executor *executor)
{
	struct vas *vas = current()->vas;

	lock_acquire(&vas->lock, LOCK_VAS);
	int64_t status = mapping_handle(vas, slot, executor, PTE_EXECUTOR);
	lock_release(&vas->lock, LOCK_VAS);
	return status;
}

/* Take the handle back, and with it the page. */
static void take_back(uint64_t slot)
{
	struct change change = { .to = current()->vas, .start = slot, .length = PAGE_SIZE };
	struct gathered gathered;

	gathered_init(&gathered);
	lock_acquire(&change.to->lock, LOCK_VAS);
	mapping_remove(&change, &gathered);
	tlb_shoot(change.to);
	lock_release(&change.to->lock, LOCK_VAS);
	gathered_release(&gathered);
}

/* Nothing has changed; the call comes again if there is hope for it. */
static struct result no_memory(void)
{
	return answer(shortage_wait() ? LEAVE_QUEUE : PUDU_ERR_MEMORY, 0);
}

struct result sys_executor_create(uint64_t slot, uint64_t vas, uint64_t supervisor, uint64_t pc,
				  uint64_t sp, uint64_t argument)
{
	int64_t status = handle_check_slot(slot);
	struct executor *told = NULL;

	quiesce_note();
	if (status != PUDU_OK)
		return answer(status, 0);
	struct handle_result home = handle_open_write(vas, RESOURCE_VAS);
	if (home.status != PUDU_OK)
		return answer(home.status, 0);
	if (supervisor != 0) {
		struct handle_result opened = handle_open_read(supervisor, RESOURCE_EXECUTOR);

		if (opened.status != PUDU_OK)
			return answer(opened.status, 0);
		told = opened.page;
	}
	if (!user_pc(pc))
		return answer(PUDU_ERR_ADDRESS, 0);

	struct vas *account = current()->vas;
	if (!budget_take(account, 1))
		return answer(PUDU_ERR_MEMORY, 0);
	struct executor *executor = executor_new(account, pc, sp, argument);
	if (executor == NULL) {
		budget_give(account, 1);
		shortage_note();
		return no_memory();
	}
	status = hand_over(slot, executor);
	if (status != PUDU_OK) {
		executor_discard(executor);
		budget_give(account, 1);
		return status == PUDU_ERR_MEMORY ? no_memory() : answer(status, 0);
	}
	/* It has a handle, but no tag yet: nobody can open it before this. */
	status = executor_start_life(executor, home.page, told);
	if (status != PUDU_OK) {
		take_back(slot);
		executor_put(executor);
		return answer(status, 0);
	}
	return answer(PUDU_OK, resource_id(&executor->resource));
}
