/* SPDX-License-Identifier: MIT */
/* sleepers_raw.S - see sleepers.h. */
#include "sleepers.h"
#include "raw_asm.inc"

#define CALL_PARK_IF	1
#define CALL_ACCEPT	4

	.macro	SLEEP number
	mv	s0, a0
1:	addi	a0, s0, SLEEPER_WORD
	li	a1, 0
	ld	a2, SLEEPER_DEADLINE(s0)
	li	a7, \number
	ecall
	rdtime	t0
	sd	t0, SLEEPER_TIME(s0)
	sd	a0, SLEEPER_STATUS(s0)
	ld	t0, SLEEPER_WAITS(s0)
	addi	t0, t0, 1
	sd	t0, SLEEPER_WAITS(s0)
	bnez	a0, 2f
	lw	t0, SLEEPER_WORD(s0)
	beqz	t0, 1b
2:	ld	t0, SLEEPER_ORDER(s0)
	li	t1, 1
	amoadd.d.aqrl t1, t1, (t0)
	sd	t1, SLEEPER_PLACE(s0)
	ld	t0, SLEEPER_STATUS(s0)
	END_WITH t0
	.endm

	.text
FUNC sleeper_park
	SLEEP	CALL_PARK_IF

FUNC sleeper_accept
	SLEEP	CALL_ACCEPT

	.section .note.GNU-stack, "", @progbits
