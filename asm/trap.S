/* SPDX-License-Identifier: MIT */
/*
 * trap.S - the only way into the kernel and out of it.
 *
 *		user mode			kernel
 *	sscratch	page of the executor	0
 *	gp, tp, s0	the program's		global page, hart page, page of the executor
 *	sp		the program's		the hart's stack, empty at each entry
 *
 * The kernel has one stack per hart and keeps nothing on it between traps. A system call is like any call of a
 * function: the registers that a function may change (t0-t6, a2-a7) come back as zero, so that nothing of the
 * kernel or of another executor is seen in them, and the saved ones need not be stored unless
 * another executor runs next. An interrupt or a fault stores everything.
 *
 * Interrupts stay off in the kernel, so a trap taken there is a fault: one of access.S, or a bug.
 */
#include "asm.h"
#include "context.h"
#include "riscv/csr.h"

	.text

/* In: user registers, sscratch = executor; or kernel registers, sscratch = 0. */
FUNC trap_entry
	csrrw	t6, sscratch, t6
	beqz	t6, .Lfrom_kernel
	sd	t5, X(30)(t6)
	csrr	t5, scause
	addi	t5, t5, -CAUSE_ECALL_U
	bnez	t5, .Linterrupt_or_fault

	/* A system call: t0 to t6 are free, a7 is the number. */
	li	t5, SYSCALL_SLOTS
	bgeu	a7, t5, .Lunknown
	slli	t5, a7, SLOT_SHIFT
.Ldispatch:
	auipc	t4, %pcrel_hi(syscall_slots)
	add	t5, t5, t4
	jr	%pcrel_lo(.Ldispatch)(t5)

/* No such number. */
.Lunknown:
	csrr	t5, sepc
	addi	t5, t5, 4
	csrw	sepc, t5
	li	a0, -MINUS_ERR_SYSCALL
	ZERO	t3, t4, t5
	csrrw	t6, sscratch, t6
	sret

/* t3 = function. The arguments are kept, for calls that are restarted, and for callees. */
	.globl	call_general
call_general:
	EACH	sd, t6, 1, 2, 3, 4, 8, 10, 11, 12, 13, 14, 15, 16, 17
	csrr	t0, sepc
	sd	t0, EXECUTOR_PC(t6)
	csrw	sscratch, zero
	mv	s0, t6
	ld	tp, EXECUTOR_HART(s0)
	ld	gp, HART_GLOBAL(tp)
	ld	sp, HART_STACK_TOP(tp)
	jalr	t3
	ld	t0, EXECUTOR_PC(s0)
	bgtz	a0, .Lleave
	addi	t0, t0, 4
	ZERO	a2, a3
.Lback:
	csrw	sepc, t0
	csrw	sscratch, s0
	ZERO	a4, a5, a6, a7
.Lback_with_arguments:
	EACH	ld, s0, 1, 2, 3, 4, 8
	ZERO	t0, t1, t2, t3, t4, t5, t6
	sret

/* a0 = LEAVE_*, t0 = pc of the ecall */
.Lleave:
	li	t1, LEAVE_RESULTS
	bltu	a0, t1, .Lrestart
	li	t2, 1				# CONTEXT_FULL
	li	t1, LEAVE_QUEUE
	beq	a0, t1, .Lleave_full
	li	t1, LEAVE_ACCEPT
	beq	a0, t1, .Laccept
	addi	t0, t0, 4
	li	t1, LEAVE_SWITCH
	beq	a0, t1, .Lswitch
	li	t1, LEAVE_CALL
	beq	a0, t1, .Lleave_full
	addi	t1, a0, -LEAVE_TIMED
	beqz	t1, .Ltimed
	addi	t1, a0, -LEAVE_MESSAGE
	EACH	ld, s0, 10, 11, 12, 13
	bnez	t1, .Lback
	csrw	sepc, t0
	csrw	sscratch, s0
	EACH	ld, s0, 14, 15, 16
	ZERO	a7
	j	.Lback_with_arguments

.Lrestart:
	csrw	sepc, t0
	csrw	sscratch, s0
	EACH	ld, s0, 10, 11, 12, 13, 14, 15, 16, 17
	j	.Lback_with_arguments

/* a0 to a7 are in the page; the other registers that a call loses come back zero. t2 = CONTEXT_* */
.Ltimed:
	li	t2, 3				# CONTEXT_TIMED
.Lleave_full:
	.irp	n, 5, 6, 7, 28, 29, 30, 31
	sd	zero, X(\n)(s0)
	.endr
	j	.Lgo
.Laccept:
	li	t2, 2				# CONTEXT_ACCEPT
	j	.Lgo
.Lswitch:
	li	t2, 0				# CONTEXT_CALL
.Lgo:	sd	t2, EXECUTOR_CONTEXT(s0)
	sd	t0, EXECUTOR_PC(s0)
	EACH	sd, s0, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
	call	sched_leave
	/* fall through */

