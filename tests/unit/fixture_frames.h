/* SPDX-License-Identifier: MIT */
/*
 * fixture_frames.h - the frame allocator on RAM of a test's own making.
 *
 * It contains frame_boot.c, whose state is fresh only once in a kernel's life: here it starts anew.
 */
#ifndef FIXTURE_FRAMES_H
#define FIXTURE_FRAMES_H

#include "fixture_harts.h"

#include "../../kernel/frame_boot.c"

#define RAM 0x80000000ull

static struct platform machine;

static inline void new_machine(void)
{
	make_harts();
	memset(&machine, 0, sizeof machine);
	memset(frame_banks, 0, sizeof frame_banks);
	frame_n_banks = 0;
	n_taken = 0;
	total = 0;
}

static inline void add_ram(uint64_t base, uint64_t size)
{
	uint64_t start = base & ~(PAGE_SIZE - 1);

	machine.memory[machine.n_memory++] = (struct range){ base, size };
	make_ram(start, ((base + size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1)) - start);
}

static inline void reserve(uint64_t base, uint64_t size)
{
	machine.reserved[machine.n_reserved++] = (struct range){ base, size };
}

/* This hart's caches go back to the blocks, as if another one had asked. */
static inline void flush(void)
{
	atomic_fetch_or(&global->flush, 1ull << this_hart->slot);
	frame_flush_cache();
}

static inline void boot(void)
{
	const char *problem = frame_boot(&machine, machine.reserved, machine.n_reserved);

	if (problem != NULL)
		fail_msg("%s", problem);
	assert_int_equal(free_frames(), frame_boot_total());
	for (unsigned i = 1; i < frame_n_banks; i++)
		assert_true(frame_banks[i].base >=
			    frame_banks[i - 1].base + frame_banks[i - 1].size);
}

#endif
