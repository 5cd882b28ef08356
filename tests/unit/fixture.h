/* SPDX-License-Identifier: MIT */
/* fixture.h - what several unit tests share: cmocka, random numbers, buffers without slack. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A repeatable sequence (xorshift64*, Vigna 2016). */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

static inline uint64_t random_below(uint64_t *state, uint64_t limit)
{
	return random_next(state) % limit;
}

/* Rounds of a loop over mutations; FUZZ_ROUNDS in the environment makes it longer or shorter. */
static inline unsigned long fuzz_rounds(unsigned long usual)
{
	const char *wanted = getenv("FUZZ_ROUNDS");

	return wanted == NULL ? usual : strtoul(wanted, NULL, 10);
}

/* A copy of exactly @size bytes: AddressSanitizer sees who reads one byte further. */
static inline void *exact_copy(const void *bytes, size_t size)
{
	void *copy = malloc(size == 0 ? 1 : size);

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	return copy;
}

/* Change a few bytes, mostly to values that hurt. */
static inline void mutate(unsigned char *bytes, size_t size, uint64_t *state)
{
	static const unsigned char nasty[] = { 0x00, 0x01, 0x7f, 0x80, 0xff, 0xfe, 0x04, '0' };
	uint64_t n = 1 + random_below(state, 6);

	for (uint64_t i = 0; i < n; i++) {
		size_t at = (size_t)random_below(state, size);
		size_t run = (size_t)random_below(state, 5);
		unsigned char value = nasty[random_below(state, sizeof nasty)];

		if (random_below(state, 3) == 0)
			value = (unsigned char)random_next(state);
		for (size_t j = at; j < size && j <= at + run; j++)
			bytes[j] = value;
	}
}

/* @text contains @part, or the test fails and shows both. */
static inline void assert_says(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", text, part);
}

#endif
