/* SPDX-License-Identifier: MIT */
/* sys_call.c - call, accept, reply, reply_accept. */
#include "abi/executor.h"
#include "abi/status.h"
#include "kernel/calls.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/sched.h"
#include "kernel/shortage.h"
#include "kernel/syscall.h"
#include "kernel/timer.h"
#include "kernel/user.h"
#include "riscv/csr.h"

struct result sys_call(uint64_t handle)
{
	struct handle_result opened = handle_open_read(handle, RESOURCE_EXECUTOR);

	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);

	int64_t status = calls_call(opened.page);

	return answer(status == PUDU_OK ? LEAVE_CALL : status, 0);
}

struct result sys_call_late(void)
{
	calls_hand_over(this_hart->handoff);
	return answer(LEAVE_CALL, 0);
}

struct result sys_reply(uint64_t handle, uint64_t r0, uint64_t r1, uint64_t r2, uint64_t r3)
{
	const uint64_t words[REPLY_WORDS] = { r0, r1, r2, r3 };
	struct handle_result opened = { PUDU_OK, NULL };
	struct executor *ready;

	if (handle != 0)
		opened = handle_open_read(handle, RESOURCE_EXECUTOR);
	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);

	int64_t status = calls_answer(opened.page, words, &ready);

	if (ready != NULL)
		sched_enqueue(ready);
	return answer(status, 0);
}

static bool word_is_good(uint64_t word)
{
	return word == 0 || ((word & 3) == 0 && user_range(word, 4));
}

/* The caller begins its accept again, with these arguments; @how: LEAVE_ACCEPT or LEAVE_QUEUE. */
static struct result again(uint64_t word, uint64_t expected, uint64_t deadline, int64_t how)
{
	struct executor *self = current();

	self->x[X_A0 - 1] = word;
	self->x[X_A1 - 1] = expected;
	self->x[X_A1] = deadline;
	self->x[X_A7 - 1] = SYSCALL_accept;
	return answer(how, 0);
}

/* Is there a reason not to wait for a call? ACCEPTING is set. Result: PUDU_OK: no. */
static int64_t look(uint64_t word, uint64_t expected, uint64_t deadline)
{
	uint32_t value;

	if (word != 0) {
		int64_t status = user_load32(word, &value);

		if (status != PUDU_OK)
			return status;
		if (value != (uint32_t)expected)
			return PUDU_ERR_VALUE;
	}
	return deadline == PUDU_FOREVER || deadline > read_time() ? PUDU_OK : PUDU_ERR_DEADLINE;
}

/* @word has been checked. */
static struct result accept(uint64_t word, uint64_t expected, uint64_t deadline)
{
	struct executor *self = current();
	uint64_t found;

	calls_keep();
	found = state_wait(&self->state, STATE_ACCEPTING, STATE_EVENT | STATE_CALLERS);
	if (found == STATE_EVENT)
		return answer(PUDU_ERR_EVENT, 0);
	if (found != 0)
		return calls_take() ? answer(LEAVE_MESSAGE, 0)
				    : again(word, expected, deadline, LEAVE_QUEUE);

	int64_t status = look(word, expected, deadline);

	if (status == PUDU_OK) {
		if (deadline != PUDU_FOREVER)
			timer_arm(self, deadline);
		return again(word, expected, deadline, LEAVE_ACCEPT);
	}
	/* We run, so this does not make us ready; a caller may have done it already. */
	atomic_fetch_and(&self->state, ~(uint64_t)STATE_ACCEPTING);
	if (status != MAPPING_WAIT)
		return answer(status, 0);
	shortage_wait();
	return again(word, expected, deadline, LEAVE_QUEUE);
}

struct result sys_accept(uint64_t word, uint64_t expected, uint64_t deadline)
{
	return word_is_good(word) ? accept(word, expected, deadline) : answer(PUDU_ERR_ADDRESS, 0);
}

/* @ready: NULL, or who has its answer: it goes on here if the caller waits now. */
static struct result accept_after(struct executor *ready, uint64_t word, uint64_t expected,
				  uint64_t deadline)
{
	struct result result = accept(word, expected, deadline);

	if (ready != NULL && result.status == LEAVE_ACCEPT)
		this_hart->handoff = ready;
	else if (ready != NULL)
		sched_enqueue(ready);
	return result;
}

struct result sys_reply_accept(uint64_t word, uint64_t r0, uint64_t r1, uint64_t r2, uint64_t r3,
			       uint64_t deadline, uint64_t expected)
{
	const uint64_t words[REPLY_WORDS] = { r0, r1, r2, r3 };
	struct executor *ready;

	if (!word_is_good(word))
		return answer(PUDU_ERR_ADDRESS, 0);

	int64_t status = calls_answer(NULL, words, &ready);

	if (status != PUDU_OK)
		return answer(status, 0);

	return accept_after(ready, word, expected, deadline);
}

struct result sys_reply_accept_late(uint64_t word, uint64_t r0, uint64_t r1, uint64_t r2,
				    uint64_t r3, uint64_t deadline, uint64_t expected)
{
	const uint64_t words[REPLY_WORDS] = { r0, r1, r2, r3 };
	struct executor *ready = this_hart->handoff;

	this_hart->handoff = NULL;
	calls_write(ready, words);
	return accept_after(ready, word, expected, deadline);
}
