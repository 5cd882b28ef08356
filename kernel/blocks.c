/* SPDX-License-Identifier: MIT */
/* blocks.c - see frame.h and frame_table.h: the frames that are in no hart's cache, in their
 * blocks. */
#include "kernel/frame_table.h"
#include "kernel/hart.h"

struct bank frame_banks[PLATFORM_BANKS];
unsigned frame_n_banks;

struct bank *bank_of(uint64_t physical)
{
	unsigned low = 0, high = frame_n_banks;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		struct bank *bank = &frame_banks[middle];

		if (physical - bank->base < bank->size)
			return bank;
		if (physical < bank->base)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void block_use(struct bank *bank, uint64_t index)
{
	struct frame *frames = &bank->frames[index * BLOCK_FRAMES];
	struct block *block = &bank->blocks[index];

	for (unsigned i = 0; i < BLOCK_FRAMES; i++) {
		atomic_store_explicit(&frames[i].references, 0, memory_order_relaxed);
		frames[i].live = 0;
		frames[i].type = FRAME_FREE;
		frames[i].next = i + 1;
	}
	frames[BLOCK_FRAMES - 1].next = FRAME_END;
	block->first = 0;
	block->free = BLOCK_FRAMES;
	block->used = 1;
}

static void unlink_block(struct block **head, struct block *block)
{
	if (block->before == NULL)
		*head = block->after;
	else
		block->before->after = block->after;
	if (block->after != NULL)
		block->after->before = block->before;
}

void block_link(struct block **head, struct block *block)
{
	block->before = NULL;
	block->after = *head;
	if (*head != NULL)
		(*head)->before = block;
	*head = block;
}

/* The next block that was never used, made ready and linked; NULL: there is none. */
static struct block *first_use(void)
{
	for (unsigned i = 0; i < frame_n_banks; i++) {
		struct bank *bank = &frame_banks[i];

		while (bank->next_unused < bank->n_blocks) {
			uint64_t index = bank->next_unused++;

			if (bank->blocks[index].used)
				continue;
			block_use(bank, index);
			block_link(&global->whole_head, &bank->blocks[index]);
			return &bank->blocks[index];
		}
	}
	return NULL;
}

/* REQUIRES(frame_lock); a load and a store, since only the holder of the lock stores. */
static void count_in_blocks(uint64_t change)
{
	uint64_t before = atomic_load_explicit(&global->frames_in_blocks, memory_order_relaxed);

	atomic_store_explicit(&global->frames_in_blocks, before + change, memory_order_relaxed);
}

/* A block with a free frame, in front of its list; NULL: none. REQUIRES(frame_lock) */
static struct block *block_with_room(void)
{
	struct block *block = global->blocks_head;

	if (block != NULL)
		return block;
	block = global->whole_head != NULL ? global->whole_head : first_use();
	if (block == NULL)
		return NULL;
	unlink_block(&global->whole_head, block);
	block_link(&global->blocks_head, block);
	return block;
}

/* Move up to @n free frames of one block to @cache. Result: how many. REQUIRES(frame_lock) */
static unsigned take_from_block(struct frame_cache *cache, unsigned n)
{
	struct block *block = block_with_room();

	if (block == NULL)
		return 0;
	struct bank *bank = &frame_banks[block->bank];
	uint64_t first = (uint64_t)(block - bank->blocks) * BLOCK_FRAMES;
	char *base = virt(bank->base + (first << PAGE_SHIFT));
	uint64_t index = block->first;
	unsigned taken = 0;

	do {
		cache->page[cache->count++] = base + (index << PAGE_SHIFT);
		index = bank->frames[first + index].next;
		taken++;
	} while (taken < n && index != FRAME_END);
	block->first = (uint16_t)index;
	block->free = (uint16_t)(block->free - taken);
	if (block->free == 0)
		unlink_block(&global->blocks_head, block);
	return taken;
}

/* REQUIRES(frame_lock) */
static inline void block_give_frame(uint64_t physical)
{
	struct bank *bank = &frame_banks[0];

	if (__builtin_expect(physical - bank->base >= bank->size, 0))
		bank = bank_of(physical);
	uint64_t index = (physical - bank->base) >> PAGE_SHIFT;
	struct block *block = &bank->blocks[index / BLOCK_FRAMES];

	bank->frames[index].next = block->first;
	block->first = (uint16_t)(index % BLOCK_FRAMES);
	block->free++;
	if (__builtin_expect(block->free == 1, 0)) {
		block_link(&global->blocks_head, block);
	} else if (__builtin_expect(block->free == BLOCK_FRAMES, 0)) {
		unlink_block(&global->blocks_head, block);
		block_link(&global->whole_head, block);
	}
}

void blocks_take(struct frame_cache *cache, unsigned count)
{
	lock_acquire(&global->frame_lock, LOCK_FRAMES);
	uint64_t before = cache->count;

	while (cache->count < count && take_from_block(cache, count - (unsigned)cache->count) > 0)
		;
	count_in_blocks(before - cache->count);
	lock_release(&global->frame_lock, LOCK_FRAMES);
}

void blocks_give(struct frame_cache *cache, uint64_t keep)
{
	lock_acquire(&global->frame_lock, LOCK_FRAMES);
	if (cache->count > keep)
		count_in_blocks(cache->count - keep);
	while (cache->count > keep)
		block_give_frame(phys(cache->page[--cache->count]));
	lock_release(&global->frame_lock, LOCK_FRAMES);
}

unsigned blocks_release(uint64_t *leaf, unsigned n)
{
	unsigned left = 0, released = 0;

	lock_acquire(&global->frame_lock, LOCK_FRAMES);
	for (unsigned i = 0; i < n; i++) {
		uint64_t physical = pte_physical(leaf[i]);

		if (leaf_is_device(leaf[i]))
			continue;
		struct frame *frame = frame_of(physical);

		/* One reference, and its leaf is gone: nobody can add one. acquire: pairs with
		 * frame_put. */
		if (frame->type != FRAME_USER ||
		    atomic_load_explicit(&frame->references, memory_order_acquire) != 1) {
			leaf[left++] = leaf[i];
			continue;
		}
		frame->type = FRAME_FREE;
		block_give_frame(physical);
		released++;
	}
	count_in_blocks(released);
	lock_release(&global->frame_lock, LOCK_FRAMES);
	this_hart->free->frames += released;
	return left;
}

void frame_each(enum frame_type type, void (*visit)(void *page))
{
	for (unsigned i = 0; i < frame_n_banks; i++) {
		struct bank *bank = &frame_banks[i];

		for (uint64_t b = 0; b < bank->n_blocks; b++) {
			if (!bank->blocks[b].used)
				continue;
			for (uint64_t f = b * BLOCK_FRAMES; f < (b + 1) * BLOCK_FRAMES; f++)
				if (bank->frames[f].type == type)
					visit(virt(bank->base + (f << PAGE_SHIFT)));
		}
	}
}
