/* SPDX-License-Identifier: MIT */
/* asm.h - macros of all assembly files. */
/* clang-format off */
#ifndef ASM_ASM_H
#define ASM_ASM_H

/* FUNC, END - a global function, on 4 bytes as stvec needs. */
.macro FUNC name
	.globl	\name
	.type	\name, @function
	.balign	4
\name:
.endm

.macro END name
	.size	\name, . - \name
.endm

#endif
