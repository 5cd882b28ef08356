/* SPDX-License-Identifier: MIT */
/*
 * fast_tick.S - the short way of an interrupt by the timer at the end of a slice when nobody is ready:
 * the slice is over, and none begins. What trap_user does where nothing else waits for this hart.
 */
#include "fast.h"
#include "riscv/csr.h"

	.section .text.fast, "ax"

/* In: t6 = executor, sscratch = the program's t6, t5 is in the page; all others the program's. */
	.globl	fast_tick
fast_tick:
	ld	t5, EXECUTOR_HART(t6)
	ld	t5, HART_SECOND(t5)
	bnez	t5, trap_full
	ld	t5, EXECUTOR_HART(t6)
	ld	t5, HART_GLOBAL(t5)
	ld	t5, GLOBAL_QUEUE_HEAD(t5)
	bnez	t5, trap_full			# somebody is ready
	sd	t0, X(5)(t6)
	sd	t1, X(6)(t6)
	sd	t2, X(7)(t6)
	ld	t0, EXECUTOR_HART(t6)
	ld	t5, HART_GLOBAL(t0)
	ld	t1, GLOBAL_GRAVES(t5)		# an address space wants to be torn down
	ld	t2, HART_DEAD(t0)		# pages wait to be freed
	or	t1, t1, t2
	bnez	t1, .Ltick_slow
	ld	t2, GLOBAL_HAS_SSTC(t5)
	beqz	t2, .Ltick_slow
	ld	t1, HART_DEADLINE(t0)
	ld	t2, HART_WATCHDOG(t0)
	bltu	t1, t2, 1f
	mv	t1, t2
1:	csrr	t2, time
	bgeu	t2, t1, .Ltick_slow		# a deadline has passed
	csrw	CSR_STIMECMP, t1
	sd	zero, HART_SLICE_END(t0)
	ld	t0, HART_FREE(t0)
	ld	t1, FREE_TIMER_INTERRUPTS(t0)
	addi	t1, t1, 1
	sd	t1, FREE_TIMER_INTERRUPTS(t0)
	ld	t0, X(5)(t6)
	ld	t1, X(6)(t6)
	ld	t2, X(7)(t6)
	ld	t5, X(30)(t6)
	csrrw	t6, sscratch, t6
	sret

.Ltick_slow:
	ld	t0, X(5)(t6)
	ld	t1, X(6)(t6)
	ld	t2, X(7)(t6)
	j	trap_full
