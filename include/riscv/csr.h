/* SPDX-License-Identifier: MIT */
/*
 * csr.h - control and status registers of S-mode, and the few instructions C can't say.
 *
 * Source: The RISC-V Instruction Set Manual, Volume II (privileged), chapters "Supervisor-Level
 * ISA" and "Sstc". The constants serve assembly too.
 */
#ifndef RISCV_CSR_H
#define RISCV_CSR_H

#define SSTATUS_SPP	       (1 << 8) /* the trap came from S-mode */
#define SSTATUS_FS	       (3 << 13)
#define SSTATUS_FS_INITIAL     (1 << 13)
#define SSTATUS_FS_CLEAN       (2 << 13)
#define SSTATUS_VS	       (3 << 9)
#define SSTATUS_SUM	       (1 << 18) /* S-mode may touch user pages */
/* sstatus.SD, bit 63: some of FS, VS, XS is Dirty. Test it as the sign. */

#define INTERRUPT_SOFTWARE     1 /* bits of sie and sip, codes of scause */
#define INTERRUPT_TIMER	       5

#define NOP		       0x00000013 /* the instruction that does nothing */
#define PAUSE		       0x0100000f /* Zihintpause; elsewhere a fence that orders nothing */

#define CAUSE_ECALL_U	       8
#define CAUSE_INSTRUCTION_PAGE 12
#define CAUSE_LOAD_PAGE	       13
#define CAUSE_STORE_PAGE       15

#define SATP_SV39_BITS	       0x8000000000000000
#define SATP_SV48_BITS	       0x9000000000000000
#define SATP_ASID	       0x0ffff00000000000
#define SATP_ASID_SHIFT	       44

#define CSR_STIMECMP	       0x14d /* Sstc */

#ifndef __ASSEMBLER__
#include <stdint.h>

#define CSR_STRING(name) #name
#define csr_read(name)                                                                             \
	({                                                                                         \
		uint64_t csr_value_;                                                               \
		__asm__ volatile("csrr %0, " CSR_STRING(name) : "=r"(csr_value_)::"memory");       \
		csr_value_;                                                                        \
	})
#define csr_write(name, value)                                                                     \
	__asm__ volatile("csrw " CSR_STRING(name) ", %0" ::"rK"((uint64_t)(value)) : "memory")
#define csr_set(name, bits)                                                                        \
	__asm__ volatile("csrs " CSR_STRING(name) ", %0" ::"rK"((uint64_t)(bits)) : "memory")
#define csr_clear(name, bits)                                                                      \
	__asm__ volatile("csrc " CSR_STRING(name) ", %0" ::"rK"((uint64_t)(bits)) : "memory")

/* sfence_vma - order earlier stores to page tables before later walks of this hart; drop its
 * translations (but global ones stay valid, they never change). */
static inline void sfence_vma(void)
{
	__asm__ volatile("sfence.vma" ::: "memory");
}

/*
 * sfence_vma_asid - the same for the translations under the address-space id @asid only. Only for
 * harts that have such ids: the U74, which has none, does not do it right (its erratum CIP-1200).
 */
static inline void sfence_vma_asid(uint64_t asid)
{
	__asm__ volatile("sfence.vma zero, %0" ::"r"(asid) : "memory");
}

/* fence_i - later instruction fetches of this hart see its earlier stores. */
static inline void fence_i(void)
{
	__asm__ volatile("fence.i" ::: "memory");
}

/* wait_for_interrupt - sleep until an interrupt that sie enables is pending (taken or not). */
static inline void wait_for_interrupt(void)
{
	__asm__ volatile("wfi" ::: "memory");
}

/* read_time - ticks of the platform's timebase. A trap to firmware where there is no time CSR. */
static inline uint64_t read_time(void)
{
	return csr_read(time);
}
#endif

#endif
