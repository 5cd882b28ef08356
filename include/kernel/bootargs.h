/* SPDX-License-Identifier: MIT */
/*
 * bootargs.h - the kernel's own boot arguments: words before a word "--".
 *
 *	mmu=sv39 | mmu=sv48	levels of page tables
 *	watchdog=SECONDS	dump all executors and fail after so long
 *	asid=BITS		bits of address-space ids, 0 to 16, if the harts have so many
 *	reserve=FRAMES		for each hart, that are in no budget
 *	fast=off		system calls without the short ways of asm/fast*.S, for tests
 *
 * What follows "--" is init's. Nothing here is fatal: the kernel boots without what it can't read,
 * and says so in the log.
 */
#ifndef KERNEL_BOOTARGS_H
#define KERNEL_BOOTARGS_H

#include <stddef.h>
#include <stdint.h>

#define BOOTARGS_WATCHDOG_MAX 1000000000 /* seconds */
#define BOOTARGS_ASID_MAX     16	 /* all that satp has room for */
#define BOOTARGS_RESERVE_MAX  1000000	 /* frames */
#define BOOTARGS_NOT_SAID     ~0ull

struct options {
	unsigned levels;    /* 3 for Sv39, 4 for Sv48, 0: not said */
	uint64_t watchdog;  /* seconds, 0: none */
	uint64_t asid_bits; /* at most; not said: BOOTARGS_ASID_MAX */
	uint64_t reserve;   /* frames for each hart; or BOOTARGS_NOT_SAID */
	unsigned slow;	    /* 1: fast=off */
};

/*
 * bootargs_parse - fill @out from @line, a string. The last of two equal options counts.
 * @why, @why_size: get a line, with its newline, for each word that was not understood, as many as
 * fit whole; "" if there is none. At least 1 byte.
 * Result: the number of such words.
 */
unsigned bootargs_parse(const char *line, struct options *out, char *why, size_t why_size);

/* bootargs_rest - Result: what follows "--" in @line, without leading blanks; or "". */
const char *bootargs_rest(const char *line);

#endif
