/* SPDX-License-Identifier: MIT */
/* sys_create.c - vas_create, executor_create: a new object, and a handle to it. */
#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/frame.h"
#include "kernel/graves.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/quiesce.h"
#include "kernel/shortage.h"
#include "kernel/syscall.h"
#include "kernel/tlb.h"
#include "kernel/user.h"
#include "riscv/pte.h"

static int64_t check_slot(uint64_t slot)
{
	if (slot < PUDU_HANDLES || slot >= PUDU_HANDLES_END || slot % PAGE_SIZE != 0)
		return PUDU_ERR_HANDLE;
	return PUDU_OK;
}

/* Give the caller a handle to @page. */
static int64_t hand_over(uint64_t slot, void *page, uint64_t type)
{
	struct vas *vas = current()->vas;

	lock_acquire(&vas->lock, LOCK_VAS);
	int64_t status = mapping_handle(vas, slot, page, type);
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

/* Nothing has changed; the call comes again if there is hope for it. */
static struct result no_memory(void)
{
	return answer(shortage_wait() ? LEAVE_RESTART : PUDU_ERR_MEMORY, 0);
}

struct result sys_vas_create(uint64_t slot, uint64_t name0, uint64_t name1)
{
	int64_t status = check_slot(slot);

	quiesce_note();
	graves_step();
	if (status != PUDU_OK)
		return answer(status, 0);
	if (!name_is_good(name0) || !name_is_good(name1))
		return answer(PUDU_ERR_ARGUMENT, 0);

	struct vas *vas = vas_new(name0, name1);
	if (vas == NULL)
		return no_memory();
	uint64_t id = resource_id(&vas->resource);

	status = hand_over(slot, vas, PTE_VAS);
	vas_put(vas); /* ours; the handle has its own */
	if (status == PUDU_ERR_MEMORY)
		return no_memory();
	return answer(status, status == PUDU_OK ? id : 0);
}

struct result sys_executor_create(uint64_t slot, uint64_t vas, uint64_t supervisor, uint64_t pc,
				  uint64_t sp, uint64_t argument)
{
	int64_t status = check_slot(slot);
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

	struct executor *executor = executor_new(pc, sp, argument);
	if (executor == NULL)
		return no_memory();

	status = hand_over(slot, executor, PTE_EXECUTOR);
	if (status != PUDU_OK) {
		frame_give(executor, executor->frame);
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
