/* SPDX-License-Identifier: MIT */
/*
 * fast_call.S - the short ways of call and reply_accept: from one executor to the other, the words stay
 * in their registers. See fast.h, and calls.c for what they are short for.
 */
#include "fast.h"

	.section .text.fast, "ax"

/* The executor in t4 goes on at the pc in t0, with the words in a0 to a6; see FAST_RESUME. */
.macro FAST_GO
	FAST_ENTER_FP
	FAST_SWITCH_VAS
	csrw	sepc, t0
	csrw	sscratch, t4
	EACH	ld, t4, 1, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
	ZERO	a7, t0, t1, t2, t3, t4, t5, t6
	sret
.endm

	.globl	call_call
call_call:
	FAST_ENTER
	FAST_OPEN t4
	FAST_CHECK_FP fast_slow
	ld	t0, EXECUTOR_TIMER(t4)
	ld	t1, EXECUTOR_STATE(t6)
	andi	t1, t1, STATE_STOPPED_BIT | STATE_DEAD_BIT
	or	t0, t0, t1
	bnez	t0, fast_slow

	/* The callee waits for a call, and nothing else hinders it: it is ours. */
	addi	t0, t4, EXECUTOR_STATE
	li	t1, STATE_ACCEPTING_BIT
	lr.d.aq	t2, (t0)
	bne	t2, t1, fast_slow
	li	t1, STATE_OWNED_BIT
	sc.d.rl	t2, t1, (t0)
	bnez	t2, fast_slow
	FAST_SAVE
	sd	zero, EXECUTOR_CONTEXT(t6)	# CONTEXT_CALL
	sd	t4, EXECUTOR_CALLEE(t6)
	sd	t6, EXECUTOR_CALLER(t4)
	sd	tp, EXECUTOR_HART(t4)
	sd	t4, HART_CURRENT(tp)
	ld	a0, EXECUTOR_BADGE(t6)

	/* Let go of the caller, and be seen as the hart of the callee: see dispatch(). */
	addi	t0, t6, EXECUTOR_STATE
1:	lr.d.aqrl t2, (t0)
	andi	t1, t2, STATE_STOPPED_BIT | STATE_DEAD_BIT
	bnez	t1, .Lcall_late
	xori	t2, t2, STATE_CALLING_BIT | STATE_OWNED_BIT
	sc.d.rl	t1, t2, (t0)
	bnez	t1, 1b				# others may own it from here on
	ld	t0, EXECUTOR_PC(t4)
	ld	t2, EXECUTOR_STATE(t4)
	addi	t0, t0, 4			# behind the accept
	andi	t2, t2, STATE_REASONS_MASK
	bnez	t2, .Lrefuse
	FAST_GO

/* The caller is stopped or ended just now; the callee has been taken. */
.Lcall_late:
	sd	t6, HART_CURRENT(tp)
	sd	t4, HART_HANDOFF(tp)
	lla	t3, sys_call_late
	j	fast_rest

/* t4 must not run after all: the words, and the pc in t0, go to its page. */
.Lrefuse:
	sd	t0, EXECUTOR_PC(t4)
	EACH	sd, t4, 10, 11, 12, 13, 14, 15, 16
	.irp	n, 5, 6, 7, 17, 28, 29, 30, 31
	sd	zero, X(\n)(t4)
	.endr
	li	t0, 1
	sd	t0, EXECUTOR_CONTEXT(t4)	# CONTEXT_FULL
	j	fast_refuse

	.globl	call_reply_accept
call_reply_accept:
	addi	t0, a5, 1
	or	t0, t0, a0
	bnez	t0, .Lreply_slow			# a word, or a deadline
	ld	t4, EXECUTOR_CALLER(t6)
	li	t0, CALLER_GONE_VALUE
	bgeu	t0, t4, .Lreply_slow		# nobody, or it has ended
	ld	t0, EXECUTOR_STATE(t6)
	andi	t0, t0, STATE_NO_ACCEPT_MASK
	bnez	t0, .Lreply_slow
	csrr	t5, sepc
	sd	tp, X(4)(t6)
	ld	tp, EXECUTOR_HART(t6)
	FAST_CHECK_FP .Lreply_slow_tp
	csrw	sscratch, zero
	sd	t5, EXECUTOR_PC(t6)

	FAST_OWN t4, STATE_CALLING_BIT, .Lreply_rest, .Lreply_rest
	sd	zero, EXECUTOR_CONTEXT(t4)	# CONTEXT_CALL, if it was not
	sd	zero, EXECUTOR_CALLER(t6)
	FAST_SAVE
	sd	zero, X(10)(t6)			# the arguments of the accept
	sd	a6, X(11)(t6)
	sd	a5, X(12)(t6)
	li	t0, 2
	sd	t0, EXECUTOR_CONTEXT(t6)	# CONTEXT_ACCEPT
	sd	tp, EXECUTOR_HART(t4)
	sd	t4, HART_CURRENT(tp)

	/* Let go of the callee, and be seen as the hart of the caller: see dispatch(). */
	addi	t0, t6, EXECUTOR_STATE
1:	lr.d.aqrl t2, (t0)
	andi	t1, t2, STATE_NO_ACCEPT_MASK
	bnez	t1, .Lreply_late
	xori	t2, t2, STATE_ACCEPTING_BIT | STATE_OWNED_BIT
	sc.d.rl	t1, t2, (t0)
	bnez	t1, 1b				# others may own it from here on
	ZERO	a5, a6
	ld	t0, EXECUTOR_PC(t4)
	ld	t2, EXECUTOR_STATE(t4)
	andi	t2, t2, STATE_REASONS_MASK
	bnez	t2, .Lrefuse
	FAST_GO				# a0 is 0 already: there was no word

/* Something hinders the callee from waiting; the caller has been taken. */
.Lreply_late:
	sd	t6, HART_CURRENT(tp)
	sd	t4, HART_HANDOFF(tp)
	lla	t3, sys_reply_accept_late
	ld	t5, EXECUTOR_PC(t6)
	csrw	sepc, t5
	ld	tp, X(4)(t6)
	j	call_general

.Lreply_rest:
	ld	t5, EXECUTOR_PC(t6)
	csrw	sepc, t5
.Lreply_slow_tp:
	ld	tp, X(4)(t6)
.Lreply_slow:
	lla	t3, sys_reply_accept
	j	call_general
