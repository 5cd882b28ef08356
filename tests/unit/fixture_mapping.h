/* SPDX-License-Identifier: MIT */
/*
 * fixture_mapping.h - two address spaces on real page tables, beside a model that is a plain array.
 * What mapping.c calls elsewhere is done by hand here.
 */
#ifndef FIXTURE_MAPPING_H
#define FIXTURE_MAPPING_H

#include "fixture_frames.h"

#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/mapping.h"
#include "kernel/pt.h"
#include "kernel/tlb.h"
#include "riscv/csr.h"

#define SPACES	     2
#define RAM_MAX	     (8ull << 20)
#define REGIONS	     4
#define REGION_PAGES 600 /* more than one last-level table */
#define PAGES	     (REGIONS * REGION_PAGES)

/* Apart by one page, one table, one gigabyte. */
static const uint64_t region[REGIONS] = { 0x1000, 0x40000000 - 0x100000, 0x1f00000000,
					  PUDU_MEMORY_END - REGION_PAGES *PAGE_SIZE };

static struct vas *space[SPACES];
static struct {
	uint64_t physical, rights;
} model[SPACES][PAGES];

void tlb_shoot(struct vas *vas)
{
	(void)vas;
}
static unsigned code_fences;
void tlb_shoot_code(void)
{
	code_fences++;
}
void sfence_vma(void) {}
void executor_put(struct executor *executor)
{
	(void)executor;
	fail_msg("no executor is here");
}
void vas_put(struct vas *vas)
{
	(void)vas;
	fail_msg("no address space is mapped here");
}

bool vas_drop(struct vas *vas)
{
	(void)vas;
	fail_msg("no address space is torn down here");
	return false;
}
void vas_owe(struct vas *vas, uint64_t pages)
{
	(void)vas, (void)pages;
	fail_msg("no address space is torn down here");
}
uint64_t vas_pages(void)
{
	return 1;
}

static inline uint64_t address_of(unsigned page)
{
	return region[page / REGION_PAGES] + page % REGION_PAGES * PAGE_SIZE;
}

static inline void new_spaces(unsigned levels, uint64_t ram)
{
	assert_true(ram <= RAM_MAX);
	new_machine();
	add_ram(RAM, ram);
	boot();
	pt_levels = levels;
	memset(model, 0, sizeof model);
	for (unsigned i = 0; i < SPACES; i++) {
		space[i] = frame_take(FRAME_VAS);
		assert_non_null(space[i]);
		budget_carve(space[i], BUDGET_MAX);
		space[i]->resource.tag = (i + 1) << 8 | RESOURCE_VAS;
	}
}

/* A frame is named as often as the model says: none is given back while somebody has it. */
static inline void compare_references(void)
{
	static uint32_t count[RAM_MAX / PAGE_SIZE];

	memset(count, 0, sizeof count);
	for (unsigned s = 0; s < SPACES; s++)
		for (unsigned p = 0; p < PAGES; p++)
			if (model[s][p].physical != 0)
				count[(model[s][p].physical - RAM) / PAGE_SIZE]++;
	for (unsigned i = 0; i < RAM_MAX / PAGE_SIZE; i++) {
		if (count[i] == 0)
			continue;
		assert_int_equal(frame_of(RAM + i * PAGE_SIZE)->references, count[i]);
		assert_int_equal(frame_of(RAM + i * PAGE_SIZE)->type, FRAME_USER);
	}
}

/* Every page of the model is what the tables say, and nothing else is mapped near it. */
static inline void compare_all(void)
{
	for (unsigned s = 0; s < SPACES; s++) {
		for (unsigned p = 0; p < PAGES; p++) {
			struct pt_place place = pt_find(space[s], address_of(p));
			uint64_t leaf = *place.entry;

			if (model[s][p].physical == 0) {
				if (leaf != 0)
					fail_msg("space %u page %u: mapped", s, p);
				continue;
			}
			assert_int_equal(place.level, 0);
			assert_int_equal(pte_physical(leaf), model[s][p].physical);
			assert_int_equal(leaf & PTE_RWX, model[s][p].rights);
			assert_true((leaf & PTE_U) && (leaf & PTE_A) && (leaf & PTE_V));
			assert_true(!(leaf & PTE_W) || (leaf & PTE_D));
		}
		for (unsigned r = 1; r < REGIONS; r++)
			assert_int_equal(*pt_find(space[s], region[r] - PAGE_SIZE).entry, 0);
	}
	compare_references();
}

typedef int64_t step_function(struct change *change, struct gathered *gathered);

/* All steps of a call, as the system call does them. */
static inline int64_t run(step_function *function, struct change *change)
{
	int64_t status;

	do {
		struct gathered gathered;

		gathered_init(&gathered);
		status = function(change, &gathered);
		assert_true(gathered.n <= MAPPING_UNITS);
		gathered_release(&gathered);
	} while (status == MAPPING_MORE);
	if (status == MAPPING_WAIT)
		status = PUDU_ERR_MEMORY; /* nobody else gives anything back here */
	assert_true(change->done <= change->length);
	assert_true(status != PUDU_OK || change->done == change->length);
	return status;
}

#endif
