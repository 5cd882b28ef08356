/* SPDX-License-Identifier: MIT */
/*
 * hammer.c - no wake-up is ever lost: pairs of executors park and unpark each other as fast as they
 * can; in the second case a third one stops and starts them all the time. A lost wake-up is a hang:
 * the kernel's watchdog (boot argument watchdog=) then prints all executors and fails the test.
 *
 *	hammer [rounds=N] [pairs=N]
 */
#include <stdatomic.h>
#include <stdio.h>

#include "check.h"
#include "raw.h"

#define PAIRS_MAX 8

/* One pair: the ball is with side 0 while the word is even. */
struct pair {
	_Atomic uint32_t word;
	uint32_t end;
	_Atomic uint64_t parked, missed; /* park_if slept; found another value */
	struct pudu_thread *side[2];
	char pad[64];
};

static struct pair pair[PAIRS_MAX];
static _Atomic unsigned playing;
static _Atomic uint32_t started;

/* Wait for the ball and send it back, until it has gone far enough. */
static int64_t play(struct pair *p, unsigned me)
{
	uint64_t parked = 0, missed = 0;

	while (atomic_load(&started) == 0)
		pudu_park_if((uint64_t)&started, 0, PUDU_FOREVER);
	for (;;) {
		uint32_t word = atomic_load(&p->word);

		if (word >= p->end)
			break;
		if ((word & 1) != me) {
			if (pudu_park_if((uint64_t)&p->word, word, PUDU_FOREVER).status == PUDU_OK)
				parked++;
			else
				missed++;
			continue;
		}
		atomic_store(&p->word, word + 1);
		pudu_unpark(pudu_thread_executor(p->side[1 - me]));
	}
	pudu_unpark(pudu_thread_executor(p->side[1 - me]));
	p->parked += parked;
	p->missed += missed;
	playing--;
	return 7;
}

static int64_t play_0(void *argument)
{
	return play(argument, 0);
}

static int64_t play_1(void *argument)
{
	return play(argument, 1);
}

static void start(unsigned pairs, uint32_t rounds)
{
	playing = 2 * pairs;
	started = 0;
	for (unsigned i = 0; i < pairs; i++) {
		pair[i].word = 0;
		pair[i].parked = pair[i].missed = 0;
		pair[i].end = 2 * rounds;
		CHECK_EQUAL(pudu_thread_create(&pair[i].side[0], play_0, &pair[i]), PUDU_OK);
		CHECK_EQUAL(pudu_thread_create(&pair[i].side[1], play_1, &pair[i]), PUDU_OK);
	}
	started = 1;
	for (unsigned i = 0; i < pairs; i++)
		for (unsigned side = 0; side < 2; side++)
			pudu_unpark(pudu_thread_executor(pair[i].side[side]));
}

static void finish(unsigned pairs)
{
	uint64_t parked = 0, missed = 0;
	struct pudu_thread_end end;

	for (unsigned i = 0; i < pairs; i++) {
		for (unsigned side = 0; side < 2; side++) {
			pudu_thread_join(pair[i].side[side], &end);
			CHECK_EQUAL(end.code, 7);
			CHECK(!end.faulted);
		}
		CHECK_EQUAL(pair[i].word, pair[i].end);
		parked += pair[i].parked;
		missed += pair[i].missed;
	}
	printf("  %llu times parked, %llu times the word had changed\n", (unsigned long long)parked,
	       (unsigned long long)missed);
}

static unsigned pairs(void)
{
	uint64_t n = check_argument("pairs", pudu_info()->harts);

	return n > PAIRS_MAX ? PAIRS_MAX : (unsigned)n;
}

static void no_wake_up_is_lost(void)
{
	start(pairs(), (uint32_t)(check_argument("rounds", 1000) / pairs()));
	finish(pairs());
}

/* What if a wake-up met a stop on its way? Each player is stopped and started at random moments. */
static void stops_and_starts_lose_no_wake_up(void)
{
	unsigned n = pairs(), stops = 0;

	start(n, (uint32_t)(check_argument("rounds", 1000) / 4 / n));
	while (playing != 0) {
		for (unsigned i = 0; i < 2 * n; i++) {
			uint64_t executor = pudu_thread_executor(pair[i / 2].side[i % 2]);

			if (pudu_executor_stop(executor).status == PUDU_OK)
				stops++;
			if (stops % 3 == 0)
				pudu_unpark(executor);
			pudu_yield();
			pudu_executor_start(executor);
		}
		check_nap();
	}
	finish(n);
	printf("  %u stops\n", stops);
}

/* The same with an end: whatever state it hits, both end, are told, and their memory comes back. */
static void an_end_may_come_at_any_time(void)
{
	unsigned n = pairs();

	for (unsigned round = 0; round < check_argument("ends", 20); round++) {
		start(n, ~0u / 2);
		for (unsigned i = 0; i <= round % 5; i++)
			check_nap();
		for (unsigned i = 0; i < 2 * n; i++) {
			uint64_t executor = pudu_thread_executor(pair[i / 2].side[i % 2]);

			if ((round + i) % 3 == 0)
				CHECK_OK(pudu_executor_stop(executor));
			CHECK_OK(pudu_terminate(executor, 11));
			if ((round + i) % 4 == 0)
				EXPECT(pudu_executor_start(executor), PUDU_ERR_DEAD);
		}
		for (unsigned i = 0; i < 2 * n; i++) {
			struct pudu_thread_end end;

			pudu_thread_join(pair[i / 2].side[i % 2], &end);
			CHECK_EQUAL(end.code, 11);
		}
	}
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(no_wake_up_is_lost),
		CASE(stops_and_starts_lose_no_wake_up),
		CASE(an_end_may_come_at_any_time),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
