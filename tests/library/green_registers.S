/* SPDX-License-Identifier: MIT */
/* green_registers.S - all registers that a call keeps hold a pattern over a switch. */
	.text

/* green_registers(seed): s1 to s11 and fs0 to fs11 are seed + their number while pudu_green_yield()
 * runs. Out: how many of them are not, after it. */
	.globl	green_registers
	.type	green_registers, @function
	.balign	4
green_registers:
	addi	sp, sp, -208
	sd	ra, 0(sp)
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	sd	s\n, 8 + 8 * \n(sp)
	fsd	fs\n, 104 + 8 * \n(sp)
	.endr
	mv	s0, a0
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	addi	s\n, s0, \n
	.endr
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	addi	t0, s0, 100 + \n
	fmv.d.x	fs\n, t0
	.endr
	call	pudu_green_yield
	li	a0, 0
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	addi	t0, s0, \n
	sub	t0, t0, s\n
	snez	t0, t0
	add	a0, a0, t0
	.endr
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	addi	t0, s0, 100 + \n
	fmv.x.d	t1, fs\n
	sub	t0, t0, t1
	snez	t0, t0
	add	a0, a0, t0
	.endr
	ld	ra, 0(sp)
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	ld	s\n, 8 + 8 * \n(sp)
	fld	fs\n, 104 + 8 * \n(sp)
	.endr
	addi	sp, sp, 208
	ret
	.size	green_registers, . - green_registers

	.section .note.GNU-stack, "", @progbits
