/* SPDX-License-Identifier: MIT */
/*
 * info.h - the info page: what a program would otherwise ask the kernel.
 *
 * One frame, mapped read-only at PUDU_INFO_PAGE in every address space. All but the counts of
 * free frames is constant once the first program runs.
 */
#ifndef ABI_INFO_H
#define ABI_INFO_H

#include <stdint.h>

#define PUDU_ABI_VERSION 3
#define PUDU_MAX_HARTS	 16
#define PUDU_MAX_NODES	 8

/* Extensions that every usable hart has: bits of isa. */
#define PUDU_ISA_F	 (1ull << 0)
#define PUDU_ISA_D	 (1ull << 1)
#define PUDU_ISA_C	 (1ull << 2)
#define PUDU_ISA_M	 (1ull << 3)
#define PUDU_ISA_V	 (1ull << 4)
#define PUDU_ISA_SSTC	 (1ull << 5)
#define PUDU_ISA_SVPBMT	 (1ull << 6)
#define PUDU_ISA_ZICBOZ	 (1ull << 7)
#define PUDU_ISA_SVNAPOT (1ull << 8)

/* One hart's share of the count of free frames, on a line of its own: the shares add up; and a
 * count of its own. */
struct pudu_free_share {
	volatile int64_t frames;
	volatile uint64_t timer_interrupts; /* that it has taken since boot */
	uint64_t pad[6];
};

struct pudu_info {
	uint64_t abi_version;	  /* PUDU_ABI_VERSION */
	uint64_t page_size;	  /* 4096 */
	uint64_t levels;	  /* of page tables: 3 for Sv39, 4 for Sv48 */
	uint64_t timebase;	  /* ticks of rdtime in a second */
	uint64_t slice;		  /* ticks before the next ready executor gets the hart */
	uint64_t harts;		  /* harts that run executors */
	uint64_t harts_described; /* harts of the device tree, with those that can't */
	uint64_t isa;		  /* PUDU_ISA_*: what all harts that run executors have */
	uint64_t frames;	  /* 4 KiB frames that the kernel manages */
	uint64_t memory;	  /* bytes of RAM of the device tree */
	uint64_t
		boot_instructions; /* executed by the boot hart from the kernel's entry to the first
				    * instruction of init; other harts' too under QEMU's icount */
	uint64_t hart_id[PUDU_MAX_HARTS]; /* SBI hart id of each */
	char version[32];		  /* of the kernel */
	char bootargs[1024];
	struct pudu_free_share free[PUDU_MAX_HARTS];

	/*
	 * NUMA: nodes are numbered from 0, in the order of their ids in the device tree. Free
	 * memory is taken from the node that is nearest to the hart that asks. A hart keeps a few
	 * frames for itself, of any node: they count in its share, but not in node_free.
	 */
	uint64_t nodes;			    /* 1 where the device tree tells of none */
	uint64_t hart_node[PUDU_MAX_HARTS]; /* node of each hart */
	uint64_t node_id[PUDU_MAX_NODES];   /* what the device tree calls it */
	uint8_t distance[PUDU_MAX_NODES][PUDU_MAX_NODES]; /* 10: to itself; from 11 on: to others */
	uint64_t node_frames[PUDU_MAX_NODES];		  /* frames that the kernel manages there */
	volatile int64_t node_free[PUDU_MAX_NODES];	  /* of them free, and kept by no hart */
	uint64_t asid_bits; /* of the address-space ids in use; 0: the TLB is flushed at a switch */
};

#endif
