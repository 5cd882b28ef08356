/* SPDX-License-Identifier: MIT */
/* frame_table.h - what frame.c and frame_boot.c share: work on the tables of frame.h. */
#ifndef KERNEL_FRAME_TABLE_H
#define KERNEL_FRAME_TABLE_H

#include "kernel/frame.h"

/* block_use - initialise the entries of block @index of @bank, all free. The caller links it. */
void block_use(struct bank *bank, uint64_t index);

/* block_link - put @block in front of the list at @head. */
void block_link(struct block **head, struct block *block);

/* page_zero - fill the page with zeros. */
void page_zero(void *page);

#endif
