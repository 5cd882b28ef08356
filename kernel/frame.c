/* SPDX-License-Identifier: MIT */
/* frame.c - see frame.h. Taking and giving; frame_boot.c makes the tables. */
#include "kernel/frame.h"

#include <string.h>

#include "kernel/frame_table.h"
#include "kernel/hart.h"

#define BATCH	(FRAME_CACHE / 2)	/* frames moved between a hart and the blocks at a time */

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
static void block_give_frame(void *page)
{
	uint64_t physical = phys(page);
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

static inline void *cache_pop(struct frame_cache *cache)
{
	return cache->count == 0 ? NULL : cache->page[--cache->count];
}

static inline void cache_push(struct frame_cache *cache, void *page)
{
	cache->page[cache->count++] = page;
}

static void refill(void)
{
	struct frame_cache *cache = &this_hart->dirty;

	lock_acquire(&global->frame_lock, LOCK_FRAMES);
	while (cache->count < BATCH && take_from_block(cache, BATCH - (unsigned)cache->count) > 0)
		;
	lock_release(&global->frame_lock, LOCK_FRAMES);
}

static void give_back(struct frame_cache *cache, uint64_t keep)
{
	lock_acquire(&global->frame_lock, LOCK_FRAMES);
	while (cache->count > keep)
		block_give_frame(cache_pop(cache));
	lock_release(&global->frame_lock, LOCK_FRAMES);
}

void page_zero(void *page)
{
	uint64_t *word = page, *end = word + PAGE_SIZE / sizeof *word;

	do {
#define ZERO4(i) word[i] = 0; word[i + 1] = 0; word[i + 2] = 0; word[i + 3] = 0
		ZERO4(0); ZERO4(4); ZERO4(8); ZERO4(12);
		ZERO4(16); ZERO4(20); ZERO4(24); ZERO4(28);
#undef ZERO4
		word += 32;
		__asm__ volatile("" ::: "memory");	/* or the compiler calls memset, which is slower */
	} while (word != end);
}

static inline void *taken(void *page, enum frame_type type, uint64_t owner)
{
	struct frame *frame = frame_of(phys(page));

	this_hart->free->frames--;
	atomic_store_explicit(&frame->references, 1, memory_order_relaxed);
	frame->type = (uint8_t)type;
	frame->owner = owner;
	return page;
}

void *frame_take(enum frame_type type)
{
	return frame_take_for(type, 0);
}

void *frame_take_any(enum frame_type type)
{
	if (this_hart->dirty.count == 0)
		refill();
	void *page = cache_pop(&this_hart->dirty);

	if (page == NULL)
		page = cache_pop(&this_hart->zeroed);
	return page == NULL ? NULL : taken(page, type, 0);
}

void *frame_take_for(enum frame_type type, uint64_t owner)
{
	void *page = cache_pop(&this_hart->zeroed);

	if (page == NULL) {
		if (this_hart->dirty.count == 0)
			refill();
		page = cache_pop(&this_hart->dirty);
		if (page == NULL)
			return NULL;
		page_zero(page);
	}
	return taken(page, type, owner);
}

static inline void give(struct frame_cache *cache, void *page, struct frame *frame)
{
	frame->type = FRAME_FREE;
	frame->live = 0;
	if (__builtin_expect(cache->count == FRAME_CACHE, 0))
		give_back(cache, FRAME_CACHE - BATCH);
	cache_push(cache, page);
	this_hart->free->frames++;
}

void frame_give(void *page, struct frame *frame)
{
	give(&this_hart->dirty, page, frame);
}

void frame_give_zeroed(void *page, struct frame *frame)
{
	give(&this_hart->zeroed, page, frame);
}

bool frame_zero_one(void)
{
	if (this_hart->zeroed.count == FRAME_CACHE)
		return false;
	if (this_hart->dirty.count == 0)
		refill();

	void *page = cache_pop(&this_hart->dirty);
	if (page == NULL)
		return false;
	page_zero(page);
	cache_push(&this_hart->zeroed, page);
	return true;
}

void frame_flush_cache(void)
{
	give_back(&this_hart->zeroed, 0);
	give_back(&this_hart->dirty, 0);
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
