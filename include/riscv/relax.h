/* SPDX-License-Identifier: MIT */
/* relax.h - what a busy-wait does between two looks. */
#ifndef RISCV_RELAX_H
#define RISCV_RELAX_H

#ifdef HOST_TEST
#include <sched.h>
static inline void cpu_relax(void)
{
	sched_yield();
}
#else
/* Zihintpause's PAUSE, a HINT (fence w, 0) that every hart accepts. */
static inline void cpu_relax(void)
{
	__asm__ volatile(".4byte 0x0100000f" ::: "memory");
}
#endif

#endif
