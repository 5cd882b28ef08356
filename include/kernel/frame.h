/* SPDX-License-Identifier: MIT */
/*
 * frame.h - physical memory in frames of 4 KiB, kept together in blocks of 2 MiB.
 *
 * RAM is a few sorted banks, each in one NUMA node; each has a table with an entry per frame and
 * one with an entry per block. A hart takes from the nearest node that has any. A block whose
 * frames were never used is not looked at: its entries are not even initialised, so boot does not
 * touch all of RAM. Each hart keeps a few free frames for itself, zeroed ones apart (idle harts
 * zero them).
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
	union {
		struct {
			_Atomic uint32_t references; /* (a) what names it: leaves and holders */
			uint16_t live;		     /* (V) FRAME_TABLE: entries that are not 0 */
			uint8_t type; /* (o) enum frame_type; constant while in use */
			uint8_t pad;
		};
		uint64_t head; /* all of these, in one store: see FRAME_HEAD */
	};
	union {
		uint64_t owner; /* (V) FRAME_USER: the struct vas that it is charged to */
		uint64_t next;	/* (F) FRAME_FREE: index in the block of the next free one, or
				 * FRAME_END;  while a call collects frames to give back: the next of
				 * them */
	};
};

_Static_assert(sizeof(struct frame) == 16, "sixteen bytes a frame");

/* The head of a frame that only its owner knows yet, or that is free. */
#define FRAME_HEAD(type, references) ((uint64_t)(type) << 48 | (references))

#define BLOCK_SHIFT		     21
#define BLOCK_FRAMES		     512
#define FRAME_END		     0xffff /* end of a block's list of free frames */

/*
 * 2 MiB of RAM, or a part at the end of a bank whose other frames are FRAME_FIXED. A block is in
 * the list blocks_head if some of its frames are free, in whole_head if all are, and in none if no
 * frame is free, if a hart prepares it (struct hart), or if it was never used.
 */
struct block {
	struct block *before, *after; /* (F) in blocks_head or whole_head of its node */
	uint16_t free;		      /* (F) frames that are free */
	uint16_t first;		      /* (F) index of the first free one, or FRAME_END */
	uint8_t bank;		      /* (b) */
	uint8_t used; /* (F) 0: all frames are free, and their entries are not initialised */
	uint64_t pad; /* a power of two is cheaper to index */
};

struct bank {
	uint64_t base;	      /* (b) physical, on 2 MiB */
	uint64_t size;	      /* (b) bytes, whole blocks */
	struct range ram;     /* (b) what is RAM of it */
	struct frame *frames; /* (b) */
	struct block *blocks; /* (b) */
	uint32_t n_blocks;    /* (b) */
	uint32_t node;	      /* (b) index of its NUMA node */
	uint64_t next_unused; /* (F) this block and those behind it that are not used never were */
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

/* frame_of - the entry of the frame at @physical, which is RAM and in use. Any hart. */
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

/*
 * frame_take_raw - the same, and the caller still has to store the head of its frame, which nobody
 * else knows.
 */
void *frame_take_raw(void);

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
 * frame_take_block - a zeroed block of 2 MiB for one large leaf: each of its frames is FRAME_USER,
 * has one reference and is charged to @owner. Done in steps of some 12,000 instructions at most:
 * the hart keeps the block that it prepares, and goes on with it in the next call, whoever makes
 * that. Result: its first page, in the direct map. NULL: none yet; *more: whether another call goes
 * on; if not, no block is whole. Takes LOCK_FRAMES.
 */
void *frame_take_block(uint64_t owner, bool *more);

/*
 * frame_zero_ahead - zero free frames of this hart, as far as there are any, until the next @n that
 * frame_take_for gives need not be: before a lock is taken that others wait for. @n: at most 12.
 * Takes LOCK_FRAMES.
 */
void frame_zero_ahead(unsigned n);

/*
 * block_give - all frames of the block of 2 MiB at @physical, which were all in use, are free
 * again; nothing names them. It takes the same time however many they are. Takes LOCK_FRAMES.
 */
void block_give(uint64_t physical);

/* Frames of one block that are to be free, linked by their indices. Start with n = 0. */
struct block_part {
	unsigned first, last, n;
};

/* block_part_add - @frame[@i], of a block whose entries begin at @frame, which nothing names any
 * more. */
static inline void block_part_add(struct block_part *part, struct frame *frame, unsigned i)
{
	frame[i].head = FRAME_HEAD(FRAME_FREE, 0);
	frame[i].next = part->first;
	if (part->n++ == 0)
		part->last = i;
	part->first = i;
}

/*
 * block_give_part - frames of the block at @physical are free again, at once. At least one. Takes
 * LOCK_FRAMES.
 */
void block_give_part(uint64_t physical, const struct block_part *part);

/*
 * frames_give - the @n frames at @physical[], of any type, go to their blocks at once; nothing
 * names them. Takes LOCK_FRAMES.
 */
void frames_give(const uint64_t *physical, unsigned n);

/*
 * frame_zero_one - idle work: zero one free frame of this hart, or of the block that it prepares.
 * Result: false when there is none to zero.
 */
bool frame_zero_one(void);

/*
 * frame_flush_cache - give this hart's caches, and the block that it prepares, back to the blocks,
 * if others have asked for it.
 */
void frame_flush_cache(void);

/*
 * frame_ask_others - memory is short: ask every other hart that has frames in its caches, or
 * prepares a block, to give them back, when it is interrupted next. Result: bit s: hart slot s was
 * asked.
 */
uint64_t frame_ask_others(void);

/*
 * frame_find - the first used page of @type at or above physical address @from, for dumps: takes no
 * lock, and looks at a bounded number of frames. *from: where to go on. Result: the page, in the
 * direct map; NULL: none was found so far, and none at all if *from is 0.
 */
void *frame_find(enum frame_type type, uint64_t *from);

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

/*
 * frame_drop - the same for a leaf that is gone: if ours is the only reference, nobody can add one
 * any more, and it need not be counted down. Result: nothing names the frame.
 */
static inline bool frame_drop(struct frame *frame)
{
	/* acquire: pairs with frame_put of the one before. */
	return atomic_load_explicit(&frame->references, memory_order_acquire) == 1 ||
	       frame_put(frame);
}

#endif
