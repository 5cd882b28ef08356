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
#include "riscv/sbi.h"

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
	OFFSET(EXECUTOR_NEXT, executor, next);
	OFFSET(EXECUTOR_TIMER, executor, timer);
	OFFSET(EXECUTOR_VAS, executor, vas);
	OFFSET(EXECUTOR_FP_TAG, executor, fp_tag);
	OFFSET(EXECUTOR_F, executor, f);
	OFFSET(EXECUTOR_ROOT, executor, root);
	OFFSET(EXECUTOR_BADGE, executor, badge);
	OFFSET(EXECUTOR_CALLER, executor, caller);
	OFFSET(EXECUTOR_CALLEE, executor, callee);
	OFFSET(HART_GLOBAL, hart, global);
	OFFSET(HART_STACK_TOP, hart, stack_top);
	OFFSET(HART_CURRENT, hart, current);
	OFFSET(HART_FP_TAG, hart, fp_tag);
	OFFSET(HART_VAS, hart, vas);
	OFFSET(HART_VAS_NEXT, hart, vas_next);
	OFFSET(HART_VAS_BIT, hart, vas_bit);
	OFFSET(HART_ASID_GENERATION, hart, asid_generation);
	OFFSET(HART_SLICE_END, hart, slice_end);
	OFFSET(HART_SECOND, hart, second);
	OFFSET(HART_HANDOFF, hart, handoff);
	OFFSET(HART_ID, hart, id);
	OFFSET(HART_DEADLINE, hart, deadline);
	OFFSET(HART_WATCHDOG, hart, watchdog);
	OFFSET(HART_DEAD, hart, dead);
	OFFSET(HART_FREE, hart, free);
	OFFSET(FREE_TIMER_INTERRUPTS, pudu_free_share, timer_interrupts);
	OFFSET(GLOBAL_GRAVES, global, graves);
	OFFSET(GLOBAL_HAS_SSTC, global, has_sstc);
	VALUE(HART_QUEUE_NODE, offsetof(struct hart, lock_next[LOCK_QUEUE]));
	VALUE(MCS_HELD, offsetof(struct mcs_node, held));
	OFFSET(HART_FAULT_SCRATCH, hart, fault_scratch);
	OFFSET(HART_FAULT_X, hart, fault_x);
	OFFSET(GLOBAL_QUEUE_LOCK, global, queue_lock);
	OFFSET(GLOBAL_QUEUE_HEAD, global, queue_head);
	OFFSET(GLOBAL_QUEUE_TAIL, global, queue_tail);
	OFFSET(GLOBAL_IDLE, global, idle);
	OFFSET(GLOBAL_HARTS, global, harts);
	OFFSET(VAS_HARTS, vas, harts);
	OFFSET(VAS_CONTEXT, vas, context);
	OFFSET(RESOURCE_TAG, resource, tag);
	OFFSET(RESOURCE_SELF, resource, self);
	OFFSET(RESOURCE_TOUCHED, resource, touched);

	VALUE(RESOURCE_EXECUTOR_KIND, RESOURCE_EXECUTOR);
	VALUE(RESOURCE_VAS_KIND, RESOURCE_VAS);
	VALUE(STATE_STOPPED_BIT, STATE_STOPPED);
	VALUE(STATE_PARKED_BIT, STATE_PARKED);
	VALUE(STATE_CALLING_BIT, STATE_CALLING);
	VALUE(STATE_ACCEPTING_BIT, STATE_ACCEPTING);
	VALUE(STATE_DEAD_BIT, STATE_DEAD);
	VALUE(STATE_OWNED_BIT, STATE_OWNED);
	VALUE(STATE_EVENT_BIT, STATE_EVENT);
	VALUE(STATE_UNNAMED_BIT, STATE_UNNAMED);
	VALUE(STATE_WAITS_MASK, STATE_WAITS);
	VALUE(STATE_REASONS_MASK, STATE_REASONS);
	VALUE(STATE_NO_ACCEPT_MASK,
	      STATE_STOPPED | STATE_DEAD | STATE_EVENT | STATE_CALLERS | STATE_UNNAMED);
	VALUE(CALLER_GONE_VALUE, CALLER_GONE);
	VALUE(LEAVE_RESULTS, LEAVE_RESULTS);
	VALUE(LEAVE_SWITCH, LEAVE_SWITCH);
	VALUE(LEAVE_QUEUE, LEAVE_QUEUE);
	VALUE(LEAVE_CALL, LEAVE_CALL);
	VALUE(LEAVE_MESSAGE, LEAVE_MESSAGE);
	VALUE(LEAVE_ACCEPT, LEAVE_ACCEPT);
	VALUE(LEAVE_TIMED, LEAVE_TIMED);
	VALUE(SBI_IPI_EXTENSION, SBI_IPI);
	VALUE(SYSCALL_ACCEPT, SYSCALL_accept);
	VALUE(SYSCALL_UNMAP, SYSCALL_unmap);
	VALUE(SYSCALL_EXECUTOR_CREATE, SYSCALL_executor_create);
	VALUE(SYSCALL_TERMINATE, SYSCALL_terminate);
	VALUE(SYSCALL_SLOTS, SYSCALL_LAST + 1);
	/* Errors as positive numbers: the header that is made from them has no signs. */
	VALUE(MINUS_ERR_SYSCALL, -PUDU_ERR_SYSCALL);
	VALUE(MINUS_ERR_HANDLE, -PUDU_ERR_HANDLE);
	VALUE(MINUS_ERR_KIND, -PUDU_ERR_KIND);
	VALUE(MINUS_ERR_RIGHT, -PUDU_ERR_RIGHT);
	VALUE(MINUS_ERR_VALUE, -PUDU_ERR_VALUE);
	VALUE(MINUS_ERR_ADDRESS, -PUDU_ERR_ADDRESS);
}
