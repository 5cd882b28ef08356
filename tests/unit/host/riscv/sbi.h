/* SPDX-License-Identifier: MIT */
/* sbi.h - in place of include/riscv/sbi.h: the test plays the firmware. */
#ifndef RISCV_SBI_H
#define RISCV_SBI_H

#include <stdint.h>

#define SBI_RFENCE	      0x52464e43
#define SBI_RFENCE_FENCE_I    0
#define SBI_RFENCE_SFENCE_VMA 1

void sbi_call(uint64_t extension, uint64_t function, uint64_t x0, uint64_t x1, uint64_t x2,
	      uint64_t x3);

#endif
