/* SPDX-License-Identifier: MIT */
/* frame.c - see frame.h: frames in the caches of this hart; blocks.c has the others. */
#include "kernel/frame.h"

#include <string.h>

#include "kernel/frame_table.h"
#include "kernel/hart.h"

#define BATCH  (FRAME_CACHE / 2) /* frames moved between a hart and the blocks at a time */
#define PLENTY 1024		 /* with fewer left, idle harts take none to zero them */

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

static void refill(void)
{
	blocks_take(&this_hart->dirty, BATCH);
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

static inline void give(struct frame_cache *cache, void *page, struct frame *frame)
{
	frame->type = FRAME_FREE;
	frame->live = 0;
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

bool frame_zero_one(void)
{
	if (this_hart->zeroed.count == FRAME_CACHE)
		return false;
	if (this_hart->dirty.count == 0 &&
	    atomic_load_explicit(&global->frames_in_blocks, memory_order_relaxed) >= PLENTY)
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
	atomic_fetch_and_explicit(&global->flush, ~bit, memory_order_relaxed);
}

uint64_t frame_ask_others(void)
{
	uint64_t slots = 0;

	/* A peek at numbers of others: a wrong one costs an interrupt, or is right the next time.
	 */
	for (unsigned s = 0; s < global->n_harts; s++) {
		const volatile struct hart *hart = global->harts[s];

		if (hart != this_hart && hart->zeroed.count + hart->dirty.count != 0)
			slots |= 1ull << s;
	}
	atomic_fetch_or_explicit(&global->flush, slots, memory_order_relaxed);
	return slots;
}
