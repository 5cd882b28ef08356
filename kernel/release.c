/* SPDX-License-Identifier: MIT */
/* release.c - see mapping.h: what becomes of frames, handles and tables that were taken away. */
#include "kernel/frame.h"
#include "kernel/mapping.h"
#include "riscv/pte.h"

#define MANY 8 /* frames go to their blocks, not to the cache of this hart */

/* Charges to give back, of one owner as long as it goes. */
struct refund {
	struct vas *owner;
	uint64_t pages;
};

static void refund_flush(struct refund *refund)
{
	if (refund->pages != 0)
		budget_give(refund->owner, refund->pages);
	refund->pages = 0;
}

static void refund_add(struct refund *refund, const struct frame *frame)
{
	if ((uintptr_t)refund->owner != frame->owner)
		refund_flush(refund);
	refund->owner = (struct vas *)frame->owner;
	refund->pages++;
}

static void release_object(uint64_t leaf, struct frame *frame)
{
	void *page = virt(pte_physical(leaf));

	if (frame->type == FRAME_EXECUTOR)
		executor_put(page);
	else if (frame->type == FRAME_VAS)
		vas_put(page);
	else
		frame_put(frame); /* FRAME_FIXED: boot has a reference of its own */
}

/* The leaves of programs' memory become addresses of frames to be freed. Result: how many. */
static unsigned release_leaves(uint64_t *leaf, unsigned n, struct refund *refund)
{
	unsigned n_free = 0;

	for (unsigned i = 0; i < n; i++) {
		uint64_t physical = pte_physical(leaf[i]);

		if (leaf_is_device(leaf[i]))
			continue;
		struct frame *frame = frame_of(physical);

		if (frame->type != FRAME_USER) {
			release_object(leaf[i], frame);
		} else if (frame_drop(frame)) {
			refund_add(refund, frame);
			leaf[n_free++] = physical;
		}
	}
	return n_free;
}

static void free_frames_at(const uint64_t *physical, unsigned n)
{
	if (n >= MANY)
		frames_give(physical, n);
	else
		for (unsigned i = 0; i < n; i++)
			frame_give(virt(physical[i]), frame_of(physical[i]));
}

/* Is every frame of a large leaf, which is gone, a program's and mapped by that leaf alone? */
static bool alone(const struct frame *frame)
{
	for (const struct frame *end = frame + BLOCK_FRAMES; frame < end; frame++)
		if (frame->head != FRAME_HEAD(FRAME_USER, 1))
			return false;
	atomic_thread_fence(memory_order_acquire); /* as in frame_drop */
	return true;
}

/* A part of a block has other leaves: what this one was the last of goes back to the block in one
 * go. */
static void release_part(uint64_t physical, struct frame *frame)
{
	struct vas *owner = (struct vas *)frame->owner; /* of all of it: see move_charge */
	struct block_part part = { .n = 0 };

	for (unsigned i = 0; i < BLOCK_FRAMES; i++) {
		if (frame[i].type != FRAME_USER)
			frame_put(&frame[i]);
		else if (frame_drop(&frame[i]))
			block_part_add(&part, frame, i);
	}
	if (part.n != 0) {
		block_give_part(physical, &part);
		budget_give(owner, part.n);
	}
}

static void release_block(uint64_t physical)
{
	struct frame *frame = frame_of(physical);

	if (!alone(frame)) {
		release_part(physical, frame);
		return;
	}
	struct vas *owner = (struct vas *)frame->owner;

	block_give(physical);
	budget_give(owner, BLOCK_FRAMES);
}

void gathered_release(struct gathered *gathered)
{
	struct refund refund = { .owner = NULL };

	free_frames_at(gathered->leaf, release_leaves(gathered->leaf, gathered->n, &refund));
	for (unsigned i = 0; i < gathered->n_large; i++)
		release_block(pte_physical(gathered->large[i]));
	refund_flush(&refund);
	while (gathered->tables != 0) {
		uint64_t table = gathered->tables;
		struct frame *frame = frame_of(table);

		gathered->tables = frame->next;
		frame_give_zeroed(virt(table), frame);
	}
}
