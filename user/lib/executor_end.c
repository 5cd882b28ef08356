/* SPDX-License-Identifier: MIT */
/*
 * executor_end.c - has an executor ended, and how.
 *
 * The kernel remembers for a supervisor that some executor of its has ended, and wakes it: park_if
 * answers ERR_EVENT once. Whoever looks at the state first and parks then misses nothing; an event
 * that was used up by another wait of the same thread is found in the state.
 */
#include <pudu/calls.h>

#include "abi/executor.h"
#include "abi/status.h"
#include "internal.h"

int pudu_executor_ended(uint64_t executor, struct pudu_executor_end *end)
{
	struct pudu_results state = pudu_executor_state(executor);

	if (state.status != PUDU_OK || !(state.value[0] & PUDU_STATE_DEAD))
		return 0;
	end->code = (int64_t)state.value[1];
	end->address = state.value[2];
	end->faulted = end->code < 0;
	return 1;
}

void pudu_executor_end_wait(void)
{
	static const uint32_t zero;

	pudu_park_if((uint64_t)&zero, 0, PUDU_FOREVER);
}
