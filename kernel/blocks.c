/* SPDX-License-Identifier: MIT */
/* blocks.c - see frame.h and frame_table.h: the frames that are in no hart's cache, in their
 * blocks. */
#include "kernel/frame_table.h"
#include "kernel/hart.h"

struct bank frame_banks[PLATFORM_BANKS];
unsigned frame_n_banks;
uint8_t frame_nodes_near[PUDU_MAX_NODES][PUDU_MAX_NODES];

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
		frames[i].head = FRAME_HEAD(FRAME_FREE, 0);
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

/* The next block of @node that was never used, in no list; NULL: none. REQUIRES(frame_lock) */
static struct block *next_unused(unsigned node)
{
	for (unsigned i = 0; i < frame_n_banks; i++) {
		struct bank *bank = &frame_banks[i];

		if (bank->node != node)
			continue;
		while (bank->next_unused < bank->n_blocks) {
			uint64_t index = bank->next_unused++;

			if (!bank->blocks[index].used)
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

/* A block of @node with all frames free, in no list any more; NULL: none. REQUIRES(frame_lock) */
static struct block *take_whole(unsigned node)
{
	struct block *block = global->whole_head[node];

	if (block == NULL)
		return next_unused(node);
	unlink_block(&global->whole_head[node], block);
	return block;
}

/* A block of @node with a free frame, in front of its list; NULL: none. REQUIRES(frame_lock) */
static struct block *block_with_room(unsigned node)
{
	struct block *block = global->blocks_head[node];

	if (block != NULL)
		return block;
	block = take_whole(node);
	if (block == NULL)
		return NULL;
	if (!block->used) {
		struct bank *bank = &frame_banks[block->bank];

		block_use(bank, (uint64_t)(block - bank->blocks));
	}
	block_link(&global->blocks_head[node], block);
	return block;
}

/* Move up to @n free frames of a block of @node to @cache. Result: how many. REQUIRES(frame_lock)
 */
static unsigned take_from_block(struct frame_cache *cache, unsigned node, unsigned n)
{
	struct block *block = block_with_room(node);

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
	global->info->node_free[node] -= taken;
	if (block->free == 0)
		unlink_block(&global->blocks_head[node], block);
	return taken;
}

/* @n frames were put into the list of @block: put it into the list where it belongs.
 * REQUIRES(frame_lock) */
static inline void block_gained(struct bank *bank, struct block *block, unsigned n)
{
	block->free = (uint16_t)(block->free + n);
	global->info->node_free[bank->node] += n;
	if (__builtin_expect(block->free == n, 0))
		block_link(&global->blocks_head[bank->node], block);
	if (__builtin_expect(block->free == BLOCK_FRAMES, 0)) {
		unlink_block(&global->blocks_head[bank->node], block);
		block_link(&global->whole_head[bank->node], block);
	}
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
	block_gained(bank, block, 1);
}

void blocks_take(struct frame_cache *cache, unsigned count)
{
	lock_acquire(&global->frame_lock, LOCK_FRAMES);
	const uint8_t *near = frame_nodes_near[this_hart->node];
	uint64_t before = cache->count;

	for (unsigned i = 0; i < global->n_nodes && cache->count == before; i++)
		while (cache->count < count &&
		       take_from_block(cache, near[i], count - (unsigned)cache->count) > 0)
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

struct block *blocks_take_whole(void)
{
	lock_acquire(&global->frame_lock, LOCK_FRAMES);
	const uint8_t *near = frame_nodes_near[this_hart->node];
	struct block *block = NULL;

	for (unsigned i = 0; i < global->n_nodes && block == NULL; i++)
		block = take_whole(near[i]);
	if (block != NULL) {
		global->info->node_free[frame_banks[block->bank].node] -= BLOCK_FRAMES;
		count_in_blocks(-(uint64_t)BLOCK_FRAMES);
	}
	lock_release(&global->frame_lock, LOCK_FRAMES);
	return block;
}

void blocks_give_whole(struct block *block)
{
	unsigned node = frame_banks[block->bank].node;

	lock_acquire(&global->frame_lock, LOCK_FRAMES);
	block_link(&global->whole_head[node], block);
	global->info->node_free[node] += BLOCK_FRAMES;
	count_in_blocks(BLOCK_FRAMES);
	lock_release(&global->frame_lock, LOCK_FRAMES);
}

void block_fill(struct block *block, uint64_t owner)
{
	struct frame *frame = frame_of(block_base(block));

	for (struct frame *end = frame + BLOCK_FRAMES; frame < end; frame++) {
		frame->head = FRAME_HEAD(FRAME_USER, 1);
		frame->owner = owner;
	}
	block->first = FRAME_END;
	block->free = 0;
	block->used = 1;
}

void block_give(uint64_t physical)
{
	struct bank *bank = bank_of(physical);
	struct block *block = &bank->blocks[(physical - bank->base) >> BLOCK_SHIFT];

	/* The entries are out of date until block_use or block_fill makes them anew. */
	block->used = 0;
	blocks_give_whole(block);
	this_hart->free->frames += BLOCK_FRAMES;
}

void block_give_part(uint64_t physical, const struct block_part *part)
{
	struct bank *bank = bank_of(physical);
	uint64_t index = (physical - bank->base) >> PAGE_SHIFT;
	struct block *block = &bank->blocks[index / BLOCK_FRAMES];

	lock_acquire(&global->frame_lock, LOCK_FRAMES);
	bank->frames[index + part->last].next = block->first;
	block->first = (uint16_t)part->first;
	block_gained(bank, block, part->n);
	count_in_blocks(part->n);
	lock_release(&global->frame_lock, LOCK_FRAMES);
	this_hart->free->frames += part->n;
}

void frames_give(const uint64_t *physical, unsigned n)
{
	lock_acquire(&global->frame_lock, LOCK_FRAMES);
	for (unsigned i = 0; i < n; i++) {
		struct frame *frame = frame_of(physical[i]);

		frame->head = FRAME_HEAD(FRAME_FREE, 0);
		block_give_frame(physical[i]);
	}
	count_in_blocks(n);
	lock_release(&global->frame_lock, LOCK_FRAMES);
	this_hart->free->frames += n;
}
