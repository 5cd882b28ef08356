/* SPDX-License-Identifier: MIT */
/* children.c - see <pudu/spawn.h>: programs that run, until they are released. */
#include <pudu/spawn.h>

#include <pudu/calls.h>
#include <pudu/handle.h>

#include "internal.h"

#define EMPTY_TRIES 16

int64_t pudu_process_start(struct pudu_process *process)
{
	return pudu_executor_start(process->executor).status;
}

int64_t pudu_process_grant(struct pudu_process *process, uint64_t index, uint64_t handle,
			   uint64_t rights)
{
	if (index >= PUDU_GRANTED_MAX)
		return PUDU_ERR_ARGUMENT;
	return pudu_map(process->vas, PUDU_GRANTED(index), PUDU_PAGE_SIZE, PUDU_OWN_VAS, handle,
			rights | PUDU_MAP_SHARE)
		.status;
}

int pudu_process_ended(const struct pudu_process *process, struct pudu_exit *end)
{
	struct pudu_executor_end how;

	if (!pudu_executor_ended(process->executor, &how))
		return 0;
	if (end != NULL)
		*end = (struct pudu_exit){
			.faulted = how.faulted,
			.code = how.faulted ? 0 : how.code,
			.cause = how.faulted ? (uint64_t) - (how.code + 1) : 0,
			.address = how.address,
		};
	return 1;
}

void pudu_wait(const struct pudu_process *process, struct pudu_exit *end)
{
	while (!pudu_process_ended(process, end))
		pudu_executor_end_wait();
}

/*
 * End the executors that handles of one run in the program's window name. Handles that it may not
 * end (R only: others' that it wakes) are left alone.
 * Result: how many were alive.
 */
static unsigned end_run(uint64_t vas, uint64_t handle, uint64_t length, uint64_t borrowed,
			int64_t code)
{
	unsigned ended = 0;

	for (uint64_t end = handle + length; handle < end; handle += PUDU_PAGE_SIZE) {
		if (pudu_map(PUDU_OWN_VAS, borrowed, PUDU_PAGE_SIZE, vas, handle,
			     PUDU_R | PUDU_W | PUDU_MAP_SHARE)
			    .status != PUDU_OK)
			continue;
		ended += pudu_terminate(borrowed, (uint64_t)code).status == PUDU_OK;
		pudu_unmap(PUDU_OWN_VAS, borrowed, PUDU_PAGE_SIZE);
	}
	return ended;
}

/* End what executors the program has made: threads, programs. Result: how many were alive. */
static unsigned end_made(uint64_t vas, uint64_t borrowed, int64_t code)
{
	uint64_t handle = PUDU_HANDLE(PUDU_SLOT_FREE);
	unsigned ended = 0;

	while (handle < PUDU_HANDLES_END) {
		struct pudu_results run = pudu_query(vas, handle);
		uint64_t rights = run.value[0] & (PUDU_R | PUDU_W);

		if (run.status != PUDU_OK)
			break; /* it is gone already */
		if (PUDU_KIND(run.value[0]) == PUDU_KIND_EXECUTOR && rights == (PUDU_R | PUDU_W))
			ended += end_run(vas, handle, run.value[1], borrowed, code);
		handle += run.value[1];
	}
	return ended;
}

/*
 * Take from an address space all that it has. An executor that runs there faults; one that waits
 * there has no handle any more, and is ended by the kernel. Whoever was in the middle of a call may
 * add something: so again, until it is dead.
 */
static void empty(uint64_t vas)
{
	for (unsigned tries = 0; tries < EMPTY_TRIES; tries++) {
		pudu_unmap(vas, PUDU_MEMORY_START, PUDU_MEMORY_END - PUDU_MEMORY_START);
		pudu_unmap(vas, PUDU_MEMORY48_START, PUDU_MEMORY48_END - PUDU_MEMORY48_START);
		if (pudu_unmap(vas, PUDU_HANDLES, PUDU_HANDLES_END - PUDU_HANDLES).status ==
		    PUDU_ERR_DEAD)
			break;
		pudu_yield();
	}
}

void pudu_kill(struct pudu_process *process, int64_t code)
{
	uint64_t slot;

	if (process->executor != 0)
		pudu_terminate(process->executor, (uint64_t)code);
	if (process->vas == 0)
		return;
	slot = pudu_slots_take(1);
	if (slot == 0)
		return;
	/* Again until none was alive: meanwhile one that was may have made another. */
	while (end_made(process->vas, PUDU_HANDLE(slot), code) != 0)
		continue;
	pudu_slots_give(slot, 1);
	empty(process->vas);
}

void pudu_release(struct pudu_process *process)
{
	pudu_kill(process, 0);
	pudu_handle_close(process->executor);
	pudu_handle_close(process->vas);
	process->executor = 0;
	process->vas = 0;
}
