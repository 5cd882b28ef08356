/* SPDX-License-Identifier: MIT */
/* fast.S - the short ways of park_if and unpark. See fast.h, and sys_wait.c for what they are short for. */
#include "fast.h"
#include "riscv/csr.h"

	.section .text.fast, "ax"

	.globl	call_unpark
call_unpark:
	FAST_ENTER
	FAST_OPEN t5

	FAST_OWN t5, STATE_PARKED_BIT, .Lnot_just_parked, fast_slow
	.globl	fast_wake
fast_wake:					# t5 is ours: queue it
	ld	t4, HART_GLOBAL(tp)
	sd	zero, EXECUTOR_NEXT(t5)
	FAST_LOCK .Lwake_busy, t4
	ld	t2, GLOBAL_QUEUE_HEAD(t4)
	beqz	t2, 1f
	ld	t2, GLOBAL_QUEUE_TAIL(t4)
	sd	t5, EXECUTOR_NEXT(t2)
	j	2f
1:	sd	t5, GLOBAL_QUEUE_HEAD(t4)
2:	sd	t5, GLOBAL_QUEUE_TAIL(t4)
	FAST_UNLOCK
	fence	rw, rw				# as in sched_call_a_hart
	ld	t0, GLOBAL_IDLE(t4)
	bnez	t0, .Lwake_a_hart
	ld	t2, HART_SLICE_END(tp)
	beqz	t2, .Lcall_a_hart		# a slice has to begin
	li	a0, 0
	li	a1, 0
	FAST_RETURN

.Lnot_just_parked:
	andi	t0, t0, STATE_WAITS_MASK
	bnez	t0, fast_slow
	li	a0, 0
	li	a1, 0
	FAST_RETURN

/* Take the lowest bit of the idle harts, in t0, and interrupt that hart, as sched_call_a_hart. */
.Lwake_a_hart:
	neg	t1, t0
	and	t1, t1, t0
	not	t0, t1
	addi	t2, t4, GLOBAL_IDLE
	amoand.d.aqrl t2, t0, (t2)
	and	t2, t2, t1
	beqz	t2, .Lcall_a_hart		# another one has taken it
1:	srli	t1, t1, 1
	beqz	t1, 2f
	addi	t4, t4, 8
	j	1b
2:	ld	t4, GLOBAL_HARTS(t4)
	li	a0, 1				# this one, counted from the base
	ld	a1, HART_ID(t4)
	li	a6, 0
	li	a7, SBI_IPI_EXTENSION
	ecall					# the fence above is that of sched_interrupt, too
	li	a0, 0
	li	a1, 0
	ZERO	t3, a6, a7
	FAST_RETURN

.Lcall_a_hart:
	lla	t3, sys_unpark_call
	j	fast_rest
.Lwake_busy:
	sd	t5, HART_HANDOFF(tp)
	lla	t3, sys_unpark_enqueue
	j	fast_rest

	.globl	call_park_if
call_park_if:
	FAST_ENTER
#ifdef PUDU_DEBUG
	j	fast_slow				# access.S is where user memory may be touched
#endif
	addi	t0, a2, 1
	bnez	t0, fast_slow			# a deadline
	andi	t0, a0, 3
	bnez	t0, fast_slow
	srli	t0, a0, 30
	li	t1, PUDU_HANDLES >> 30
	bgeu	t0, t1, fast_slow			# not below the handle window
	srli	t0, a0, 12
	beqz	t0, fast_slow			# page 0: refused before PARKED is set, as in user_range
	addi	t1, t6, EXECUTOR_STATE
	li	t0, STATE_PARKED_BIT
	amoor.d.aqrl t2, t0, (t1)		# before the look; see state_wait
	lw	t0, 0(a0)
	andi	t2, t2, STATE_EVENT_BIT
	bnez	t2, fast_slow
	sext.w	t2, a1
	beq	t0, t2, .Lpark
	li	t0, ~STATE_PARKED_BIT
	amoand.d zero, t0, (t1)
	li	a0, -MINUS_ERR_VALUE
	li	a1, 0
	FAST_RETURN

/* Take the first of the queue, and let go of this one. */
.Lpark:
	FAST_SAVE
	sd	zero, EXECUTOR_CONTEXT(t6)	# CONTEXT_CALL
	ld	gp, HART_GLOBAL(tp)
	csrr	t0, sstatus
	bltz	t0, .Lpark_slow
	ld	t4, HART_SECOND(tp)
	bnez	t4, .Lpark_second
	FAST_TAKE_FIRST .Lpark_slow, .Lpark_other
.Lpark_found:
	sd	tp, EXECUTOR_HART(t4)
	sd	t4, HART_CURRENT(tp)
	addi	t0, t6, EXECUTOR_STATE
