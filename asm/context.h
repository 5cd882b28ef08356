/* SPDX-License-Identifier: MIT */
/* context.h - macros for registers in the page of an executor. */
/* clang-format off */
#ifndef ASM_CONTEXT_H
#define ASM_CONTEXT_H

#include "offsets.h"

#define SLOT_SHIFT 4	/* of syscall_slots: 16 bytes each */

/* X(n) - offset of xn in the page of an executor */
#define X(n)	(EXECUTOR_X + 8 * ((n) - 1))

/* EACH op, base, n... - op xn, X(n)(base) for each n. */
.macro EACH op, base, numbers:vararg
	.irp	n, \numbers
	\op	x\n, X(\n)(\base)
	.endr
.endm

/* ZERO register... */
.macro ZERO registers:vararg
	.irp	r, \registers
	li	\r, 0
	.endr
.endm

#endif
