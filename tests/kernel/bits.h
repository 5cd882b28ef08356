/* SPDX-License-Identifier: MIT */
/* bits.h - for the tests of dirty: asking, and reading the answer. */
#ifndef BITS_H
#define BITS_H

#include <string.h>

#include "pages.h"

#define WORDS 8

static uint64_t bitmap[WORDS];

/* Ask; the words of the bitmap that are not for these pages are not touched. */
static inline void ask(uint64_t page, uint64_t n)
{
	uint64_t words = (n + 63) / 64;

	memset(bitmap, 0x5a, sizeof bitmap);
	CHECK_DONE(pudu_dirty(OWN, TEST_PAGE(page), PAGES(n), (uint64_t)bitmap), PUDU_OK, n);
	for (uint64_t i = words; i < WORDS; i++)
		CHECK_EQUAL(bitmap[i], 0x5a5a5a5a5a5a5a5a);
	if (n % 64 != 0)
		CHECK_EQUAL(bitmap[words - 1] >> n % 64, 0);
}

static inline bool bit(uint64_t i)
{
	return bitmap[i / 64] >> i % 64 & 1;
}

static inline uint64_t bits(uint64_t n)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++)
		sum += bit(i);
	return sum;
}

#endif
