/* SPDX-License-Identifier: MIT */
/* registers_raw.S - see registers.h. */
#include "registers.h"

#define FRAME	144		/* ra, gp, tp, s0-s11, the block, x31 */
#define BLOCK	120
#define X31	128

	.macro	FUNC name
	.globl	\name
	.type	\name, @function
	.balign	4
\name:
	.endm

	.macro	EACH_F op, base
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	\op	f\n, REGISTERS_F + 8 * \n(\base)
	.endr
	.endm

	/* All but sp and x31, which is the base. */
	.macro	EACH_X op
	.irp	n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	\op	x\n, 8 * \n(x31)
	.endr
	.endm

	.macro	KEPT op
	\op	ra, 0(sp)
	\op	gp, 8(sp)
	\op	tp, 16(sp)
	\op	s0, 24(sp)
	\op	s1, 32(sp)
	\op	s2, 40(sp)
	\op	s3, 48(sp)
	\op	s4, 56(sp)
	\op	s5, 64(sp)
	\op	s6, 72(sp)
	\op	s7, 80(sp)
	\op	s8, 88(sp)
	\op	s9, 96(sp)
	\op	s10, 104(sp)
	\op	s11, 112(sp)
	.endm

	.text
FUNC registers_call
	addi	sp, sp, -FRAME
	KEPT	sd
	sd	a0, BLOCK(sp)
	sd	sp, 16(a0)
	mv	x31, a0
	EACH_F	fld, x31
	ld	x1, REGISTERS_FCSR(x31)
	fscsr	x1
	EACH_X	ld
	ld	x31, 248(x31)
	ecall
	sd	x31, X31(sp)
	ld	x31, BLOCK(sp)
	EACH_X	sd
	sd	sp, 16(x31)
	ld	x1, X31(sp)
	sd	x1, 248(x31)
	EACH_F	fsd, x31
	frcsr	x1
	sd	x1, REGISTERS_FCSR(x31)
	fscsr	zero
	KEPT	ld
	addi	sp, sp, FRAME
	ret

FUNC registers_call_integers
	addi	sp, sp, -FRAME
	KEPT	sd
	sd	a0, BLOCK(sp)
	sd	sp, 16(a0)
	mv	x31, a0
	EACH_X	ld
	ld	x31, 248(x31)
	ecall
	sd	x31, X31(sp)
	ld	x31, BLOCK(sp)
	EACH_X	sd
	sd	sp, 16(x31)
	ld	x1, X31(sp)
	sd	x1, 248(x31)
	KEPT	ld
	addi	sp, sp, FRAME
	ret

FUNC registers_spin
	mv	x31, a0
	EACH_F	fld, x31
	ld	x1, REGISTERS_FCSR(x31)
	fscsr	x1
	EACH_X	ld
	ld	sp, 16(x31)
	li	x31, 0
1:	addi	x31, x31, 1
	j	1b

FUNC registers_store
	sd	x31, 248(a0)
	mv	x31, a0
	EACH_X	sd
	sd	sp, 16(x31)
	EACH_F	fsd, x31
	frcsr	x1
	sd	x1, REGISTERS_FCSR(x31)
	li	a0, 0
	li	a1, 1
	li	a7, 19			# terminate
	ecall

	.section .note.GNU-stack, "", @progbits
