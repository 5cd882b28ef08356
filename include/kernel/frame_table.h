/* SPDX-License-Identifier: MIT */
/* frame_table.h - the tables behind frame.h: only frame.c and frame_boot.c look at them. */
#ifndef KERNEL_FRAME_TABLE_H
#define KERNEL_FRAME_TABLE_H

#include "kernel/frame.h"

#define BLOCK_SHIFT	21
#define BLOCK_FRAMES	512
#define FRAME_END	0xffff		/* end of a block's list of free frames */

/* 2 MiB of RAM, or a part at the end of a bank whose other frames are FRAME_FIXED. */
struct block {
	struct block *before, *after;	/* (F) in global->blocks_head or whole_head */
	uint16_t free;			/* (F) frames that are free */
	uint16_t first;			/* (F) index of the first free one, or FRAME_END */
	uint8_t bank;			/* (b) */
	uint8_t used;			/* (F) 0: never used: all free, entries not initialised, in no list */
};

struct bank {
	uint64_t base;			/* (b) physical, on 2 MiB */
	uint64_t size;			/* (b) bytes, whole blocks */
	struct range ram;		/* (b) what is RAM of it */
	struct frame *frames;		/* (b) */
	struct block *blocks;		/* (b) */
	uint64_t n_blocks;		/* (b) */
	uint64_t next_unused;		/* (F) no block before it is unused */
};

extern struct bank frame_banks[PLATFORM_BANKS];	/* sorted by base */
extern unsigned frame_n_banks;
extern uint64_t frame_n_free;			/* (F) frames free in blocks */

/* block_use - initialise the entries of block @index of @bank, all free. The caller links it. */
void block_use(struct bank *bank, uint64_t index);

/* block_link - put @block in front of the list at @head. */
void block_link(struct block **head, struct block *block);

/* block_take_frame - a free frame with any contents, in the direct map; NULL: none. REQUIRES(frame_lock) */
void *block_take_frame(void);

/* page_zero - fill the page with zeros. */
void page_zero(void *page);

#endif
