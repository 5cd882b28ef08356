/* SPDX-License-Identifier: MIT */
/* start.c - see <pudu/start.h>. */
#include <pudu/start.h>

#include <stddef.h>
#include <unistd.h>

#include "internal.h"

_Static_assert(offsetof(struct pudu_start, argc) == 8, "crt0.S: argc");
_Static_assert(offsetof(struct pudu_start, argv) == 16, "crt0.S: argv");
_Static_assert(offsetof(struct pudu_start, envp) == 24, "crt0.S: envp");

static const struct pudu_start *start_block;

void pudu_start_set(const struct pudu_start *start)
{
	start_block = start;
	environ = start->envp;
}

const struct pudu_start *pudu_start(void)
{
	return start_block;
}

uint64_t pudu_microseconds(uint64_t ticks)
{
	uint64_t timebase = pudu_info()->timebase;

	return ticks / timebase * 1000000 + ticks % timebase * 1000000 / timebase;
}

uint64_t pudu_free_frames(void)
{
	int64_t sum = 0;

	for (unsigned hart = 0; hart < PUDU_MAX_HARTS; hart++)
		sum += pudu_info()->free[hart].frames;
	return sum < 0 ? 0 : (uint64_t)sum;
}
