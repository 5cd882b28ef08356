/* SPDX-License-Identifier: MIT */
/*
 * offsets.c - the numbers that assembly needs of C structs, as absolute symbols.
 *
 * Compiled, never linked: the build turns the symbols of the object into offsets.h. A field that
 * moves moves in the assembly too; one that is renamed breaks the build here.
 */
#include "abi/status.h"
#include "kernel/hart.h"
#include "kernel/syscall.h"
#include "kernel/vas.h"

#define VALUE(symbol, value)                                                                       \
	__asm__ volatile(".globl " #symbol "\n.set " #symbol ", %0" ::"i"(value))
#define OFFSET(symbol, type, field) VALUE(symbol, offsetof(struct type, field))

void offsets(void);
void offsets(void)
{
	OFFSET(EXECUTOR_PC, executor, pc);
	OFFSET(EXECUTOR_X, executor, x);
	OFFSET(EXECUTOR_CONTEXT, executor, context);
	OFFSET(EXECUTOR_STATE, executor, state);
	OFFSET(EXECUTOR_HART, executor, hart);
	OFFSET(HART_GLOBAL, hart, global);
	OFFSET(HART_STACK_TOP, hart, stack_top);
	OFFSET(HART_FAULT_SCRATCH, hart, fault_scratch);
	OFFSET(HART_FAULT_X, hart, fault_x);
	OFFSET(GLOBAL_QUEUE_HEAD, global, queue_head);
	OFFSET(RESOURCE_TAG, resource, tag);
	OFFSET(RESOURCE_SELF, resource, self);
	OFFSET(RESOURCE_TOUCHED, resource, touched);

	VALUE(RESOURCE_EXECUTOR_KIND, RESOURCE_EXECUTOR);
	VALUE(STATE_PARKED_BIT, STATE_PARKED);
	VALUE(STATE_EVENT_BIT, STATE_EVENT);
	VALUE(LEAVE_RESULTS, LEAVE_RESULTS);
	VALUE(LEAVE_QUEUE, LEAVE_QUEUE);
	VALUE(SYSCALL_SLOTS, SYSCALL_LAST + 1);
	/* Errors as positive numbers: the header that is made from them has no signs. */
	VALUE(MINUS_ERR_SYSCALL, -PUDU_ERR_SYSCALL);
	VALUE(MINUS_ERR_HANDLE, -PUDU_ERR_HANDLE);
	VALUE(MINUS_ERR_KIND, -PUDU_ERR_KIND);
	VALUE(MINUS_ERR_RIGHT, -PUDU_ERR_RIGHT);
	VALUE(MINUS_ERR_VALUE, -PUDU_ERR_VALUE);
	VALUE(MINUS_ERR_ADDRESS, -PUDU_ERR_ADDRESS);
}
