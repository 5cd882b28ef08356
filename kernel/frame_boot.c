/* SPDX-License-Identifier: MIT */
/* frame_boot.c - the frame table is made from the banks of RAM and what is reserved in them. */
#include <stddef.h>
#include <string.h>

#include "kernel/frame_table.h"
#include "kernel/hart.h"

#define BLOCK_SIZE   (1ull << BLOCK_SHIFT)
#define MAX_RESERVED (PLATFORM_RESERVED + 8)

static struct range taken[MAX_RESERVED]; /* reserved ranges, rounded out to pages */
static unsigned n_taken;
static uint64_t total;

static uint64_t round_down(uint64_t value, uint64_t unit)
{
	return value & ~(unit - 1);
}

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return round_down(value + unit - 1, unit);
}

static const char *take_range(uint64_t base, uint64_t size)
{
	uint64_t start = round_down(base, PAGE_SIZE);

	if (n_taken == MAX_RESERVED)
		return "memory: too many reserved ranges";
	taken[n_taken++] = (struct range){ start, round_up(base + size, PAGE_SIZE) - start };
	return NULL;
}

/* Bytes of both tables for all banks. The blocks come first, they are better aligned. */
static uint64_t tables_size(void)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < frame_n_banks; i++)
		n += frame_banks[i].n_blocks;
	return round_up(n * (sizeof(struct block) + BLOCK_FRAMES * sizeof(struct frame)),
			PAGE_SIZE);
}

/* The lowest start of @size free bytes at or above @start; moves past every taken range it meets.
 */
static uint64_t move_past_taken(uint64_t start, uint64_t size)
{
	for (unsigned i = 0; i < n_taken; i++) {
		if (taken[i].base < start + size && start < taken[i].base + taken[i].size) {
			start = taken[i].base + taken[i].size;
			i = (unsigned)-1; /* look at all of them again */
		}
	}
	return start;
}

static uint64_t find_room(const struct platform *platform, uint64_t size)
{
	for (unsigned i = 0; i < platform->n_memory; i++) {
		const struct range *ram = &platform->memory[i];
		uint64_t start = move_past_taken(round_up(ram->base, PAGE_SIZE), size);

		if (start - ram->base < ram->size && ram->size - (start - ram->base) >= size &&
		    start + size <= DIRECT_MAP_LIMIT)
			return start;
	}
	return 0;
}

static void add_bank(const struct range *ram, unsigned node)
{
	uint64_t end = ram->base + ram->size, limit = DIRECT_MAP_LIMIT;

	if (end > limit)
		end = limit; /* the direct map ends here; vas_boot says so in the log */
	uint64_t base = round_down(ram->base, BLOCK_SIZE);

	if (frame_n_banks > 0) { /* a block that two banks share goes to the first */
		struct bank *last = &frame_banks[frame_n_banks - 1];

		if (base < last->base + last->size)
			base = last->base + last->size;
	}
	if (base >= end)
		return;

	struct bank *bank = &frame_banks[frame_n_banks++];

	bank->base = base;
	bank->ram = (struct range){ ram->base, end - ram->base };
	bank->size = round_up(end, BLOCK_SIZE) - bank->base;
	bank->n_blocks = (uint32_t)(bank->size >> BLOCK_SHIFT);
	bank->node = node;
}

/* Take the frames of [base, base + size) out of @bank, as far as it covers them. */
static void fix_frames(struct bank *bank, uint64_t base, uint64_t size)
{
	uint64_t end = base + size;

	if (base < bank->base)
		base = bank->base;
	if (end > bank->base + bank->size)
		end = bank->base + bank->size;
	for (; base < end; base += PAGE_SIZE) {
		uint64_t index = (base - bank->base) >> PAGE_SHIFT;
		struct block *block = &bank->blocks[index / BLOCK_FRAMES];

		if (!block->used)
			block_use(bank, index / BLOCK_FRAMES);
		bank->frames[index].type = FRAME_FIXED;
		atomic_store_explicit(&bank->frames[index].references, 1, memory_order_relaxed);
	}
}

