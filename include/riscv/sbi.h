/* SPDX-License-Identifier: MIT */
/*
 * sbi.h - calls to the firmware. Source: RISC-V Supervisor Binary Interface Specification 2.0.
 */
#ifndef RISCV_SBI_H
#define RISCV_SBI_H

#include <stdint.h>

#define SBI_LEGACY_PUTCHAR    0x01
#define SBI_LEGACY_SHUTDOWN   0x08
#define SBI_BASE	      0x10
#define SBI_TIME	      0x54494d45
#define SBI_IPI		      0x735049
#define SBI_RFENCE	      0x52464e43
#define SBI_HSM		      0x48534d
#define SBI_SRST	      0x53525354
#define SBI_DBCN	      0x4442434e

#define SBI_BASE_SPEC_VERSION 0 /* functions */
#define SBI_BASE_PROBE	      3
#define SBI_RFENCE_FENCE_I    0
#define SBI_RFENCE_SFENCE_VMA 1
#define SBI_HSM_HART_START    0
#define SBI_HSM_HART_STATUS   2
#define SBI_HSM_STOPPED	      1 /* a status */
#define SBI_SRST_SHUTDOWN     0
#define SBI_SRST_COLD_REBOOT  1
#define SBI_DBCN_WRITE	      0

struct sbi_result {
	int64_t error; /* 0, or an error of the specification's table 1 */
	uint64_t value;
};

/* sbi_call - call function @function of extension @extension; registers as in SBI 2.0 chapter 3. */
static inline struct sbi_result sbi_call(uint64_t extension, uint64_t function, uint64_t x0,
					 uint64_t x1, uint64_t x2, uint64_t x3)
{
	register uint64_t a0 __asm__("a0") = x0;
	register uint64_t a1 __asm__("a1") = x1;
	register uint64_t a2 __asm__("a2") = x2;
	register uint64_t a3 __asm__("a3") = x3;
	register uint64_t a6 __asm__("a6") = function;
	register uint64_t a7 __asm__("a7") = extension;

	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1)
			 : "r"(a2), "r"(a3), "r"(a6), "r"(a7)
			 : "memory");
	return (struct sbi_result){ (int64_t)a0, a1 };
}

/* sbi_probe - is @extension there? */
static inline int sbi_probe(uint64_t extension)
{
	return sbi_call(SBI_BASE, SBI_BASE_PROBE, extension, 0, 0, 0).value != 0;
}

#endif
