/* SPDX-License-Identifier: MIT */
/*
 * fast.h - what the short ways of fast*.S have in common.
 *
 * Each does what its C function does, where most often nothing hinders it; as soon as something
 * does, it calls that function, from the start: nothing that can't be done twice has happened until
 * then. From there on, what is left is done by C functions for just that.
 *
 * On entry, as trap.S leaves it: t6 = executor, sscratch = the program's t6, t0 to t5 free, all
 * other registers the program's. sstatus.SD is the sign: FP registers were written.
 */
/* clang-format off */
#ifndef ASM_FAST_H
#define ASM_FAST_H

#include "asm.h"
#include "context.h"
#include "abi/memory.h"

#define STATE_OWNER_MASK (STATE_REASONS_MASK | STATE_OWNED_BIT)
#define ASID_SHIFT	 44		/* of satp, and of numbers (vas_load.c) */

/* Kernel mode, tp = hart, and the pc behind the ecall is in the page. Clobbers t0. */
.macro FAST_ENTER
	csrw	sscratch, zero
	sd	tp, X(4)(t6)
	ld	tp, EXECUTOR_HART(t6)
	csrr	t0, sepc
	addi	t0, t0, 4
	sd	t0, EXECUTOR_PC(t6)		# a fault in here overwrites sepc
.endm

/* Back to the same executor with a0 and a1 set; the pc is in the page. */
.macro FAST_RETURN
	ld	t0, EXECUTOR_PC(t6)
	csrw	sepc, t0
	ld	tp, X(4)(t6)
	csrw	sscratch, t6
	ZERO	t0, t1, t2, t4, t5, t6		# t3 is the program's
	sret
.endm

/* The saved registers but tp. */
.macro FAST_SAVE
	EACH	sd, t6, 1, 2, 3, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
.endm

/* To \slow if FP registers were written. Clobbers t0. */
.macro FAST_CHECK_FP slow
	csrr	t0, sstatus
	bltz	t0, \slow
.endm

/* The FP registers of t4, unless they are in place. Clobbers t1, t2, t3, t5. */
.macro FAST_ENTER_FP
	ld	t2, EXECUTOR_FP_TAG(t4)
	ld	t1, HART_FP_TAG(tp)
	beq	t1, t2, .Lfp_in_place\@
	jal	t5, fast_fp_enter
.Lfp_in_place\@:
.endm

/*
 * The lock of the run queue, if it is free; else to \busy. t0 = lock, t1 = node until FAST_UNLOCK.
 * \global: the register that has the global page. As mcs_acquire: release for whoever waits behind
 * us, acquire for what holders wrote.
 */
.macro FAST_LOCK busy, global=gp
	sd	zero, HART_QUEUE_NODE(tp)
	addi	t0, \global, GLOBAL_QUEUE_LOCK
	addi	t1, tp, HART_QUEUE_NODE
	lr.d.aq	t2, (t0)
	bnez	t2, \busy
	sc.d.rl	t2, t1, (t0)
	bnez	t2, \busy
.endm

/* As mcs_release. Clobbers t0, t2. */
.macro FAST_UNLOCK
.Lunlock\@:
	lr.d	t2, (t0)
	bne	t2, t1, .Lwaits\@
	sc.d.rl	t2, zero, (t0)
	bnez	t2, .Lunlock\@
.Lunlocked\@:
	.subsection 1
.Lwaits\@:
	jal	t0, mcs_fast_pass_on
	j	.Lunlocked\@
	.previous
.endm

/*
 * The first of the queue, which is locked, into t4, if it can go on by a short way (it has no deadline
 * then); else to \other. Clobbers t2, t3.
 */
.macro FAST_PEEK other
	ld	t4, GLOBAL_QUEUE_HEAD(gp)
	beqz	t4, \other
	ld	t2, EXECUTOR_CONTEXT(t4)
	bnez	t2, \other
.endm

/*
 * The executor in t4 goes on: it is owned, CONTEXT_CALL, and current. The one before is saved and
 * gone; reasons that came after current was set are told by an interrupt.
 */
.macro FAST_RESUME
	ld	t2, EXECUTOR_STATE(t4)
	andi	t2, t2, STATE_REASONS_MASK
	bnez	t2, fast_refuse
	FAST_ENTER_FP
	FAST_SWITCH_VAS
	ld	t0, EXECUTOR_PC(t4)
	csrw	sepc, t0
	csrw	sscratch, t4
	EACH	ld, t4, 1, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
	ZERO	a0, a1, a2, a3, a4, a5, a6, a7, t0, t1, t2, t3, t4, t5, t6
	sret
.endm

/*
 * Take the first of the queue into t4, gp = global page. To \busy if the lock is not free; to \other
 * with the lock held, if there is none for a short way, or a slice has to begin. Clobbers t0 to t3.
 */
.macro FAST_TAKE_FIRST busy, other
	FAST_LOCK \busy
	FAST_PEEK \other
	ld	t2, EXECUTOR_NEXT(t4)
	beqz	t2, .Lno_next\@
	ld	t3, HART_SLICE_END(tp)
	beqz	t3, \other
.Lno_next\@:
	sd	t2, GLOBAL_QUEUE_HEAD(gp)
	FAST_UNLOCK
.endm

/*
 * Become the owner of \page, as state_remove does: it has the reason \bit, and no other, and no owner.
 * What was stored before comes before the look. To \not if it is otherwise, with its state in t0; to
 * \again if another hart has changed it meanwhile. Clobbers t0 to t2.
 */
.macro FAST_OWN page, bit, not, again
	addi	t2, \page, EXECUTOR_STATE
	lr.d.aqrl t0, (t2)
	andi	t1, t0, STATE_OWNER_MASK
	addi	t1, t1, -\bit
	bnez	t1, \not
	xori	t0, t0, \bit | STATE_OWNED_BIT
	sc.d.rl	t1, t0, (t2)
	bnez	t1, \again
.endm

/*
 * Load the address space of t4 unless it is loaded; a0 to a6 and t0 survive. Since the last such
 * switch of this hart there was a full fence. Clobbers t1, t2, t3, t5, s1 to s9.
 */
.macro FAST_SWITCH_VAS
	ld	t3, EXECUTOR_VAS(t4)
	ld	t2, HART_VAS(tp)
	beq	t2, t3, .Lloaded\@
	jal	t5, fast_cross
.Lloaded\@:
.endm

/*
 * The object of \kind that \handle names into \page, and handle + 0x1000 into t2; else to fast_slow.
 * A load may fault. Clobbers t0 and t1.
 */
.macro FAST_OPEN page, handle=a0, kind=RESOURCE_EXECUTOR_KIND
	srli	t0, \handle, 30			# in the window: its number is that of the GiB
	addi	t0, t0, -(PUDU_HANDLES >> 30)
	slli	t1, \handle, 52			# and on a page
	or	t0, t0, t1
	bnez	t0, fast_slow
	lui	t2, 1
	add	t2, t2, \handle
	lbu	t0, RESOURCE_TAG - 0x700(t2)	# the kind is the lowest byte
	ld	\page, RESOURCE_SELF - 0x700(t2)
	addi	t0, t0, -\kind
	bnez	t0, fast_slow
.endm

#endif
