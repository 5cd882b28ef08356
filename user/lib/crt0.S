/* SPDX-License-Identifier: MIT */
/*
 * crt0.S - where a program and where a thread starts.
 *
 * RISC-V has no thread control block (psABI, TLS variant I): tp points to the first byte of a
 * thread's block. The first thread's block lies on its stack, so that .tdata stays the template
 * from which later threads start.
 */
	.text

	.macro	load_gp
	.option	push
	.option	norelax
	la	gp, __global_pointer$
	.option	pop
	.endm

/* In: a0 = struct pudu_start, sp just below it. Out: exit(main(argc, argv, envp)). */
	.globl	_start
	.type	_start, @function
	.balign	4
_start:
	load_gp
	mv	s0, a0
	la	t0, __tls_block_size
	sub	sp, sp, t0
	andi	sp, sp, -64			# as user.ld aligns the block
	mv	s1, sp
	mv	a0, sp
	call	_init_tls
	mv	tp, s1
	mv	a0, s0
	call	pudu_start_set
	call	__libc_init_array
	ld	a0, 8(s0)			# argc, argv, envp: asserted in start.c
	ld	a1, 16(s0)
	ld	a2, 24(s0)
	call	main
	tail	exit
	.size	_start, . - _start

/* In: a0 = struct pudu_thread, which starts with the address of its TLS block. Does not return. */
	.globl	pudu_thread_entry
	.type	pudu_thread_entry, @function
	.balign	4
	.weak	pudu_thread_main		# only there in programs that use threads
pudu_thread_entry:
	load_gp
	ld	tp, 0(a0)
	tail	pudu_thread_main
	.size	pudu_thread_entry, . - pudu_thread_entry

	.section .note.GNU-stack, "", @progbits
