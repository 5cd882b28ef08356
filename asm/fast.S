/* SPDX-License-Identifier: MIT */
/*
 * fast.S - the system calls where most often nothing has to be done: yield with nobody else
 * ready, unpark and park_if where nobody has to wait or wake, as in every lock.
 *
 * They do what sys_yield, sys_unpark and sys_park_if do, up to where it gets longer, and call
 * those then, from the start: all that was done may be done twice. So does a fault of a load
 * between fast_start and fast_end. On entry, as trap.S leaves it: t6 = executor, sscratch = the
 * program's t6, t0 to t5 free, t3 = the C function.
 */
#include "asm.h"
#include "context.h"
#include "abi/memory.h"

	.text

/* Yield with nobody else ready: a look at the queue, and back. */
	.globl	call_yield
call_yield:
	ld	t5, EXECUTOR_HART(t6)
	ld	t5, HART_GLOBAL(t5)
	ld	t5, GLOBAL_QUEUE_HEAD(t5)
	bnez	t5, .Lyield_to_others
	csrr	t5, sepc
	addi	t5, t5, 4
	csrw	sepc, t5
	ZERO	a0, a1, t3, t4, t5
	csrrw	t6, sscratch, t6
	sret

.Lyield_to_others:
	sd	tp, X(4)(t6)
	csrw	sscratch, zero
	ld	tp, EXECUTOR_HART(t6)
	j	.Lleave_with_ok

.macro FAST_ENTER
	csrw	sscratch, zero
	sd	tp, X(4)(t6)
	ld	tp, EXECUTOR_HART(t6)		# for .Lfrom_kernel
	csrr	t0, sepc
	sd	t0, EXECUTOR_PC(t6)		# a fault in here overwrites sepc
.endm

	.globl	fast_start, fast_end
fast_start:
	.globl	call_unpark
call_unpark:
	FAST_ENTER
	li	t0, PUDU_HANDLES
	sub	t0, a0, t0
	srli	t1, t0, 30
	slli	t0, t0, 52
	or	t0, t0, t1
	bnez	t0, fast_slow			# no handle
	li	t2, 0x1000
	add	t2, t2, a0
	ld	t0, RESOURCE_TAG - 0x700(t2)
	ld	t1, RESOURCE_SELF - 0x700(t2)
	andi	t0, t0, 0xff
	addi	t0, t0, -RESOURCE_EXECUTOR_KIND
	bnez	t0, fast_slow
	fence	rw, rw				# the waker's stores, before the look; see state_remove
	ld	t0, EXECUTOR_STATE(t1)
	andi	t0, t0, STATE_PARKED_BIT
	bnez	t0, fast_slow			# somebody to wake
	li	a0, 0
	j	.Lfast_return

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
	amoor.d.aqrl t2, t0, (t1)		# before the look; see state_park
	lw	t0, 0(a0)
	andi	t2, t2, STATE_EVENT_BIT
	bnez	t2, fast_slow
	sext.w	t2, a1
	beq	t0, t2, .Lleave_with_ok
	li	t0, ~STATE_PARKED_BIT
	amoand.d zero, t0, (t1)
	li	a0, -MINUS_ERR_VALUE
fast_end:
.Lfast_return:
	ld	t0, EXECUTOR_PC(t6)
	addi	t0, t0, 4
	csrw	sepc, t0
	ld	tp, X(4)(t6)
	csrw	sscratch, t6
	ZERO	a1, t0, t1, t2, t3, t4, t5, t6
	sret

	.globl	fast_slow
fast_slow:
	ld	t0, EXECUTOR_PC(t6)
	csrw	sepc, t0
	ld	tp, X(4)(t6)
	j	call_light

/*
 * The caller does not go on now: it finds 0 in a0 and a1 when it does. tp is saved and the hart
 * page.
 */
.Lleave_with_ok:
	EACH	sd, t6, 1, 2, 3, 8
	sd	zero, X(10)(t6)
	sd	zero, X(11)(t6)
	csrr	t0, sepc
	addi	t0, t0, 4
	mv	s0, t6
	ld	gp, HART_GLOBAL(tp)
	ld	sp, HART_STACK_TOP(tp)
	j	call_switch