/* Make the list of free frames of a block whose fixed ones are marked. */
static void list_free(struct bank *bank, uint64_t index)
{
	struct frame *frames = &bank->frames[index * BLOCK_FRAMES];
	struct block *block = &bank->blocks[index];

	block->free = 0;
	block->first = FRAME_END;
	for (unsigned i = BLOCK_FRAMES; i-- > 0;) {
		if (frames[i].type == FRAME_FIXED)
			continue;
		frames[i].next = block->first;
		block->first = (uint16_t)i;
		block->free++;
	}
	if (block->free > 0)
		block_link(&global->blocks_head[bank->node], block);
}

static void fill_bank(struct bank *bank, unsigned number)
{
	memset(bank->blocks, 0, bank->n_blocks * sizeof(struct block));
	for (uint64_t i = 0; i < bank->n_blocks; i++)
		bank->blocks[i].bank = (uint8_t)number;

	uint64_t first = round_up(bank->ram.base, PAGE_SIZE);
	uint64_t end = round_down(bank->ram.base + bank->ram.size, PAGE_SIZE);

	if (first > bank->base)
		fix_frames(bank, bank->base, first - bank->base);
	if (end < bank->base + bank->size)
		fix_frames(bank, end, bank->base + bank->size - end);
	for (unsigned i = 0; i < n_taken; i++)
		fix_frames(bank, taken[i].base, taken[i].size);

	uint64_t free = 0;

	for (uint64_t i = 0; i < bank->n_blocks; i++) {
		if (bank->blocks[i].used)
			list_free(bank, i);
		free += bank->blocks[i].used ? bank->blocks[i].free : BLOCK_FRAMES;
	}
	total += free;
	global->info->node_frames[bank->node] += free;
	global->info->node_free[bank->node] += (int64_t)free;
}

/* All nodes in the order of their distance from @node, which is the first. */
static void order_nodes(const struct platform *platform, unsigned node)
{
	const uint8_t *distance = platform->distance[node];
	uint8_t *near = frame_nodes_near[node];

	near[0] = (uint8_t)node;
	for (unsigned i = 0, n = 1; i < global->n_nodes; i++) {
		unsigned place = n;

		if (i == node)
			continue;
		for (; place > 1 && distance[near[place - 1]] > distance[i]; place--)
			near[place] = near[place - 1];
		near[place] = (uint8_t)i;
		n++;
	}
}

const char *frame_boot(const struct platform *platform, const struct range *reserved,
		       unsigned n_reserved)
{
	global->n_nodes = platform->n_nodes > 1 ? platform->n_nodes : 1;
	for (unsigned i = 0; i < global->n_nodes; i++)
		order_nodes(platform, i);
	for (unsigned i = 0; i < n_reserved; i++) {
		const char *problem = take_range(reserved[i].base, reserved[i].size);

		if (problem != NULL)
			return problem;
	}
	for (unsigned i = 0; i < platform->n_memory; i++)
		add_bank(&platform->memory[i], platform->memory_node[i]);
	if (frame_n_banks == 0)
		return "memory: no RAM that the kernel can reach";

	uint64_t size = tables_size(), room = find_room(platform, size);

	if (room == 0)
		return "memory: no room for the frame table";
	const char *problem = take_range(room, size);
	if (problem != NULL)
		return problem;

	for (unsigned i = 0; i < frame_n_banks; i++) {
		struct bank *bank = &frame_banks[i];

		bank->blocks = virt(room);
		room += bank->n_blocks * sizeof(struct block);
	}
	for (unsigned i = 0; i < frame_n_banks; i++) {
		struct bank *bank = &frame_banks[i];

		bank->frames = virt(room);
		room += bank->n_blocks * BLOCK_FRAMES * sizeof(struct frame);
		fill_bank(bank, i);
	}
	global->near_base = (uintptr_t)virt(frame_banks[0].base);
	global->near_size = frame_banks[0].size;
	global->near_frames = frame_banks[0].frames;
	this_hart->free->frames = (int64_t)total;
	atomic_store_explicit(&global->frames_in_blocks, total, memory_order_relaxed);
	return NULL;
}

uint64_t frame_boot_total(void)
{
	return total;
}
