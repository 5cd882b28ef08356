/* SPDX-License-Identifier: MIT */
/* raw.S - see raw.h. */
#include "raw_asm.inc"

#define CALL_YIELD	0
#define CALL_PARK_IF	1
#define CALL_STOP	16

	.text
	.balign	4096
FUNC raw_page

FUNC raw_end
	END_WITH a0

FUNC raw_spin
	j	raw_spin

FUNC raw_count
	li	t0, 1
1:	amoadd.d zero, t0, (a0)
	j	1b

FUNC raw_count_yield
	mv	s0, a0
1:	li	t0, 1
	amoadd.d zero, t0, (s0)
	li	a7, CALL_YIELD
	ecall
	j	1b

FUNC raw_park
	mv	s0, a0
1:	mv	a0, s0
	li	a1, 0
	li	a2, -1
	li	a7, CALL_PARK_IF
	ecall
	lwu	t0, 0(s0)
	beqz	t0, 1b
	END_WITH t0

FUNC raw_stop
	li	a7, CALL_STOP
	ecall
	li	t0, 5
	END_WITH t0

FUNC raw_load
	ld	t0, 0(a0)
	li	t0, 6
	END_WITH t0

FUNC raw_watch
	ld	t0, 0(a0)
	beqz	t0, raw_watch
	END_WITH t0

FUNC raw_double
	fadd.d	fa0, fa0, fa0
	fcvt.l.d t0, fa0
	END_WITH t0

	.balign	4096

	.section .note.GNU-stack, "", @progbits
