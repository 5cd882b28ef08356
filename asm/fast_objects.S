/* SPDX-License-Identifier: MIT */
/*
 * fast_objects.S - the short ways of executor_create, executor_start, terminate and unmap. See fast.h;
 * all but that of executor_start go on in C (sys_short.c).
 */
#include "fast.h"

	.section .text.fast, "ax"

/* Call a function in C. On its return t6 = executor again; a0: its result. */
.macro SHORT_CALL name
	EACH	sd, t6, 1, 2, 3
	ld	gp, HART_GLOBAL(tp)
	ld	sp, HART_STACK_TOP(tp)
	call	\name
	ld	t6, HART_CURRENT(tp)
	EACH	ld, t6, 1, 2, 3
.endm

/* Back with a0 and a1 set; all else that a call loses is zero. */
.macro SHORT_RETURN
	ZERO	a2, a3, a4, a5, a6, a7, t3
	FAST_RETURN
.endm

	.globl	call_executor_start
call_executor_start:
	FAST_ENTER
	FAST_OPEN t5
	sd	zero, RESOURCE_TOUCHED - 0x700(t2)	# faults without W

	FAST_OWN t5, STATE_STOPPED_BIT, fast_slow, fast_slow
	j	fast_wake

	.globl	call_executor_create
call_executor_create:
	FAST_ENTER
	FAST_OPEN t4, a1, RESOURCE_VAS_KIND
	sd	zero, RESOURCE_TOUCHED - 0x700(t2)
	EACH	sd, t6, 10, 11, 12, 13, 14, 15
	mv	a1, t4
	SHORT_CALL short_executor_create
	beqz	a0, .Lcreate_slow
	srli	a1, a0, 8			# the id
	li	a0, 0
	SHORT_RETURN
.Lcreate_slow:
	EACH	ld, t6, 10, 11, 12, 13, 14, 15
	ZERO	a6
	li	a7, SYSCALL_EXECUTOR_CREATE
	j	fast_slow

	.globl	call_unmap
call_unmap:
	srli	t0, a1, 30
	addi	t0, t0, -(PUDU_HANDLES >> 30)
	bnez	t0, .Lunmap_memory
	FAST_ENTER
	FAST_OPEN t4, a0, RESOURCE_VAS_KIND
	sd	zero, RESOURCE_TOUCHED - 0x700(t2)
	EACH	sd, t6, 10, 11, 12, 16
	mv	a0, t4
	SHORT_CALL short_unmap
	beqz	a0, .Lunmap_slow
	li	a0, 0
	lui	a1, 1				# bytes done
	SHORT_RETURN
.Lunmap_memory:
	lla	t3, sys_unmap
	j	call_general
.Lunmap_slow:
	EACH	ld, t6, 10, 11, 12, 16
	ZERO	a3, a4, a5
	li	a7, SYSCALL_UNMAP
	j	fast_slow

/* The caller: its registers need not be saved. Then the first of the queue goes on. */
	.globl	call_terminate
call_terminate:
	FAST_ENTER
	bnez	a0, fast_slow
	EACH	sd, t6, 1, 2, 3, 11
	ld	gp, HART_GLOBAL(tp)
	ld	sp, HART_STACK_TOP(tp)
	mv	a0, a1
	call	short_terminate
	beqz	a0, .Lterminate_slow
	ld	t0, HART_SECOND(tp)
	bnez	t0, .Lterminate_second
	FAST_TAKE_FIRST .Lterminate_busy, .Lterminate_other
.Lterminate_found:
	sd	tp, EXECUTOR_HART(t4)
	sd	t4, HART_CURRENT(tp)
	fence	rw, rw				# as in dispatch()
	j	fast_resume

/* The second of this hart, if another one has not taken it. */
.Lterminate_second:
	addi	t0, tp, HART_SECOND
	amoswap.d.aq t4, zero, (t0)
	beqz	t4, .Lterminate_busy
	ld	t2, EXECUTOR_CONTEXT(t4)
	beqz	t2, .Lterminate_found
	j	fast_refuse
.Lterminate_other:
	FAST_UNLOCK
.Lterminate_busy:
	call	sched_next
	j	trap_resume

.Lterminate_slow:
	ld	t6, HART_CURRENT(tp)
	EACH	ld, t6, 1, 2, 3, 11
	ZERO	a0
	li	a7, SYSCALL_TERMINATE
	j	fast_slow
