/* SPDX-License-Identifier: MIT */
/* start.h - what a program finds when it starts, and what the info page tells. */
#ifndef PUDU_START_H
#define PUDU_START_H

#include <stdint.h>

#include "abi/info.h"
#include "abi/memory.h"
#include "abi/start.h"

/*
 * The start block of this program (abi/start.h): arguments, environment, initrd, shared memory,
 * handles that were granted. Constant.
 * Result: never NULL.
 */
const struct pudu_start *pudu_start(void);

/* The info page: harts, timebase, memory, boot arguments (abi/info.h). Result: never NULL. */
static inline const struct pudu_info *pudu_info(void)
{
	return (const struct pudu_info *)PUDU_INFO_PAGE;
}

/* Time since some moment of the boot, in ticks of 1 / pudu_info()->timebase seconds. */
static inline uint64_t pudu_ticks(void)
{
	uint64_t ticks;

	__asm__ volatile("rdtime %0" : "=r"(ticks));
	return ticks;
}

/* Ticks as microseconds, rounded down; exact for up to 2^63 / 10^6 ticks at 10 MHz (292 years). */
uint64_t pudu_microseconds(uint64_t ticks);

/*
 * Free 4 KiB frames of the whole machine: the sum of the harts' shares. Exact while nobody maps
 * or unmaps, close to it otherwise.
 */
uint64_t pudu_free_frames(void);

#endif
