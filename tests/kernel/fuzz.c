/* SPDX-License-Identifier: MIT */
/*
 * fuzz.c - programs that make random calls with random arguments, in address spaces of their own:
 * whatever they do to themselves, the kernel stays whole and gets all memory back.
 *
 *	fuzz [rounds=N] [calls=N] [seed=N]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pudu/spawn.h>

#include "check.h"
#include "raw.h"

#define CHILDREN 4
#define DRAWS	 16 /* one in so many values is wholly random */

static uint64_t random_state;

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016. */
static uint64_t draw(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545f4914f6cdd1d;
}

static uint64_t pick(void)
{
	static const uint64_t values[] = {
		0,
		1,
		2,
		3,
		4,
		5,
		6,
		7,
		8,
		16,
		64,
		128,
		256,
		264,
		4096,
		4097,
		8192,
		0x200000,
		0x40000000,
		PUDU_R | PUDU_MAP_FRESH,
		PUDU_R | PUDU_W | PUDU_MAP_FRESH,
		PUDU_R | PUDU_MAP_SHARE,
		PUDU_R | PUDU_W | PUDU_MAP_SHARE,
		PUDU_R | PUDU_MAP_MOVE,
		PUDU_R | PUDU_W | PUDU_MAP_MOVE,
		PUDU_X | PUDU_MAP_FRESH,
		PUDU_FOREVER,
		TEST_MEMORY,
		TEST_MEMORY + 4096,
		TEST_MEMORY + 0x200000,
		TEST_MEMORY + 0x40000000,
		PUDU_INFO_PAGE,
		PUDU_HANDLES,
		PUDU_OWN_VAS,
		PUDU_MAIN_EXECUTOR,
		TEST_HANDLE(0),
		TEST_HANDLE(1),
		TEST_HANDLE(2),
		TEST_HANDLE(600),
		PUDU_HANDLES_END - 4096,
		PUDU_HANDLE(PUDU_SLOT_PARENT),
		PUDU_HANDLES_END,
		PUDU_MEMORY_END - 4096,
		0x10000,
		0x3000000000,
		0xffffffff80000000,
		0xffffffd080000000,
		1ull << 63,
		~0xfffull,
	};
	uint64_t value = draw();

	if (value % DRAWS == 0)
		return draw();
	if (value % DRAWS == 1)
		return values[(value >> 32) % (sizeof values / sizeof values[0])] +
		       (draw() & 0xfff);
	return values[(value >> 32) % (sizeof values / sizeof values[0])];
}

/* A call that would only make noise, or do nothing for ever. */
static bool is_dull(uint64_t number, const uint64_t argument[6])
{
	if (number == 23) /* log_write of more than a character */
		return argument[1] > 1;
	if (number == 1) /* park_if: half of them, or it soon sleeps */
		return draw() & 1;
	return false;
}

/* The child: it lives until a call ends, stops or parks it. */
static int fuzz(uint64_t seed, uint64_t calls)
{
	random_state = seed * 0x9e3779b97f4a7c15 + 1;
	for (uint64_t i = 0; i < calls; i++) {
		uint64_t number = draw() % 26, argument[6];

		for (unsigned a = 0; a < 6; a++)
			argument[a] = pick();
		if (!is_dull(number, argument))
			raw_call(number, argument, draw() % 8 == 0 ? pick() : 0);
	}
	return 0;
}

/* One generation: let all run, give them some time, end those that are left. */
static void generation(uint64_t seed, uint64_t calls)
{
	static char words[CHILDREN][2][32];
	struct pudu_process process[CHILDREN];

	for (unsigned i = 0; i < CHILDREN; i++) {
		char *argv[] = { "fuzz", words[i][0], words[i][1], NULL };
		struct pudu_spawn_options options = { .path = "fuzz", .argv = argv };

		snprintf(words[i][0], sizeof words[i][0], "child=%llu",
			 (unsigned long long)(seed * CHILDREN + i + 1));
		snprintf(words[i][1], sizeof words[i][1], "calls=%llu", (unsigned long long)calls);
		if (!CHECK_EQUAL(pudu_spawn(&options, &process[i]), PUDU_OK))
			printf("    %s\n", process[i].error);
	}
	for (unsigned nap = 0, ended = 0; nap < 50 && ended < CHILDREN; nap++) {
		check_nap();
		ended = 0;
		for (unsigned i = 0; i < CHILDREN; i++)
			ended += pudu_process_ended(&process[i], NULL) != 0;
	}
	for (unsigned i = 0; i < CHILDREN; i++)
		pudu_release(&process[i]);
}

static void random_calls_harm_nobody_else(void)
{
	uint64_t rounds = check_argument("rounds", 10), seed = check_argument("seed", 1);
	uint64_t frames;

	generation(seed, 0); /* the heap and its tables are there from now on */
	frames = check_frames();
	for (uint64_t round = 0; round < rounds; round++) {
		generation(seed + round, check_argument("calls", 2000));
		check_frames_settle(frames);
		if (pudu_free_frames() != frames) {
			printf("    after seed=%llu\n", (unsigned long long)(seed + round));
			return;
		}
	}
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(random_calls_harm_nobody_else),
	};

	if (argc > 1 && strncmp(argv[1], "child=", 6) == 0)
		return fuzz(strtoull(argv[1] + 6, NULL, 10), strtoull(argv[2] + 6, NULL, 10));
	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
