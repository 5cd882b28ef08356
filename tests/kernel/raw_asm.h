/* SPDX-License-Identifier: MIT */
/* raw_asm.h - for code of tests without the library: a function, and its end. */
#define CALL_TERMINATE	19

	.macro	FUNC name
	.globl	\name
	.type	\name, @function
\name:
	.endm

	/* terminate(0, register) */
	.macro	END_WITH register
	mv	a1, \register
	li	a0, 0
	li	a7, CALL_TERMINATE
	li	a6, 0
	ecall
	.endm
