/* SPDX-License-Identifier: MIT */
/*
 * frame.h - physical memory in frames of 4 KiB, kept together in blocks of 2 MiB.
 *
 * RAM is a few sorted banks; each has a table with an entry per frame and one with an entry per
 * block. A block whose frames were never used is not looked at: its entries are not even
 * initialised, so boot does not touch all of RAM. Each hart keeps a few free frames for itself,
 * zeroed ones apart (idle harts zero them).
 *
 * The life of a frame: free in its block -> in a hart's cache -> in use, with a type and a count
 * of what names it (leaves, and whoever else holds it) -> in a hart's cache -> free in its block.
 */
#ifndef KERNEL_FRAME_H
#define KERNEL_FRAME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/layout.h"
#include "kernel/platform.h"
#include "riscv/pte.h"

enum frame_type {
	FRAME_FREE = 0,
	FRAME_USER,  /* memory of programs */
	FRAME_TABLE, /* a page table that is no root */
	FRAME_VAS,   /* a root table, which is the address space */
	FRAME_EXECUTOR,
	FRAME_FIXED, /* never free: kernel, initrd, device tree, firmware, info page, global and
			hart pages */
};

/* Entry of the frame table. */
struct frame {
	_Atomic uint32_t references; /* (a) what names it: leaves and holders */
	uint16_t live;		     /* (V) FRAME_TABLE: entries that are not 0 */
	uint8_t type;		     /* (o) enum frame_type; constant while in use */
	uint8_t pad;
	union {
		uint64_t owner; /* (V) FRAME_USER: id of the address space it was made for; 0: none
				 */
		uint64_t next;	/* (F) FRAME_FREE: index in the block of the next free one, or
				 * FRAME_END;  while a call collects frames to give back: the next of
				 * them */
	};
};

_Static_assert(sizeof(struct frame) == 16, "sixteen bytes a frame");

#define BLOCK_SHIFT  21
#define BLOCK_FRAMES 512
#define FRAME_END    0xffff /* end of a block's list of free frames */

/* 2 MiB of RAM, or a part at the end of a bank whose other frames are FRAME_FIXED. */
struct block {
	struct block *before, *after; /* (F) in global->blocks_head or whole_head */
	uint16_t free;		      /* (F) frames that are free */
	uint16_t first;		      /* (F) index of the first free one, or FRAME_END */
	uint8_t bank;		      /* (b) */
	uint8_t used; /* (F) 0: never used: all free, entries not initialised, in no list */
	uint64_t pad; /* a power of two is cheaper to index */
};

struct bank {
	uint64_t base;	      /* (b) physical, on 2 MiB */
	uint64_t size;	      /* (b) bytes, whole blocks */
	struct range ram;     /* (b) what is RAM of it */
	struct frame *frames; /* (b) */
	struct block *blocks; /* (b) */
	uint64_t n_blocks;    /* (b) */
	uint64_t next_unused; /* (F) no block before it is unused */
};

extern struct bank frame_banks[PLATFORM_BANKS]; /* sorted by base */
extern unsigned frame_n_banks;

#define virt(physical) ((void *)((uint64_t)(physical) + DIRECT_MAP))
#define phys(pointer)  ((uint64_t)(uintptr_t)(pointer)-DIRECT_MAP)

/*
 * frame_boot - make the tables for the banks of @platform. @reserved, @n_reserved: what is never
 * given out (sorted or not, any alignment), besides the tables themselves. Called once, on one
 * hart, before any other.
 * Result: NULL, or a message that says what is wrong.
 */
const char *frame_boot(const struct platform *platform, const struct range *reserved,
		       unsigned n_reserved);

/* frame_boot_total - frames that the allocator manages. */
uint64_t frame_boot_total(void);

/* bank_of - the bank that contains @physical; NULL: there is no RAM. */
struct bank *bank_of(uint64_t physical);

/* frame_of - the entry of the frame at @physical, which is RAM and in use, or was once. Any hart.
 */
static inline struct frame *frame_of(uint64_t physical)
{
	struct bank *bank = &frame_banks[0];

	if (__builtin_expect(physical - bank->base >= bank->size, 0))
		bank = bank_of(physical);
	return &bank->frames[(physical - bank->base) >> PAGE_SHIFT];
}

/*
 * frame_take - a zeroed page, in the direct map, with one reference and of @type. NULL: no memory.
 * Takes LOCK_FRAMES.
 */
void *frame_take(enum frame_type type);

/* frame_take_any - the same, but the page has any contents. */
void *frame_take_any(enum frame_type type);

/* frame_take_for - the same, with an owner. */
void *frame_take_for(enum frame_type type, uint64_t owner);

/*
 * frame_give - the page @page, whose entry is @frame, is free again; nothing names it. Takes
 * LOCK_FRAMES.
 */
void frame_give(void *page, struct frame *frame);

/*
 * frame_give_zeroed - the same for a page that is all zero again, as a page table without entries
 * is.
 */
void frame_give_zeroed(void *page, struct frame *frame);

/*
 * blocks_release - give back at once the frames of those of the @n leaves in @leaf that were a
 * program's and are named by nothing else. The others are moved to the front. Result: how many.
 * Takes LOCK_FRAMES.
 */
unsigned blocks_release(uint64_t *leaf, unsigned n);

/*
 * frame_zero_one - idle work: zero one free frame of this hart. Result: false when there is none
 * to zero.
 */
bool frame_zero_one(void);

/* frame_flush_cache - give this hart's caches back to the blocks, if others have asked for it. */
void frame_flush_cache(void);

/*
 * frame_ask_others - memory is short: ask every other hart that has frames in its caches to give
 * them back, when it is interrupted next. Result: bit s: hart slot s was asked.
 */
uint64_t frame_ask_others(void);

/*
 * frame_each - call @visit for each used page of @type, in the order of addresses; for dumps:
 * takes no lock.
 */
void frame_each(enum frame_type type, void (*visit)(void *page));

static inline void frame_get(struct frame *frame)
{
	atomic_fetch_add_explicit(&frame->references, 1, memory_order_relaxed);
}

/* frame_get_live - the same, unless nothing names it any more. Result: false then. */
static inline bool frame_get_live(struct frame *frame)
{
	uint32_t before = atomic_load_explicit(&frame->references, memory_order_relaxed);

	do {
		if (before == 0)
			return false;
	} while (!atomic_compare_exchange_strong(&frame->references, &before, before + 1));
	return true;
}

/* frame_put - drop a reference. Result: true if it was the last: what others wrote is visible. */
static inline bool frame_put(struct frame *frame)
{
	/* release: what we did to it is done for the one who frees it; acquire: the same, if that
	 * is us. */
	return atomic_fetch_sub_explicit(&frame->references, 1, memory_order_acq_rel) == 1;
}

#endif
