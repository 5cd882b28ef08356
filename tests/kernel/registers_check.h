/* SPDX-License-Identifier: MIT */
/* registers_check.h - system calls with a pattern in all registers, and what is left of it. */
#ifndef REGISTERS_CHECK_H
#define REGISTERS_CHECK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "registers.h"

#define ANY 0x5ca1ab1e5ca1ab1e /* an expected result that may be anything */

/* Of executors that use no floating point, the short ways of the kernel need not save it. */
extern _Atomic bool registers_with_fp;

/* A pattern of its own for each seed. */
void registers_fill(struct registers *block, uint64_t seed);

/*
 * A system call with these a0 to a6 and a pattern in all other registers. The results must be
 * these: 0 as any other register, ANY. Result: a0 to a6 afterwards, until the next of the caller's.
 */
struct registers registers_check_call(uint64_t seed, uint64_t number, const uint64_t argument[7],
				      const uint64_t result[7]);

#endif
