/* SPDX-License-Identifier: MIT */
/* pt.c - see pt.h. */
#include "kernel/pt.h"

#include <stddef.h>

#include "kernel/frame.h"
#include "riscv/pte.h"

unsigned pt_levels = 3;

static unsigned index_at(uint64_t address, unsigned level)
{
	return (unsigned)(address >> (PAGE_SHIFT + 9 * level)) & 511;
}

static uint64_t *table_of(uint64_t pte)
{
	return virt(pte_physical(pte));
}

struct pt_place pt_find(uint64_t *root, uint64_t address)
{
	unsigned level = pt_levels - 1;
	uint64_t *entry = &root[index_at(address, level)];

	while (level > 0 && pte_is_table(*entry)) {
		level--;
		entry = &table_of(*entry)[index_at(address, level)];
	}
	return (struct pt_place){ entry, level };
}

void pt_set(uint64_t *entry, uint64_t value)
{
	struct frame *table = frame_of(phys(entry) & ~(PAGE_SIZE - 1));

	table->live = (uint16_t)(table->live + (value != 0) - (*entry != 0));
	/* What the entry names is filled before a walk of another hart can find it. */
	atomic_thread_fence(memory_order_release);
	*(volatile uint64_t *)entry = value;
}

uint64_t *pt_make(uint64_t *root, uint64_t address, bool *large)
{
	struct pt_place place = pt_find(root, address);

	*large = false;
	while (place.level > 0) {
		if (*place.entry != 0) {
			*large = true;
			return NULL;
		}
		uint64_t *table = frame_take(FRAME_TABLE);

		if (table == NULL)
			return NULL;
		pt_set(place.entry, pte_of(phys(table), PTE_V));
		place.level--;
		place.entry = &table[index_at(address, place.level)];
	}
	return place.entry;
}

bool pt_split(uint64_t *root, uint64_t address)
{
	struct pt_place place = pt_find(root, address);
	uint64_t *table = frame_take(FRAME_TABLE);

	if (table == NULL)
		return false;
	for (unsigned i = 0; i < 512; i++)
		table[i] = *place.entry + (i * pte_span(place.level - 1) >> 2);
	frame_of(phys(table))->live = 512;
	pt_set(place.entry, pte_of(phys(table), PTE_V));
	return true;
}

void pt_prune(uint64_t *root, uint64_t address, uint64_t *chain)
{
	uint64_t *above[PT_LEVELS_MAX];
	unsigned level = pt_levels - 1;
	uint64_t *entry = &root[index_at(address, level)];

	while (level > 0 && pte_is_table(*entry)) {
		above[level--] = entry;
		entry = &table_of(*entry)[index_at(address, level)];
	}
	for (level++; level < pt_levels; level++) {
		uint64_t table = pte_physical(*above[level]);
		struct frame *frame = frame_of(table);

		if (frame->live != 0)
			return;
		pt_set(above[level], 0);
		frame->next = *chain;
		*chain = table;
	}
}
