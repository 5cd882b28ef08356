/* SPDX-License-Identifier: MIT */
/* pages_raw.S - see pages_raw.h. */
#include "raw_asm.inc"

	.text
	.balign	4096
FUNC pages_raw

FUNC raw_touch_load
	ld	t0, 0(a0)
	END_WITH t0

FUNC raw_touch_store
	sd	sp, 0(a0)
	li	t0, 0
	END_WITH t0

FUNC raw_touch_add
	amoadd.d t0, sp, (a0)
	END_WITH t0

FUNC raw_touch_jump
	jr	a0

	.balign	4096

	.section .note.GNU-stack, "", @progbits
