/* SPDX-License-Identifier: MIT */
/*
 * platform.h - what the machine is, as the kernel needs it: plain data, filled once at boot by
 * dtb_parse() and constant from then on.
 *
 * All addresses are physical.
 */
#ifndef KERNEL_PLATFORM_H
#define KERNEL_PLATFORM_H

#include <stdint.h>

#include "abi/info.h"

#define PLATFORM_BANKS	  16
#define PLATFORM_NODES	  PUDU_MAX_NODES
#define PLATFORM_RESERVED 64
#define PLATFORM_BOOTARGS 1024
#define PLATFORM_NOTES	  512

enum uart_kind { UART_NONE, UART_NS16550, UART_SIFIVE };

struct range {
	uint64_t base; /* first byte */
	uint64_t size; /* bytes, not 0; base + size does not overflow */
};

struct platform {
	/*
	 * RAM, sorted by base, no overlaps, touching ones of one NUMA node joined; not necessarily
	 * on pages
	 */
	struct range memory[PLATFORM_BANKS];
	uint8_t memory_node[PLATFORM_BANKS]; /* NUMA node of each: an index */
	unsigned n_memory;
	/* Not for the allocator: memreserve block, children of /reserved-memory, the device tree,
	 * the initrd; in any order, may overlap, any alignment. */
	struct range reserved[PLATFORM_RESERVED];
	unsigned n_reserved;

	/* Harts that can run S-mode with paging, in the tree's order; the boot hart among them. */
	uint64_t hart_id[PUDU_MAX_HARTS];
	uint8_t hart_node[PUDU_MAX_HARTS]; /* NUMA node of each: an index */
	unsigned n_harts;
	unsigned n_harts_described; /* all nodes with device_type "cpu" */
	uint64_t isa;		    /* PUDU_ISA_* that all usable harts have */
	unsigned mmu_levels;	    /* the least that mmu-type says: 3 Sv39, 4 Sv48 */
	uint64_t timebase;	    /* Hz */

	unsigned n_nodes;		  /* NUMA nodes; 1 where the tree names none */
	uint32_t node_id[PLATFORM_NODES]; /* what the tree calls them, ascending */
	/* From the first to the second; 10 from a node to itself, 11 to 254 else. */
	uint8_t distance[PLATFORM_NODES][PLATFORM_NODES];

	uint64_t initrd_start, initrd_end; /* 0, 0: none */
	uint64_t fdt_base, fdt_size;	   /* the tree itself */
	char bootargs[PLATFORM_BOOTARGS];  /* always terminated */

	struct range plic; /* interrupt controller; size 0: none found */
	struct range uart; /* of stdout-path or the first; size 0: none */
	enum uart_kind uart_kind;
	unsigned uart_reg_shift; /* 0 to 3: registers lie 1 << this bytes apart */
	unsigned uart_io_width;	 /* bytes of an access: 1, 2 or 4 */
	uint64_t test_finisher;	 /* base of a "sifive,test0" device; 0: none */

	/* What the log should say: lines, each with its newline; "" if all is as it should be. */
	char notes[PLATFORM_NOTES];
};

/* platform_node - the index of the NUMA node of the hart with this id; 0 if it is not known. */
static inline unsigned platform_node(const struct platform *platform, uint64_t hart_id)
{
	for (unsigned i = 0; i < platform->n_harts; i++)
		if (platform->hart_id[i] == hart_id)
			return platform->hart_node[i];
	return 0;
}

#endif
