/* SPDX-License-Identifier: MIT */
/* csr.h - in place of include/riscv/csr.h: the test plays satp and the TLB. */
#ifndef RISCV_CSR_H
#define RISCV_CSR_H

#include <stdint.h>

#define SATP_SV39_BITS	       0x8000000000000000
#define SATP_SV48_BITS	       0x9000000000000000
#define SATP_ASID	       0x0ffff00000000000
#define SATP_ASID_SHIFT	       44

#define csr_read(name)	       host_read_##name()
#define csr_write(name, value) host_write_##name(value)

uint64_t host_read_satp(void);
void host_write_satp(uint64_t value);
void sfence_vma(void);
void sfence_vma_asid(uint64_t asid);
void fence_i(void);

#endif
