/* SPDX-License-Identifier: MIT */
/* frame.c - see frame.h: frames in the caches of this hart; blocks.c has the others. */
#include "kernel/frame.h"

#include <string.h>

#include "kernel/frame_table.h"
#include "kernel/hart.h"

#define BATCH	   (FRAME_CACHE / 2) /* frames moved between a hart and the blocks at a time */
#define LOOKS	   128		     /* of frame_find: frames, or blocks that are not in use */
#define PLENTY	   1024		     /* with fewer left, idle harts take none to zero them */
#define BLOCK_STEP 8 /* frames of a block that a call zeroes: some 540 instructions each */

/* Fill @page with zeros. Result: @page. */
static inline void *page_zero(void *page)
{
	uint64_t *word = page, *end = word + PAGE_SIZE / sizeof *word;

	do {
#define ZERO4(i)                                                                                   \
	word[i] = 0;                                                                               \
	word[i + 1] = 0;                                                                           \
	word[i + 2] = 0;                                                                           \
	word[i + 3] = 0
		ZERO4(0);
		ZERO4(4);
		ZERO4(8);
		ZERO4(12);
		ZERO4(16);
		ZERO4(20);
		ZERO4(24);
		ZERO4(28);
#undef ZERO4
		word += 32;
		__asm__ volatile(
			"" ::
				: "memory"); /* or the compiler calls memset, which is slower */
	} while (word != end);
	return page;
}

static inline void *cache_pop(struct frame_cache *cache)
{
	return cache->count == 0 ? NULL : cache->page[--cache->count];
}

static inline void cache_push(struct frame_cache *cache, void *page)
{
	cache->page[cache->count++] = page;
}

/* The block that this hart prepares goes back to the others, with any contents. */
static void give_block_back(void)
{
	blocks_give_whole(this_hart->preparing);
	this_hart->preparing = NULL;
}

static void refill(void)
{
	blocks_take(&this_hart->dirty, BATCH);
	if (__builtin_expect(this_hart->dirty.count == 0, 0) && this_hart->preparing != NULL) {
		give_block_back();
		blocks_take(&this_hart->dirty, BATCH);
	}
}

static inline void *taken(void *page, enum frame_type type, uint64_t owner)
{
	struct frame *frame = frame_of(phys(page));

	this_hart->free->frames--;
	frame->head = FRAME_HEAD(type, 1);
	frame->owner = owner;
	return page;
}

void *frame_take(enum frame_type type)
{
	return frame_take_for(type, 0);
}

void *frame_take_raw(void)
{
	if (__builtin_expect(this_hart->dirty.count == 0, 0))
		refill();
	void *page = cache_pop(&this_hart->dirty);

	if (__builtin_expect(page == NULL, 0)) {
		page = cache_pop(&this_hart->zeroed);
		if (page == NULL)
			return NULL;
	}
	this_hart->free->frames--;
	return page;
}

void *frame_take_any(enum frame_type type)
{
	void *page = frame_take_raw();

	if (page != NULL) {
		struct frame *frame = frame_of(phys(page));

		frame->head = FRAME_HEAD(type, 1);
		frame->owner = 0;
	}
	return page;
}

void *frame_take_for(enum frame_type type, uint64_t owner)
{
	struct frame_cache *zeroed = &this_hart->zeroed, *dirty = &this_hart->dirty;

	if (zeroed->count != 0)
		return taken(cache_pop(zeroed), type, owner);
	if (__builtin_expect(dirty->count == 0, 0)) {
		refill();
		if (dirty->count == 0)
			return NULL;
	}
	return taken(page_zero(cache_pop(dirty)), type, owner);
}

void frame_zero_ahead(unsigned n)
{
	struct frame_cache *zeroed = &this_hart->zeroed, *dirty = &this_hart->dirty;

	while (zeroed->count < n) {
		if (__builtin_expect(dirty->count == 0, 0)) {
			refill();
			if (dirty->count == 0)
				return;
		}
		cache_push(zeroed, page_zero(cache_pop(dirty)));
	}
}

/* Zero up to @n more frames of the block that this hart prepares. */
static void prepare(unsigned n)
{
	char *page = virt(block_base(this_hart->preparing));

	for (; n > 0 && this_hart->prepared < BLOCK_FRAMES; n--)
		page_zero(page + (this_hart->prepared++ << PAGE_SHIFT));
}

void *frame_take_block(uint64_t owner, bool *more)
{
	*more = false;
	if (this_hart->preparing == NULL) {
		this_hart->preparing = blocks_take_whole();
		this_hart->prepared = 0;
	}
	struct block *block = this_hart->preparing;

	if (block == NULL)
		return NULL;
	if (this_hart->prepared < BLOCK_FRAMES) {
		prepare(BLOCK_STEP);
		*more = true;
		return NULL;
	}
	this_hart->preparing = NULL;
	this_hart->free->frames -= BLOCK_FRAMES;
	block_fill(block, owner);
	return virt(block_base(block));
}

static inline void give(struct frame_cache *cache, void *page, struct frame *frame)
{
	frame->head = FRAME_HEAD(FRAME_FREE, 0);
	if (__builtin_expect(cache->count == FRAME_CACHE, 0))
		blocks_give(cache, FRAME_CACHE - BATCH);
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

static bool is_plenty(void)
{
	return atomic_load_explicit(&global->frames_in_blocks, memory_order_relaxed) >= PLENTY;
}

bool frame_zero_one(void)
{
	if (this_hart->zeroed.count == FRAME_CACHE) {
		if (this_hart->preparing == NULL || this_hart->prepared == BLOCK_FRAMES ||
		    !is_plenty())
			return false;
		prepare(1);
		return true;
	}
	if (this_hart->dirty.count == 0 && is_plenty())
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
	uint64_t bit = 1ull << this_hart->slot;

	if ((atomic_load_explicit(&global->flush, memory_order_relaxed) & bit) == 0)
		return;
	blocks_give(&this_hart->zeroed, 0);
	blocks_give(&this_hart->dirty, 0);
	if (this_hart->preparing != NULL)
		give_block_back();
	atomic_fetch_and_explicit(&global->flush, ~bit, memory_order_relaxed);
}

uint64_t frame_ask_others(void)
{
	uint64_t slots = 0;

	/* A peek at numbers of others: a wrong one costs an interrupt, or is right the next time.
	 */
	for (unsigned s = 0; s < global->n_harts; s++) {
		const volatile struct hart *hart = global->harts[s];

		if (hart != this_hart &&
		    (hart->zeroed.count + hart->dirty.count != 0 || hart->preparing != NULL))
			slots |= 1ull << s;
	}
	atomic_fetch_or_explicit(&global->flush, slots, memory_order_relaxed);
	return slots;
}

void *frame_find(enum frame_type type, uint64_t *from)
{
	unsigned looks = LOOKS;

	for (unsigned i = 0; i < frame_n_banks; i++) {
		struct bank *bank = &frame_banks[i];
		uint64_t index = *from <= bank->base ? 0 : (*from - bank->base) >> PAGE_SHIFT;

		while (index < bank->n_blocks * BLOCK_FRAMES) {
			uint64_t at = bank->base + (index << PAGE_SHIFT);
			bool used = bank->blocks[index / BLOCK_FRAMES].used;

			if (looks-- == 0) {
				*from = at;
				return NULL;
			}
			if (used && bank->frames[index].type == type) {
				*from = at + PAGE_SIZE;
				return virt(at);
			}
			index = used ? index + 1 : (index / BLOCK_FRAMES + 1) * BLOCK_FRAMES;
		}
	}
	*from = 0;
	return NULL;
}
