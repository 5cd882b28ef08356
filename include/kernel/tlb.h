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
 * uses an old translation any more, nor walks a table that was taken out. One fence here, at most
 * one SBI call for those of the other harts that have @vas loaded. A hart that has not, but
 * remembers something of it, loses its bit in vas->harts: it forgets that when it loads @vas.
 * REQUIRES(vas->lock): of two who shoot at once, one would trust bits that the other has dropped.
 */
void tlb_shoot(struct vas *vas);

/* tlb_shoot_code - instructions were mapped: all harts fetch what is in memory now. */
void tlb_shoot_code(void);

#endif
