/* SPDX-License-Identifier: MIT */
/*
 * fast_yield.S - the short ways of yield, and the end of all that go on with another executor. See fast.h,
 * and ready_give_way for what they are short for.
 */
#include "fast.h"

	.section .text.fast, "ax"

/* With nobody else ready: a look at both places, and back. */
	.globl	call_yield
call_yield:
	ld	t5, EXECUTOR_HART(t6)
	ld	t4, HART_GLOBAL(t5)
	ld	t3, HART_SECOND(t5)
	ld	t4, GLOBAL_QUEUE_HEAD(t4)
	bnez	t3, .Lyield_to_others
	bnez	t4, .Lyield_to_others
	csrr	t5, sepc
	addi	t5, t5, 4
	csrw	sepc, t5
	ZERO	a0, a1, t3, t4, t5
	csrrw	t6, sscratch, t6
	sret

/* t3: is there a second? t4: is anybody queued? If only a second, change places with it: see ready_give_way. */
.Lyield_to_others:
	ld	t0, HART_SLICE_END(t5)
	beqz	t0, .Lyield_slow		# a slice has to begin
	csrr	t0, sstatus
	bltz	t0, .Lyield_slow
	bnez	t4, .Lyield_to_queue
	FAST_ENTER
	FAST_SAVE
	sd	zero, EXECUTOR_CONTEXT(t6)	# CONTEXT_CALL
	addi	t0, tp, HART_SECOND
	amoswap.d.aqrl t4, t6, (t0)		# another hart may run it from here on
.Lyield_to_second:
	beqz	t4, .Lyield_late
	ld	t2, EXECUTOR_CONTEXT(t4)
	bnez	t2, fast_refuse
	sd	tp, EXECUTOR_HART(t4)
	sd	t4, HART_CURRENT(tp)
	fence	rw, rw				# as in dispatch()

/* In: as FAST_RESUME. */
	.globl	fast_resume
fast_resume:
	FAST_RESUME

/* Append this one; the first of the queue is the second from now on. */
.Lyield_to_queue:
	FAST_ENTER
	FAST_SAVE
	sd	zero, EXECUTOR_CONTEXT(t6)	# CONTEXT_CALL
	ld	gp, HART_GLOBAL(tp)
	FAST_LOCK .Lyield_busy
	ld	t2, HART_SECOND(tp)
	beqz	t2, .Lyield_to_two
	ld	t3, GLOBAL_QUEUE_HEAD(gp)
	beqz	t3, .Lyield_other
	ld	t2, GLOBAL_QUEUE_TAIL(gp)
	sd	zero, EXECUTOR_NEXT(t6)
	sd	t6, EXECUTOR_NEXT(t2)
	sd	t6, GLOBAL_QUEUE_TAIL(gp)
	ld	t2, EXECUTOR_NEXT(t3)
	sd	t2, GLOBAL_QUEUE_HEAD(gp)
	FAST_UNLOCK				# another hart may run it from here on
	addi	t0, tp, HART_SECOND
	amoswap.d.aqrl t4, t3, (t0)
	j	.Lyield_to_second

/* There is no second: append this one, take two, and call a hart for the second of them. */
.Lyield_to_two:
	FAST_PEEK .Lyield_other
	ld	t3, EXECUTOR_NEXT(t4)
	sd	zero, EXECUTOR_NEXT(t6)
	bnez	t3, 1f
	mv	t3, t6
	sd	zero, GLOBAL_QUEUE_HEAD(gp)
	j	2f
1:	ld	t2, GLOBAL_QUEUE_TAIL(gp)
	sd	t6, EXECUTOR_NEXT(t2)
	sd	t6, GLOBAL_QUEUE_TAIL(gp)
	ld	t2, EXECUTOR_NEXT(t3)
	sd	t2, GLOBAL_QUEUE_HEAD(gp)
2:	FAST_UNLOCK
	addi	t0, tp, HART_SECOND
	amoswap.d.aqrl zero, t3, (t0)
	sd	tp, EXECUTOR_HART(t4)
	sd	t4, HART_CURRENT(tp)
	fence	rw, rw				# as in dispatch(), and in sched_call_a_hart
	ld	t0, GLOBAL_IDLE(gp)
	beqz	t0, fast_resume
	sd	zero, HART_CURRENT(tp)
	sd	t4, HART_HANDOFF(tp)
	ld	sp, HART_STACK_TOP(tp)
	call	sched_call_a_hart
	call	sched_handed
	j	trap_resume

/* Another hart has taken the second. */
.Lyield_late:
	sd	zero, HART_CURRENT(tp)
	ld	gp, HART_GLOBAL(tp)
	ld	sp, HART_STACK_TOP(tp)
	call	sched_next
	j	trap_resume

.Lyield_slow:
	lla	t3, sys_yield
	j	call_general

.Lyield_other:
	FAST_UNLOCK
.Lyield_busy:
	ld	gp, X(3)(t6)
	j	fast_slow
