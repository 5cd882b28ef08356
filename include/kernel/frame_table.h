/* SPDX-License-Identifier: MIT */
/* frame_table.h - what frame.c, blocks.c and frame_boot.c share: work on the tables of frame.h. */
#ifndef KERNEL_FRAME_TABLE_H
#define KERNEL_FRAME_TABLE_H

#include "kernel/frame.h"

/* frame_nodes_near[n] - (b) all NUMA nodes, the nearest to node n first. */
extern uint8_t frame_nodes_near[PUDU_MAX_NODES][PUDU_MAX_NODES];

/* block_use - initialise the entries of block @index of @bank, all free. The caller links it. */
void block_use(struct bank *bank, uint64_t index);

/* block_link - put @block in front of the list at @head. */
void block_link(struct block **head, struct block *block);

/* block_base - the physical address of @block. */
static inline uint64_t block_base(const struct block *block)
{
	const struct bank *bank = &frame_banks[block->bank];

	return bank->base + ((uint64_t)(block - bank->blocks) << BLOCK_SHIFT);
}

/*
 * block_fill - every frame of @block, which is whole and in no list, is in use: a program's, with
 * one reference, charged to @owner.
 */
void block_fill(struct block *block, uint64_t owner);

/*
 * blocks_take_whole - the nearest block with all frames free, with any contents, now in no list.
 * NULL: there is none. Its entries may be out of date (block->used is 0). Takes LOCK_FRAMES.
 */
struct block *blocks_take_whole(void);

/* blocks_give_whole - give back what blocks_take_whole gave. Takes LOCK_FRAMES. */
void blocks_give_whole(struct block *block);

struct frame_cache;

/*
 * blocks_take - fill @cache up to @count frames with any contents, or as many as the
 * nearest node with any has. Takes
 * LOCK_FRAMES.
 */
void blocks_take(struct frame_cache *cache, unsigned count);

/*
 * blocks_give - give frames of @cache back to their blocks, until @keep are left. Takes
 * LOCK_FRAMES.
 */
void blocks_give(struct frame_cache *cache, uint64_t keep);

#endif
