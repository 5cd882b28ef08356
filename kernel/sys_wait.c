/* SPDX-License-Identifier: MIT */
/*
 * sys_wait.c - yield, park_if, unpark.
 *
 * A waker stores to the word, then unparks. A parker sets PARKED, then looks at the word. Both use
 * full fences, so one of them is first: either the waker finds PARKED, or the parker finds the new
 * value. (Litmus: store buffering with fences on both sides.)
 */
#include "abi/executor.h"
#include "abi/status.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/sched.h"
#include "kernel/shortage.h"
#include "kernel/syscall.h"
#include "kernel/timer.h"
#include "kernel/user.h"
#include "riscv/csr.h"

struct result sys_yield(void)
{
	return answer(LEAVE_SWITCH, 0);
}

struct result sys_park_if(uint64_t word, uint64_t expected, uint64_t deadline)
{
	struct executor *self = current();
	uint32_t value;

	if ((word & 3) != 0 || !user_range(word, 4))
		return answer(PUDU_ERR_ADDRESS, 0);
	if (state_wait(&self->state, STATE_PARKED, STATE_EVENT) != 0)
		return answer(PUDU_ERR_EVENT, 0);

	int64_t status = user_load32(word, &value);

	if (status == PUDU_OK && value == (uint32_t)expected) {
		if (deadline == PUDU_FOREVER)
			return answer(LEAVE_SWITCH, 0);
		if (deadline > read_time()) {
			timer_arm(self, deadline);
			self->x[X_A0 - 1] = PUDU_OK;
			self->x[X_A1 - 1] = 0;
			return answer(LEAVE_TIMED, 0);
		}
		status = PUDU_ERR_DEADLINE;
	}
	/* We run, so this does not make us ready; it may take away what an unpark has taken
	 * already. */
	atomic_fetch_and(&self->state, ~(uint64_t)STATE_PARKED);
	if (status == MAPPING_WAIT) {
		shortage_wait(); /* no frame is free for the page of the word: come again */
		return answer(LEAVE_QUEUE, 0);
	}
	return answer(status == PUDU_OK ? PUDU_ERR_VALUE : status, 0);
}

struct result sys_unpark_call(void)
{
	sched_call_a_hart();
	return answer(PUDU_OK, 0);
}

struct result sys_unpark_enqueue(void)
{
	struct executor *woken = this_hart->handoff;

	this_hart->handoff = NULL;
	sched_enqueue(woken);
	return answer(PUDU_OK, 0);
}

struct result sys_unpark(uint64_t handle)
{
	struct handle_result opened = handle_open_read(handle, RESOURCE_EXECUTOR);

	if (opened.status == PUDU_OK)
		sched_wake(opened.page, STATE_WAITS);
	return answer(opened.status, 0);
}
