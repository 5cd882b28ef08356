/* SPDX-License-Identifier: MIT */
/* pt.c - see pt.h. */
#include "kernel/pt.h"

#include <stddef.h>

#include "abi/status.h"
#include "kernel/frame.h"
#include "kernel/shortage.h"
#include "riscv/pte.h"

#define TABLE_ENTRIES 512

unsigned pt_levels = 3;
bool pt_napot;

static unsigned index_at(uint64_t address, unsigned level)
{
	return (unsigned)(address >> (PAGE_SHIFT + 9 * level)) & (TABLE_ENTRIES - 1);
}

static uint64_t *table_of(uint64_t pte)
{
	return virt(pte_physical(pte));
}

/* A table of zeros, charged to @vas. Result: PUDU_OK, PUDU_ERR_MEMORY, PT_WAIT. */
static int64_t new_table(struct vas *vas, uint64_t **table)
{
	if (!budget_take(vas, 1))
		return PUDU_ERR_MEMORY;
	*table = frame_take(FRAME_TABLE);
	if (*table != NULL)
		return PUDU_OK;
	budget_give(vas, 1);
	shortage_note();
	return PT_WAIT;
}

struct pt_place pt_find(struct vas *vas, uint64_t address)
{
	unsigned level = pt_levels - 1;
	uint64_t *entry = &vas->user[index_at(address, level)];

	while (level > 0 && pte_is_table(*entry)) {
		level--;
		entry = &table_of(*entry)[index_at(address, level)];
	}
	return (struct pt_place){ entry, level };
}

void pt_set(uint64_t *entry, uint64_t value)
{
	struct frame *table = pt_table(entry);

	table->live = (uint16_t)(table->live + (value != 0) - (*entry != 0));
	/* What the entry names is filled before a walk of another hart can find it. */
	atomic_thread_fence(memory_order_release);
	*(volatile uint64_t *)entry = value;
}

uint64_t pt_change(uint64_t *entry, uint64_t clear, uint64_t set)
{
	_Atomic uint64_t *leaf = (_Atomic uint64_t *)entry;
	uint64_t before = atomic_load_explicit(leaf, memory_order_relaxed);

	while (!atomic_compare_exchange_strong(leaf, &before, (before & ~clear) | set))
		;
	return before;
}

/* Hang @table in at *place, and go down in it. */
static void descend(struct pt_place *place, uint64_t address, uint64_t *table)
{
	pt_set(place->entry, pte_of(phys(table), PTE_V));
	place->level--;
	place->entry = &table[index_at(address, place->level)];
}

int64_t pt_make(struct vas *vas, uint64_t address, unsigned level, struct pt_place *place)
{
	while (place->level > level) {
		uint64_t *table;

		if (*place->entry != 0)
			return PUDU_ERR_EXISTS;
		int64_t status = new_table(vas, &table);

		if (status != PUDU_OK)
			return status;
		descend(place, address, table);
	}
	return PUDU_OK;
}

int64_t pt_split(struct vas *vas, uint64_t address, struct pt_place *place)
{
	uint64_t before = *place->entry, *table, step;
	int64_t status = new_table(vas, &table);

	if (status != PUDU_OK)
		return status;
	step = pte_is_lazy(before) ? 0 : pte_span(place->level - 1) >> 2;
	for (unsigned i = 0; i < TABLE_ENTRIES; i++)
		table[i] = before + i * step;
	frame_of(phys(table))->live = TABLE_ENTRIES;

	uint64_t *large = place->entry;
	/* The parts are there before a walk can find them. */
	uint64_t last = atomic_exchange_explicit((_Atomic uint64_t *)large,
						 pte_of(phys(table), PTE_V), memory_order_release);

	place->level--;
	place->entry = &table[index_at(address, place->level)];
	if (last != before) /* a hart has set A or D while we copied */
		for (unsigned i = 0; i < TABLE_ENTRIES; i++)
			pt_change(&table[i], 0, last & (PTE_A | PTE_D));
	return PUDU_OK;
}

unsigned pt_prune(struct vas *vas, uint64_t address, uint64_t *chain)
{
	uint64_t *above[PT_LEVELS_MAX];
	unsigned level = pt_levels - 1, pruned = 0;
	uint64_t *entry = &vas->user[index_at(address, level)];

	while (level > 0 && pte_is_table(*entry)) {
		above[level--] = entry;
		entry = &table_of(*entry)[index_at(address, level)];
	}
	for (level++; level < pt_levels; level++) {
		uint64_t table = pte_physical(*above[level]);
		struct frame *frame = frame_of(table);

		if (frame->live != 0)
			break;
		pt_set(above[level], 0);
		frame->next = *chain;
		*chain = table;
		pruned++;
	}
	if (pruned != 0)
		budget_give(vas, pruned);
	return pruned;
}
