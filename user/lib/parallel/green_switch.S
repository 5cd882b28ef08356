/* SPDX-License-Identifier: MIT */
/*
 * green_switch.S - from one green thread to another.
 *
 * A call keeps ra (for its return), sp, s0 to s11, fs0 to fs11: these 26 words are saved, on the stack.
 * gp and tp are the same in all green threads of a worker. fcsr stays as it is: the worker's.
 */
	.text

	.macro	each_saved op_x, op_f
	\op_x	ra, 0(sp)
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	\op_x	s\n, 8 + 8 * \n(sp)
	\op_f	fs\n, 104 + 8 * \n(sp)
	.endr
	.endm

/* In: a0 = green thread to leave, a1 = the one to go on. Out, in that one: a0 as it was. */
	.globl	pudu_green_switch
	.type	pudu_green_switch, @function
	.balign	4
pudu_green_switch:
	addi	sp, sp, -208			# GREEN_FRAME_WORDS, a multiple of 16 bytes
	each_saved sd, fsd
	sd	sp, 0(a0)
	ld	sp, 0(a1)
	each_saved ld, fld
	addi	sp, sp, 208
	ret
	.size	pudu_green_switch, . - pudu_green_switch

	.section .note.GNU-stack, "", @progbits
