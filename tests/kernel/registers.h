/* SPDX-License-Identifier: MIT */
/* registers.h - all registers, filled and looked at by registers_raw.S. */
#ifndef REGISTERS_H
#define REGISTERS_H

/* Offsets in struct registers, for assembly. */
#define REGISTERS_F    256
#define REGISTERS_FCSR 512

#ifndef __ASSEMBLER__
#include <stdint.h>

struct registers {
	uint64_t x[32]; /* x0 is not looked at */
	uint64_t f[32];
	uint64_t fcsr;
};

_Static_assert(__builtin_offsetof(struct registers, f) == REGISTERS_F, "registers_raw.S");
_Static_assert(__builtin_offsetof(struct registers, fcsr) == REGISTERS_FCSR, "registers_raw.S");

/*
 * Load all registers but sp from the block, make a system call, and store all registers into it:
 * gp and tp too, which this restores. sp is stored and compared by the caller: it must not change.
 */
void registers_call(struct registers *block);

/* The same without the registers of floating point, which are not touched. */
void registers_call_integers(struct registers *block);

/* A raw executor: load all registers but x31 from the block in a0, then spin; x31 counts. */
void registers_spin(void);

/* A raw executor: store all registers, as they are, into the block in a0; end with 1. */
void registers_store(void);
#endif

#endif
