/* SPDX-License-Identifier: MIT */
/*
 * access.S - every instruction of the kernel that may fault: those that follow a handle or touch user memory.
 *
 * All functions here are leaves without a stack frame. When one of their instructions faults,
 * .Lfrom_kernel in trap.S first drops this hart's translations and tries once more (the mapping may be
 * newer than what the hart remembers), then makes the function return the status in t4.
 * Convention: t4 = status if the next access faults, t5 = 0.
 */
#include "asm.h"
#include "offsets.h"
#include "abi/memory.h"
#include "riscv/csr.h"

/* A debug build lets S-mode touch user memory only here; in a release build it always may: a change
 * of SUM is expensive in emulators. */
#ifdef PUDU_DEBUG
.macro	USER_OPEN
	li	t6, SSTATUS_SUM
	csrs	sstatus, t6
.endm
.macro	USER_CLOSE
	li	t6, SSTATUS_SUM
	csrc	sstatus, t6
.endm
#else
.macro	USER_OPEN
.endm
.macro	USER_CLOSE
.endm
#endif

	.section .text.access, "ax"
	.globl	access_start
access_start:

/*
 * handle_check - a0 = handle, a1 = kind. Out: t2 = the page that the handle names, read through it.
 * Returns from its caller, with the status in a0, if it is none.
 */
.macro HANDLE_CHECK
	li	t4, -MINUS_ERR_HANDLE
	li	t5, 0
	li	t0, PUDU_HANDLES
	sub	t0, a0, t0			# offset in the window: page-aligned and below 1 GiB?
	srli	t1, t0, 30
	slli	t0, t0, 52
	or	t0, t0, t1
	bnez	t0, .Lfail\@
	li	t3, 0x1000
	add	t3, t3, a0			# the tag's offset does not fit an immediate
	ld	t0, RESOURCE_TAG - 0x700(t3)	# faults if the slot is empty
	ld	t2, RESOURCE_SELF - 0x700(t3)
	andi	t0, t0, 0xff
	li	t4, -MINUS_ERR_KIND
	beq	t0, a1, .Lgood\@
.Lfail\@:
	mv	a0, t4
	ret
.Lgood\@:
.endm

FUNC handle_open_read
	HANDLE_CHECK
	mv	a1, t2
	li	a0, 0
	ret
END handle_open_read

FUNC handle_open_write
	HANDLE_CHECK
	li	t4, -MINUS_ERR_RIGHT
	li	t5, 0
	sd	zero, RESOURCE_TOUCHED - 0x700(t3)	# faults without W
	mv	a1, t2
	li	a0, 0
	ret
END handle_open_write

/* In: a0 = address on 4 bytes. Out: a0 = status, a1 = the word, zero-extended. */
FUNC access_load32
	li	t4, -MINUS_ERR_ADDRESS
	li	t5, 0
	USER_OPEN
	lwu	a1, 0(a0)
	USER_CLOSE
	li	a0, 0
	ret
END access_load32

/* In: a0 = to, a1 = from, a2 = bytes. Out: a0 = status. By words where both are on 8 bytes. */
FUNC access_copy
	li	t4, -MINUS_ERR_ADDRESS
	li	t5, 0
	USER_OPEN
	or	t0, a0, a1
	or	t0, t0, a2
	andi	t0, t0, 7
	add	a2, a1, a2			# end
	bnez	t0, 2f
1:	beq	a1, a2, 3f
	ld	t0, 0(a1)
	sd	t0, 0(a0)
	addi	a0, a0, 8
	addi	a1, a1, 8
	j	1b
2:	beq	a1, a2, 3f
	lbu	t0, 0(a1)
	sb	t0, 0(a0)
	addi	a0, a0, 1
	addi	a1, a1, 1
	j	2b
3:	USER_CLOSE
	li	a0, 0
	ret
END access_copy

	.globl	access_end
access_end:
