/* SPDX-License-Identifier: MIT */
/* frame_table.h - what frame.c, blocks.c and frame_boot.c share: work on the tables of frame.h. */
#ifndef KERNEL_FRAME_TABLE_H
#define KERNEL_FRAME_TABLE_H

#include "kernel/frame.h"

/* block_use - initialise the entries of block @index of @bank, all free. The caller links it. */
void block_use(struct bank *bank, uint64_t index);

/* block_link - put @block in front of the list at @head. */
void block_link(struct block **head, struct block *block);

struct frame_cache;

/*
 * blocks_take - fill @cache up to @count frames with any contents, or as many as there are. Takes
 * LOCK_FRAMES.
 */
void blocks_take(struct frame_cache *cache, unsigned count);

/*
 * blocks_give - give frames of @cache back to their blocks, until @keep are left. Takes
 * LOCK_FRAMES.
 */
void blocks_give(struct frame_cache *cache, uint64_t keep);

#endif
