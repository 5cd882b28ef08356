/* SPDX-License-Identifier: MIT */
/*
 * layout.h - the kernel half of every address space.
 *
 * The same addresses under Sv39 and Sv48: one table of 512 entries of 1 GiB (the "upper table")
 * holds them all. Under Sv39 every root carries a copy of its entries; under Sv48 the last entry
 * of every root points to it. Shared with assembly.
 */
#ifndef KERNEL_LAYOUT_H
#define KERNEL_LAYOUT_H

/*
 * All of RAM, at DIRECT_MAP + physical address. It starts 64 entries into the kernel half: entries
 * 256 to 319 of a root belong to struct vas.
 */
#define DIRECT_MAP	   0xffffffd000000000
#define DIRECT_MAP_FIRST   320 /* entry of the upper table */
#define DIRECT_MAP_ENTRIES 188
#define DIRECT_MAP_LIMIT   0x2f00000000 /* physical addresses below it can be reached */

#define KERNEL_IMAGE	   0xffffffff80000000
#define KERNEL_STACKS	   0xffffffffc0000000 /* one every STACK_STRIDE, guard pages between */
#define KERNEL_MMIO	   0xffffffffd0000000 /* device pages that the kernel itself uses */

#define STACK_SIZE	   0x4000
#define STACK_STRIDE	   0x10000

#endif
