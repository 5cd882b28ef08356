/* SPDX-License-Identifier: MIT */
/* registers_check.c - see registers_check.h. */
#include "registers_check.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

#define A0 10
#define A7 17

_Atomic bool registers_with_fp = true;

static uint64_t pattern(uint64_t seed, unsigned n)
{
	return 0xabad1dea00000000 + seed * 0x10000 + n * 0x101;
}

void registers_fill(struct registers *block, uint64_t seed)
{
	for (unsigned n = 0; n < 32; n++) {
		block->x[n] = pattern(seed, n);
		block->f[n] = pattern(seed, n + 32);
	}
	block->fcsr = 0x20 * (1 + seed % 4) + (seed & 0x1f);
}

/* Registers that a called function keeps: sp, gp, tp, s0 to s11; fs0 to fs11. */
static bool survives(unsigned n)
{
	return n == 2 || n == 3 || n == 4 || n == 8 || n == 9 || (n >= 18 && n <= 27);
}

static bool survives_fp(unsigned n)
{
	return n == 8 || n == 9 || (n >= 18 && n <= 27);
}

static bool is_right(uint64_t before, uint64_t after, bool kept)
{
	return after == before || (!kept && after == 0);
}

static void check_after(const struct registers *before, const struct registers *after,
			const uint64_t result[7])
{
	for (unsigned n = 1; n < 32; n++) {
		bool right = n >= A0 && n < A7 && result[n - A0] != 0
				     ? result[n - A0] == ANY || after->x[n] == result[n - A0]
				     : is_right(before->x[n], after->x[n], survives(n));

		if (!CHECK(right))
			printf("    call %llu: x%u was 0x%llx, is 0x%llx\n",
			       (unsigned long long)before->x[A7], n,
			       (unsigned long long)before->x[n], (unsigned long long)after->x[n]);
	}
	for (unsigned n = 0; n < 32; n++)
		if (!CHECK(is_right(before->f[n], after->f[n], survives_fp(n))))
			printf("    call %llu: f%u was 0x%llx, is 0x%llx\n",
			       (unsigned long long)before->x[A7], n,
			       (unsigned long long)before->f[n], (unsigned long long)after->f[n]);
	CHECK_EQUAL(after->fcsr, before->fcsr);
}

struct registers registers_check_call(uint64_t seed, uint64_t number, const uint64_t argument[7],
				      const uint64_t result[7])
{
	struct registers before, after;

	registers_fill(&before, seed);
	memcpy(&before.x[A0], argument, 7 * sizeof argument[0]);
	before.x[A7] = number;
	after = before;
	if (registers_with_fp)
		registers_call(&after);
	else
		registers_call_integers(&after);
	before.x[2] = after.x[2]; /* it compares sp itself */
	check_after(&before, &after, result);
	return after;
}
