/* SPDX-License-Identifier: MIT */
/*
 * tlb.h - make the other harts forget translations.
 */
#ifndef KERNEL_TLB_H
#define KERNEL_TLB_H

#include <stdint.h>

struct vas;

/*
 * tlb_shoot - after stores that took rights or mappings away from @vas: when it returns, no hart
 * has an old translation. One fence here, at most one SBI call for all the others.
 */
void tlb_shoot(struct vas *vas);

/* tlb_shoot_code - instructions were mapped: all harts fetch what is in memory now. */
void tlb_shoot_code(void);

#endif