/* In: a0 = executor: current, its address space loaded. Out: user mode. */
FUNC trap_resume
	ld	t0, EXECUTOR_PC(a0)
	csrw	sepc, t0
	sc.d	zero, zero, (tp)		# drops a reservation of the one before; the word it may
						# store to is the node of a lock that is not held
	csrw	sscratch, a0
	ld	t0, EXECUTOR_CONTEXT(a0)
	bnez	t0, .Lresume_more
	EACH	ld, a0, 1, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
	ZERO	a0, a1, a2, a3, a4, a5, a6, a7, t0, t1, t2, t3, t4, t5, t6
	sret
.Lresume_more:
	addi	t0, t0, -2
	beqz	t0, .Lresume_accept
	EACH	ld, a0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21
	EACH	ld, a0, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 10
	sret

.Lresume_accept:
	EACH	ld, a0, 1, 2, 3, 4, 8, 9, 11, 12, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 10
	li	a7, SYSCALL_ACCEPT
	ZERO	a3, a4, a5, a6, t0, t1, t2, t3, t4, t5, t6
	sret

.Linterrupt_or_fault:
	csrr	t5, scause
	bgez	t5, trap_full
	addi	t5, t5, -INTERRUPT_TIMER
	slli	t5, t5, 1
	beqz	t5, fast_tick
	.globl	trap_full
trap_full:
	EACH	sd, t6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21
	EACH	sd, t6, 22, 23, 24, 25, 26, 27, 28, 29
	csrrw	t0, sscratch, zero
	sd	t0, X(31)(t6)
	csrr	t0, sepc
	sd	t0, EXECUTOR_PC(t6)
	li	t0, 1
	sd	t0, EXECUTOR_CONTEXT(t6)	# CONTEXT_FULL
	mv	s0, t6
	ld	tp, EXECUTOR_HART(s0)
	ld	gp, HART_GLOBAL(tp)
	ld	sp, HART_STACK_TOP(tp)
	csrr	a0, scause
	csrr	a1, stval
	call	trap_user
	j	trap_resume

.Lfrom_kernel:
	csrrw	t6, sscratch, t6		# as it was: t6 back, sscratch 0
	sd	t0, HART_FAULT_SCRATCH(tp)
	sd	t1, HART_FAULT_SCRATCH + 8(tp)
	csrr	t0, sepc
	lla	t1, fast_end
	bgeu	t0, t1, 4f
	lla	t1, fast_start
	bgeu	t0, t1, .Lslow_by_fault
4:	lla	t1, access_start
	bltu	t0, t1, .Lbug
	lla	t1, access_end
	bgeu	t0, t1, .Lbug
	csrr	t1, scause			# a page fault or an access fault, else it is a bug
	addi	t1, t1, -CAUSE_LOAD_PAGE
	andi	t1, t1, ~2
	beqz	t1, 1f
	csrr	t1, scause
	addi	t1, t1, -5			# load access fault 5, store access fault 7
	andi	t1, t1, ~2
	bnez	t1, .Lbug
1:	ld	t0, HART_FAULT_SCRATCH(tp)
	ld	t1, HART_FAULT_SCRATCH + 8(tp)
	bnez	t5, 2f
	li	t5, 1				# the first time: forget, and try again
	sfence.vma
	j	3f
2:	csrw	sepc, ra			# the second time: return the status
#ifdef PUDU_DEBUG
	li	t6, SSTATUS_SUM
	csrc	sstatus, t6
#endif
	mv	a0, t4
3:	sret

/* A load between fast_start and fast_end: the long way finds out what is wrong. t0 and t1 are free there. */
.Lslow_by_fault:
	lla	t0, fast_slow
	csrw	sepc, t0
	sret

/* A trap where none may be: keep the registers, take the stack kept for this, and say so. */
.Lbug:
	sd	t0, HART_FAULT_X(tp)		# pc
	ld	t0, HART_FAULT_SCRATCH(tp)
	ld	t1, HART_FAULT_SCRATCH + 8(tp)
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, \
		24, 25, 26, 27, 28, 29, 30, 31
	sd	x\n, HART_FAULT_X + 8 * \n(tp)
	.endr
	csrr	a0, scause
	csrr	a1, stval
	lla	sp, panic_stack_top
	tail	trap_kernel
END trap_entry

/*
 * Where a call goes, by its number: to its short way, if it has one, and then to its function.
 * Without a short way, or with the boot argument fast=off, the first instruction does nothing.
 */
.macro SLOT number, name
	.rept	\number - slot_next
	j	.Lunknown
	nop
	nop
	nop
	.endr
	.set	slot_next, \number + 1
	.set	slot_is_short, 0
	.irp	short, yield, park_if, unpark, call, reply_accept, executor_create, \
		executor_start, terminate, unmap
	.ifc	\name, \short
	j	call_\short
	.set	slot_is_short, 1
	.endif
	.endr
	.if	slot_is_short == 0
	nop
	.endif
	lla	t3, sys_\name
	j	call_general
.endm

	.balign	1 << SLOT_SHIFT
	.globl	syscall_slots
syscall_slots:
	.set	slot_next, 0
#define SYSCALL(number, name, ...) SLOT number, name
#include "abi/syscalls.def"
