/* SPDX-License-Identifier: MIT */
/*
 * deadline_storm.c - thousands of deadlines at once, and deadlines and wake-ups at random: all are
 * told, none too early.
 *
 *	deadline_storm [storm=N] [rounds=N]
 */
#include <stdio.h>

#include "check.h"
#include "sleepers.h"

#define WAITERS_MAX 8

/* Ten thousand at once, and those that are woken before their time in between. */
static void a_storm_of_deadlines_wakes_all(void)
{
	unsigned n = (unsigned)check_argument("storm", SLEEPERS_MAX), late = 0;
	uint64_t from = pudu_ticks() + sleepers_milliseconds(20), seed = 1;

	order = 0;
	for (unsigned i = 0; i < n; i++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		sleepers_start(i, from + (seed >> 40) % sleepers_milliseconds(100));
		if (i % 5 == 4)
			CHECK_OK(pudu_unpark(TEST_HANDLE(i - (seed >> 33) % 5)));
	}
	sleepers_await(n);
	for (unsigned i = 0; i < n; i++) {
		sleepers_check_deadline(i);
		late += sleeper[i].waits > 1;
	}
	printf("  %u executors, %u of them woken for nothing before\n", n, late);
	sleepers_close(n);
}

/* Threads that wait again and again for times at random, and are woken at random by each other. */
static struct pudu_thread *waiter[WAITERS_MAX];
static _Atomic uint64_t waits, told;

static int64_t wait_at_random(void *argument)
{
	static uint32_t zero;
	uint64_t seed = (uint64_t)argument + 1, rounds = check_argument("rounds", 400), late = 0;

	for (uint64_t i = 0; i < rounds; i++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		uint64_t until = pudu_ticks() + (seed >> 40) % sleepers_milliseconds(1) / 4;
		int64_t status = seed >> 63 ? pudu_park_if((uint64_t)&zero, 0, until).status
					    : pudu_accept(0, 0, until).status;

		if (status == PUDU_ERR_DEADLINE) {
			told++;
			late += pudu_ticks() < until;
		} else if (status != PUDU_OK) {
			return status;
		}
		waits++;
		pudu_unpark(pudu_thread_executor(waiter[(seed >> 32) % WAITERS_MAX]));
	}
	return (int64_t)late;
}

static void waits_and_wake_ups_at_random_keep_their_deadlines(void)
{
	struct pudu_thread_end end;

	waits = told = 0;
	for (unsigned i = 0; i < WAITERS_MAX; i++)
		CHECK_EQUAL(pudu_thread_prepare(&waiter[i], wait_at_random, (void *)(uintptr_t)i,
						PUDU_THREAD_STACK),
			    PUDU_OK);
	for (unsigned i = 0; i < WAITERS_MAX; i++)
		pudu_thread_start(waiter[i]);
	/* Handles stay until all have ended: the others use them. */
	for (unsigned i = 0; i < WAITERS_MAX; i++)
		CHECK_EQUAL(check_await_end(pudu_thread_executor(waiter[i])), 0);
	for (unsigned i = 0; i < WAITERS_MAX; i++)
		pudu_thread_join(waiter[i], &end);
	CHECK_EQUAL(waits, WAITERS_MAX * check_argument("rounds", 400));
	CHECK(told != 0);
	printf("  %llu waits, %llu until their deadline\n", (unsigned long long)waits,
	       (unsigned long long)told);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_storm_of_deadlines_wakes_all),
		CASE(waits_and_wake_ups_at_random_keep_their_deadlines),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
