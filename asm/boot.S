/* SPDX-License-Identifier: MIT */
/*
 * boot.S - from the firmware to C: physical addresses to virtual ones.
 *
 * Entered at the first byte of the image, wherever a loader put it (on 2 MiB), as an ELF or as a
 * flat Image. The header is Linux' (Documentation/riscv/boot-image-header.rst), so that QEMU,
 * U-Boot's booti and extlinux take it. Until the first write of satp everything is relative to
 * the pc.
 */
#include "asm.h"
#include "kernel/layout.h"
#include "offsets.h"
#include "riscv/csr.h"

#define SBI_HSM_EXTENSION	0x48534d
#define SBI_HSM_STOP		1

#define PTE_TABLE	0x01
#define PTE_CODE_DATA	0xef		/* D A G X W R V: only until paging.c has made the real map */
#define PTE_DATA	0xe7		/* D A G W R V */

	.section .head.text, "ax"
	.globl	_start
_start:
	j	boot_first		# code0
	nop				# code1
	.dword	0x200000		# text_offset: from the start of RAM
	.dword	image_size		# with bss: the loader keeps it free
	.dword	0			# flags: little endian
	.word	2			# version 0.2
	.word	0
	.dword	0
	.ascii	"RISCV\0\0\0"
	.ascii	"RSC\005"		# magic2
	.word	0

	.section .text.boot, "ax"

/*
 * In: a0 = hart id, a1 = device tree (physical), satp = 0. Out: boot_main(hart id, tree, image,
 * instret at entry), paging on. Only the first hart that comes goes on.
 */
FUNC boot_first
	csrw	sie, zero
	csrw	sip, zero
	lla	t0, boot_taken
	li	t1, 1
	amoswap.w.aqrl t1, t1, (t0)
	bnez	t1, boot_lost
	csrr	s3, instret
	mv	s0, a0
	mv	s1, a1
	lla	s2, _start			# where we are

	lla	t0, bss_start			# a loader may leave anything there
	lla	t1, bss_end
1:	sd	zero, 0(t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b

	/* boot_upper: the image as one large page, all physical memory as gigapages. */
	lla	t0, boot_upper
	lla	t1, boot_image
	srli	t2, t1, 2
	ori	t2, t2, PTE_TABLE
	li	t3, ((KERNEL_IMAGE >> 30) & 511) * 8
	add	t3, t3, t0
	sd	t2, 0(t3)
	srli	t2, s2, 2
	ori	t2, t2, PTE_CODE_DATA
	sd	t2, 0(t1)			# KERNEL_IMAGE is the first 2 MiB of its GiB

	li	t3, DIRECT_MAP_FIRST * 8
	add	t3, t3, t0
	li	t2, PTE_DATA
	li	t4, DIRECT_MAP_ENTRIES
	li	t5, 1 << 28
2:	sd	t2, 0(t3)
	add	t2, t2, t5
	addi	t3, t3, 8
	addi	t4, t4, -1
	bnez	t4, 2b

	srli	a2, t0, 12
	li	t2, SATP_SV39_BITS
	or	a2, a2, t2
	lla	sp, boot_stack_top
	lla	t0, .Lhigh
	jal	boot_paging_on
.Lhigh:
	lla	sp, boot_stack_top
	mv	a0, s0
	mv	a1, s1
	mv	a2, s2
	mv	a3, s3
	mv	gp, zero
	mv	tp, zero
	call	boot_main
END boot_first

/*
 * OpenSBI before 1.3 can send a hart that was started with sbi_hart_start to the first address it
 * knew, which is this one: it marks the hart as started before it writes the new address. Stop;
 * start() in hart.c tries again.
 */
boot_lost:
	li	a7, SBI_HSM_EXTENSION
	li	a6, SBI_HSM_STOP
	ecall
1:	wfi
	j	1b

/*
 * In: a2 = satp, t0 = the (physical) address to go on at. Goes on there, but at its virtual
 * address: the fetch after the write of satp is a page fault, and stvec says where.
 */
boot_paging_on:
	lla	t1, _start
	li	t2, KERNEL_IMAGE
	sub	t2, t2, t1
	add	t0, t0, t2
	csrw	stvec, t0
	sfence.vma
	csrw	satp, a2
	sfence.vma
	jr	t0				# where the image happens to be mapped at its physical address

/* In: a0 = hart id, a1 = hart page (virtual), satp = 0: by sbi_hart_start. Out: hart_main. */
FUNC boot_other
	csrw	sie, zero
	csrw	sip, zero
	mv	s1, a1
	lla	a2, boot_satp
	ld	a2, 0(a2)
	lla	t0, .Lother_high
	j	boot_paging_on
	.balign	4
.Lother_high:
	mv	tp, s1
	ld	gp, HART_GLOBAL(tp)
	ld	sp, HART_STACK_TOP(tp)
	call	hart_main
END boot_other

/* In: a0 = hart page. The boot hart leaves the boot stack for its own. Out: hart_main. */
FUNC boot_enter_hart
	mv	tp, a0
	ld	gp, HART_GLOBAL(tp)
	ld	sp, HART_STACK_TOP(tp)
	call	hart_main
END boot_enter_hart

	.section .data
	.globl	boot_satp
	.balign	8
boot_satp:				/* of the real map, for the harts that come later */
	.dword	0
boot_taken:				/* 1: a hart boots. Not in bss, which that hart clears. */
	.word	0
	.word	0

	.section .bss
	.balign	4096
	.globl	boot_upper, boot_image
boot_upper:
	.zero	4096
boot_image:
	.zero	4096
	.globl	boot_stack, boot_stack_top, panic_stack_top
boot_stack:
	.zero	STACK_SIZE
boot_stack_top:
	.zero	8192
panic_stack_top:
