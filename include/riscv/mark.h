/* SPDX-License-Identifier: MIT */
/*
 * mark.h - an instruction that does nothing, and that a tool which watches the hart can see.
 *
 * Source: Unprivileged ISA, "HINT Instructions": SLTI to x0 is left to custom use.
 */
#ifndef RISCV_MARK_H
#define RISCV_MARK_H

/* mark_idle_round - here a hart that runs no executor has looked at its interrupts, which are off:
 * for the count of instructions that run without such a look (tests/meter). */
static inline void mark_idle_round(void)
{
#ifndef HOST_TEST
	__asm__ volatile("slti zero, zero, 1" ::: "memory");
#endif
}

#endif
