/* SPDX-License-Identifier: MIT */
/* fp.S - the floating-point registers to and from memory. The only file that may name them (kernel/fp.h). */
#include "asm.h"

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
