/* SPDX-License-Identifier: MIT */
/* sys_executor.c - executor_start, executor_stop, executor_regs, executor_state, terminate. */
#include <string.h>

#include "abi/executor.h"
#include "abi/status.h"
#include "kernel/fp.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/sched.h"
#include "kernel/shortage.h"
#include "kernel/syscall.h"
#include "kernel/user.h"

#define REGS_SIZE    256
#define REGS_FP_SIZE 264

/* The caller goes on, or not, as its state says. */
static struct result go_on(int64_t status)
{
	struct executor *self = current();

	if ((atomic_load_explicit(&self->state, memory_order_relaxed) & STATE_REASONS) == 0)
		return answer(status, 0);
	/* The call may have left nothing in the page: see asm/trap.S. */
	self->x[X_A0 - 1] = (uint64_t)status;
	for (unsigned n = X_A1; n <= X_A7; n++)
		self->x[n - 1] = 0;
	return answer(LEAVE_CALL, 0);
}

static bool is_dead(struct executor *executor)
{
	return atomic_load_explicit(&executor->state, memory_order_acquire) & STATE_DEAD;
}

struct result sys_executor_start(uint64_t handle)
{
	struct handle_result opened = handle_open_write(handle, RESOURCE_EXECUTOR);

	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);
	if (is_dead(opened.page))
		return answer(PUDU_ERR_DEAD, 0);
	sched_wake(opened.page, STATE_STOPPED);
	return answer(PUDU_OK, 0);
}

struct result sys_executor_stop(uint64_t handle)
{
	struct handle_result opened = handle_open_write(handle, RESOURCE_EXECUTOR);
	struct executor *executor = opened.page;

	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);

	uint64_t before = state_add(&executor->state, STATE_STOPPED);

	if (before & STATE_DEAD)
		return answer(PUDU_ERR_DEAD, 0);
	sched_nudge(executor);
	if (before & STATE_UNNAMED) /* its last handle has gone just now: nobody starts it again */
		executor_end_unreachable(executor);
	return go_on(PUDU_OK);
}

/* Registers that a system call has lost read as zero; see the head of asm/trap.S. */
static void complete_registers(struct executor *executor)
{
	if (executor->context == CONTEXT_FULL || executor->context == CONTEXT_TIMED)
		return;
	bool accepts = executor->context == CONTEXT_ACCEPT;
	uint64_t word = executor->x[X_A0 - 1], expected = executor->x[X_A1 - 1];
	uint64_t deadline = executor->x[X_A1];
	for (unsigned n = 5; n < 32; n++)
		if (n == 5 || n == 6 || n == 7 || (n >= X_A0 && n <= X_A7) || n >= 28)
			executor->x[n - 1] = 0;
	if (accepts) {
		executor->x[X_A0 - 1] = word;
		executor->x[X_A1 - 1] = expected;
		executor->x[X_A1] = deadline;
		executor->x[X_A7 - 1] = SYSCALL_accept;
	}
}

/* The registers of @executor, which the caller owns, from or to checked user memory. */
static int64_t copy_registers(struct executor *executor, uint64_t operation, uint64_t buffer)
{
	uint64_t words[REGS_FP_SIZE / 8];
	int64_t status;

	switch (operation) {
	case PUDU_REGS_READ:
		complete_registers(executor);
		return user_write(buffer, &executor->pc, REGS_SIZE);
	case PUDU_REGS_WRITE:
		status = user_read(words, buffer, REGS_SIZE);
		if (status != PUDU_OK)
			return status;
		if (!user_pc(words[0]))
			return PUDU_ERR_ADDRESS;
		/* What it accepts would go into the new registers. */
		atomic_fetch_and(&executor->state, ~(uint64_t)STATE_ACCEPTING);
		executor->pc = words[0];
		memcpy(executor->x, words + 1, sizeof executor->x);
		executor->context = CONTEXT_FULL;
		return PUDU_OK;
	case PUDU_REGS_READ_FP:
		if (executor->fp_tag == 0)
			memset(executor->f, 0, REGS_FP_SIZE);
		return user_write(buffer, executor->f, REGS_FP_SIZE);
	default:
		status = user_read(words, buffer, REGS_FP_SIZE);
		if (status != PUDU_OK)
			return status;
		memcpy(executor->f, words, REGS_FP_SIZE);
		executor->fp_tag = fp_new_tag(); /* no hart's registers hold these */
		return PUDU_OK;
	}
}

static bool awaits_reply(struct executor *executor)
{
	return atomic_load_explicit(&executor->state, memory_order_relaxed) & STATE_CALLING;
}

struct result sys_executor_regs(uint64_t handle, uint64_t operation, uint64_t buffer,
				uint64_t length)
{
	struct handle_result opened = handle_open_write(handle, RESOURCE_EXECUTOR);
	struct executor *executor = opened.page;

	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);
	if (operation > PUDU_REGS_WRITE_FP)
		return answer(PUDU_ERR_ARGUMENT, 0);
	if (length != (operation >= PUDU_REGS_READ_FP ? REGS_FP_SIZE : REGS_SIZE))
		return answer(PUDU_ERR_LENGTH, 0);
	if ((buffer & 7) != 0 || !user_range(buffer, length))
		return answer(PUDU_ERR_ADDRESS, 0);
	if (is_dead(executor))
		return answer(PUDU_ERR_DEAD, 0);
	if (!state_claim(&executor->state))
		return answer(PUDU_ERR_STATE, 0);

	int64_t status = PUDU_ERR_STATE;

	if (!awaits_reply(executor) || operation != PUDU_REGS_WRITE)
		status = copy_registers(executor, operation, buffer);

	sched_let_go(executor);
	if (status != MAPPING_WAIT)
		return answer(status, 0);
	shortage_wait();
	return answer(LEAVE_QUEUE, 0);
}

struct result sys_executor_state(uint64_t handle)
{
	struct handle_result opened = handle_open_read(handle, RESOURCE_EXECUTOR);
	struct executor *executor = opened.page, *self = current();

	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);

	/* acquire: with DEAD comes the code; pairs with executor_end */
	uint64_t state = atomic_load_explicit(&executor->state, memory_order_acquire);
	bool dead = state & STATE_DEAD;

	self->x[X_A0 - 1] = PUDU_OK;
	self->x[X_A1 - 1] = state & (STATE_REASONS | STATE_OWNED);
	self->x[X_A1] = dead ? executor->code : 0;
	self->x[X_A1 + 1] = dead ? executor->address : 0;
	return answer(LEAVE_RESULTS, 0);
}

struct result sys_terminate(uint64_t handle, uint64_t code)
{
	struct executor *executor = current();

	if (handle != 0) {
		struct handle_result opened = handle_open_write(handle, RESOURCE_EXECUTOR);

		if (opened.status != PUDU_OK)
			return answer(opened.status, 0);
		executor = opened.page;
	}
	return go_on(executor_end(executor, code, 0));
}
