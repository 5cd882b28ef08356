/* SPDX-License-Identifier: MIT */
/* children.c - see <pudu/spawn.h>: programs that run, until they are released. */
#include <pudu/spawn.h>

#include <pudu/calls.h>
#include <pudu/handle.h>

#include "internal.h"

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

void pudu_kill(struct pudu_process *process, int64_t code)
{
	if (process->executor != 0)
		pudu_terminate(process->executor, (uint64_t)code);
	if (process->vas != 0)
		pudu_vas_destroy(process->vas);
}

void pudu_release(struct pudu_process *process)
{
	pudu_kill(process, 0);
	pudu_handle_close(process->executor);
	pudu_handle_close(process->vas);
	process->executor = 0;
	process->vas = 0;
}