1:	lr.d.aqrl t1, (t0)			# as state_let_go, and the fence of dispatch()
	andi	t2, t1, STATE_PARKED_BIT | STATE_DEAD_BIT | STATE_UNNAMED_BIT
	addi	t2, t2, -STATE_PARKED_BIT
	bnez	t2, .Lpark_kept
	xori	t1, t1, STATE_OWNED_BIT
	sc.d.rl	t2, t1, (t0)
	bnez	t2, 1b				# another hart may run it from here on
	FAST_RESUME

/* It need not wait any more, or ends: the other one goes on all the same. */
.Lpark_kept:
	sd	t4, HART_HANDOFF(tp)
	sd	t6, HART_CURRENT(tp)
	j	.Lpark_slow
/* The second of this hart has waited before those in the queue. */
.Lpark_second:
	addi	t0, tp, HART_SECOND
	amoswap.d.aq t4, zero, (t0)
	beqz	t4, .Lpark_slow			# another hart has taken it
	ld	t2, EXECUTOR_CONTEXT(t4)
	beqz	t2, .Lpark_found
	sd	t4, HART_HANDOFF(tp)
	j	.Lpark_slow
.Lpark_other:
	FAST_UNLOCK
.Lpark_slow:
	ld	sp, HART_STACK_TOP(tp)
	mv	s0, t6
	call	sched_leave
	j	trap_resume

/* t4 must not run after all; its registers are in its page. */
	.globl	fast_refuse
fast_refuse:
	sd	zero, HART_CURRENT(tp)
	sd	t4, HART_HANDOFF(tp)
	ld	gp, HART_GLOBAL(tp)
	ld	sp, HART_STACK_TOP(tp)
	call	sched_handed
	j	trap_resume

/* In: t3 = address space, to be loaded; t5 = return address. As vas_switch; see FAST_SWITCH_VAS. */
	.globl	fast_cross
fast_cross:
	sd	t3, HART_VAS_NEXT(tp)		# after a fence: see vas_uses
	addi	t1, t3, VAS_HARTS / 2		# too far for one immediate
	addi	t1, t1, VAS_HARTS - VAS_HARTS / 2
	ld	s1, HART_VAS_BIT(tp)
	amoor.d.aqrl t2, s1, (t1)
	and	t2, t2, s1
	beqz	t2, 1f				# it was not told of changes
	ld	s1, VAS_CONTEXT - VAS_HARTS(t1)
	ld	t2, HART_ASID_GENERATION(tp)
	sub	s1, s1, t2			# mode and ASID, and nothing below
	slli	t2, s1, 64 - ASID_SHIFT
	bnez	t2, 1f				# a number of another generation
	ld	t2, EXECUTOR_ROOT(t4)
	or	s1, s1, t2
	csrw	satp, s1
	fence	rw, w
	sd	t3, HART_VAS(tp)
	jr	t5
1:	mv	s1, t0
	mv	s2, a0
	mv	s3, a1
	mv	s4, a2
	mv	s5, a3
	mv	s6, a4
	mv	s7, a5
	mv	s8, a6
	mv	s9, t4
	mv	s10, t5
	ld	gp, HART_GLOBAL(tp)
	ld	sp, HART_STACK_TOP(tp)
	mv	a0, t3
	call	vas_switch
	mv	a0, s2
	mv	a1, s3
	mv	a2, s4
	mv	a3, s5
	mv	a4, s6
	mv	a5, s7
	mv	a6, s8
	mv	t4, s9
	mv	t0, s1
	jr	s10

/* What a short way can't do: the C function of the call, from the start. */
	.globl	fast_slow
fast_slow:
	lla	t3, syscall_slots
	slli	t5, a7, SLOT_SHIFT
	add	t3, t3, t5
	addi	t3, t3, 4			# without the short way
	ld	t0, EXECUTOR_PC(t6)
	addi	t0, t0, -4
	csrw	sepc, t0
	ld	tp, X(4)(t6)
	jr	t3

/* The rest of a call, in t3. */
	.globl	fast_rest
fast_rest:
	ld	t0, EXECUTOR_PC(t6)
	addi	t0, t0, -4
	csrw	sepc, t0
	ld	tp, X(4)(t6)
	j	call_general

/* As mcs_pass_on: who waits behind us has linked itself, or will soon. In: t0 = return address, t1 = our
 * node. Clobbers t2. */
FUNC mcs_fast_pass_on
	ld	t2, 0(t1)
	bnez	t2, 1f
	.word	PAUSE
	j	mcs_fast_pass_on
1:	fence	rw, w
	sd	zero, MCS_HELD(t2)
	jr	t0
END mcs_fast_pass_on
