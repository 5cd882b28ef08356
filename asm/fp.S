/* SPDX-License-Identifier: MIT */
/* fp.S - the floating-point registers to and from memory. The only file that may name them (kernel/fp.h). */
#include "asm.h"
#include "offsets.h"
#include "riscv/csr.h"

	.text

/* In: a0 = struct executor's f, on 8 bytes; fcsr follows. Clobbers: t0. */
FUNC fp_store
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fsd	f\n, 8 * \n(a0)
	.endr
	frcsr	t0
	sd	t0, 256(a0)
	ret
END fp_store

/* In: the same. Clobbers: t0, and FS is Dirty after it. */
FUNC fp_load_registers
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fld	f\n, 8 * \n(a0)
	.endr
	ld	t0, 256(a0)
	fscsr	t0
	ret
END fp_load_registers

/*
 * As fp_enter (fp.h), for short ways: the FP registers of the executor in t4, whose tag is t2, which is not
 * that of the hart. In: t5 = return address. Clobbers t1, t2, t3.
 */
FUNC fast_fp_enter
	sd	t2, HART_FP_TAG(tp)
	li	t1, EXECUTOR_F
	add	t1, t1, t4
	bnez	t2, 1f
	lla	t1, fp_zero
1:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fld	f\n, 8 * \n(t1)
	.endr
	ld	t3, 256(t1)
	fscsr	t3
	li	t2, SSTATUS_FS
	csrc	sstatus, t2
	li	t2, SSTATUS_FS_CLEAN
	csrs	sstatus, t2
	jr	t5
END fast_fp_enter
