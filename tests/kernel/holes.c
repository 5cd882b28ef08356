/* SPDX-License-Identifier: MIT */
/*
 * holes.c - takes all memory of a machine with holes, writes to all of it, and gives it back.
 *holes.py looks at the machine's memory afterwards: the holes must be as they were.
 *
 *	holes bytes=RAM frames=AT_MOST
 */
#include <stdatomic.h>
#include <stdio.h>

#include "check.h"

#define FRESH	 (PUDU_R | PUDU_W | PUDU_MAP_FRESH)
#define START(i) (TEST_MEMORY + (uint64_t)(i)*0x40000000)
#define LENGTH	 0x600000ull /* of one call at first; it begins on 2 MiB */
#define MARK	 0x70756475686f6c65ull
#define KEPT	 2048 /* frames that may be left: tables, caches of harts, a reserve */

static _Atomic uint64_t n_taken, n_begun, n_full;

static void the_counts_add_up(void)
{
	const struct pudu_info *info = pudu_info();
	uint64_t initrd = pudu_start()->initrd_size / PUDU_PAGE_SIZE; /* reserved, too */

	CHECK_EQUAL(info->memory, check_argument("bytes", 0));
	CHECK(info->frames <= check_argument("frames", 0));
	CHECK(info->frames + info->frames / 16 + initrd >= check_argument("frames", 0));
	CHECK(pudu_free_frames() < info->frames);
}

/* Every page that is got is zero, gets a mark and its own address, and keeps them. */
static void mark(uint64_t page)
{
	volatile uint64_t *word = (volatile uint64_t *)page;

	for (unsigned i = 0; i < PUDU_PAGE_SIZE / 8; i += 2) {
		if (!CHECK(word[i] == 0 && word[i + 1] == 0))
			return;
		word[i] = MARK;
		word[i + 1] = page;
	}
}

static void take_and_mark(uint64_t thread)
{
	uint64_t start = START(thread), at = start, length = LENGTH;

	while (length != 0) {
		struct pudu_result result = pudu_map(PUDU_OWN_VAS, at, length, 0, 0, FRESH);

		for (uint64_t end = at + result.value; at < end; at += PUDU_PAGE_SIZE)
			mark(at);
		if (result.status != PUDU_OK && CHECK_EQUAL(result.status, PUDU_ERR_MEMORY))
			length = length > PUDU_PAGE_SIZE ? PUDU_PAGE_SIZE : 0;
	}
	for (uint64_t page = start; page < at; page += PUDU_PAGE_SIZE) {
		volatile uint64_t *word = (volatile uint64_t *)page;

		if (!CHECK(word[0] == MARK && word[511] == page))
			break;
	}
	atomic_fetch_add(&n_taken, (at - start) / PUDU_PAGE_SIZE);
}

/* Go on when all threads are here. */
static void meet(_Atomic uint64_t *here)
{
	atomic_fetch_add(here, 1);
	while (atomic_load(here) < pudu_info()->harts)
		pudu_yield();
}

/* No thread can be made while one has taken all. */
static int64_t take_and_give(void *argument)
{
	meet(&n_begun);
	take_and_mark((uint64_t)argument);
	meet(&n_full);
	/* More than was mapped: holes are fine. */
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, START((uint64_t)argument), 0x40000000));
	return 0;
}

/* All harts at once, twice; the second time the blocks have been in use. */
static void all_memory_is_taken_and_comes_back(void)
{
	uint64_t before = check_frames();

	for (unsigned round = 0; round < 2; round++) {
		n_taken = n_begun = n_full = 0;
		check_on_all_harts(take_and_give);
		printf("  %llu of %llu free frames were taken\n", (unsigned long long)n_taken,
		       (unsigned long long)before);
		CHECK(n_taken + n_taken / 512 + KEPT >= before);
		CHECK(n_taken <= before);
		check_frames_settle(before);
	}
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(the_counts_add_up),
		CASE(all_memory_is_taken_and_comes_back),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
