/* SPDX-License-Identifier: MIT */
/*
 * pte.h - page-table entries of Sv39 and Sv48, and what Pudu does with the two RSW bits.
 *
 * Source: Privileged ISA, "Sv39: Page-Based 39-bit Virtual-Memory System", "Svnapot", "Svpbmt".
 */
#ifndef RISCV_PTE_H
#define RISCV_PTE_H

#include <stdint.h>

#define PTE_V	     0x001ull
#define PTE_R	     0x002ull
#define PTE_W	     0x004ull
#define PTE_X	     0x008ull
#define PTE_RWX	     0x00eull /* none of them: a pointer to the next table */
#define PTE_U	     0x010ull
#define PTE_G	     0x020ull
#define PTE_A	     0x040ull
#define PTE_D	     0x080ull
#define PTE_RSW	     0x300ull
#define PTE_PBMT_IO  (2ull << 61)
#define PTE_N	     (1ull << 63) /* one of 16 like it for 64 KiB, with the frame number of NAPOT_64K */
#define NAPOT_64K    0x8000ull /* added to the physical address of the 64 KiB */
#define NAPOT_SIZE   0x10000ull

/*
 * What a user leaf names: RSW with U=1, and with U=0. The two kinds of copy-on-write have W clear:
 * COPY stands for memory with the right W, whose first store gets a frame of its own, SNAPSHOT for
 * the same without the right.
 */
#define PTE_MEMORY   0x000ull
#define PTE_DEVICE   0x100ull
#define PTE_COPY     0x200ull
#define PTE_SNAPSHOT 0x300ull
#define PTE_ROOT     0x000ull /* U=0 from here on */
#define PTE_EXECUTOR 0x200ull
#define PTE_VAS	     0x300ull

#define PTE_PPN	     0x003ffffffffffc00ull

#define PAGE_SIZE    4096ull
#define PAGE_SHIFT   12

static inline uint64_t pte_of(uint64_t physical, uint64_t bits)
{
	return physical >> 2 | bits;
}

static inline uint64_t pte_physical(uint64_t pte)
{
	return (pte & PTE_PPN) << 2;
}

static inline int pte_is_table(uint64_t pte)
{
	return (pte & (PTE_V | PTE_RWX)) == PTE_V;
}

static inline int pte_is_leaf(uint64_t pte)
{
	return (pte & PTE_V) && (pte & PTE_RWX);
}

/* Does the user leaf @pte name device memory, which has no frame? */
static inline int leaf_is_device(uint64_t pte)
{
	return (pte & (PTE_U | PTE_RSW)) == (PTE_U | PTE_DEVICE);
}

/* Is it a user leaf of memory that a store may not change, because others may see it? */
static inline int leaf_is_shy(uint64_t pte)
{
	return (pte & (PTE_U | PTE_COPY)) == (PTE_U | PTE_COPY);
}

/*
 * An entry without V that is not 0: memory that gets its frame when it is touched. The rights are
 * where a leaf has them; the entry may be at any level.
 */
#define PTE_LAZY PTE_U

static inline int pte_is_lazy(uint64_t pte)
{
	return (pte & (PTE_V | PTE_LAZY)) == PTE_LAZY;
}

/* The rights that the entry of a program stands for: PTE_R, W, X. */
static inline uint64_t pte_rights(uint64_t pte)
{
	uint64_t rights = pte & PTE_RWX;

	return (pte & (PTE_V | PTE_U | PTE_RSW)) == (PTE_V | PTE_U | PTE_COPY) ? rights | PTE_W
									       : rights;
}

/* Bytes that an entry at @level covers; 0 is the last level. */
static inline uint64_t pte_span(unsigned level)
{
	return PAGE_SIZE << (9 * level);
}

#endif
