/* SPDX-License-Identifier: MIT */
/*
 * preempt.c - executors that never call the kernel share the harts fairly, and can be stopped and
 * ended wherever they run.
 */
#include <stdatomic.h>
#include <stdio.h>

#include "check.h"
#include "raw.h"

#define SPINNERS_MAX (2 * PUDU_MAX_HARTS + 1)

static struct {
	_Atomic uint64_t n;
	char pad[56];
} count[SPINNERS_MAX];

static void start(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		count[i].n = 0;
		CHECK_OK(check_raw(TEST_HANDLE(i), raw_count, (uint64_t)&count[i].n));
		CHECK_OK(pudu_executor_start(TEST_HANDLE(i)));
	}
}

static void end(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		CHECK_OK(pudu_terminate(TEST_HANDLE(i), 3));
	for (unsigned i = 0; i < n; i++)
		CHECK_EQUAL(check_await_end(TEST_HANDLE(i)), 3);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), n * PUDU_PAGE_SIZE));
}

/* Until each of them has moved on so many times from where it was when we last looked. */
static unsigned least_turns(unsigned n, unsigned turns)
{
	uint64_t limit = pudu_ticks() + 20 * pudu_info()->timebase, seen[SPINNERS_MAX] = { 0 };
	unsigned turn[SPINNERS_MAX] = { 0 }, least = 0;

	while (least < turns && pudu_ticks() < limit) {
		pudu_yield();
		least = turns;
		for (unsigned i = 0; i < n; i++) {
			if (count[i].n != seen[i] && turn[i] < turns)
				turn[i]++;
			seen[i] = count[i].n;
			least = turn[i] < least ? turn[i] : least;
		}
	}
	return least;
}

static void all_of_too_many_make_progress(void)
{
	unsigned n = 2 * (unsigned)pudu_info()->harts + 1;

	start(n);
	CHECK_EQUAL(least_turns(n, 5), 5);
	end(n);
}

static void a_spinning_one_can_be_stopped(void)
{
	unsigned n = (unsigned)pudu_info()->harts + 1;
	uint64_t seen[SPINNERS_MAX];

	start(n);
	CHECK_EQUAL(least_turns(n, 1), 1);
	for (unsigned i = 0; i < n; i++)
		CHECK_OK(pudu_executor_stop(TEST_HANDLE(i)));
	for (unsigned i = 0; i < n; i++) {
		check_await_state(TEST_HANDLE(i), PUDU_STATE_STOPPED);
		seen[i] = count[i].n;
	}
	for (unsigned i = 0; i < 3; i++)
		check_nap();
	for (unsigned i = 0; i < n; i++) {
		CHECK_EQUAL(count[i].n, seen[i]);
		CHECK_OK(pudu_executor_start(TEST_HANDLE(i)));
	}
	for (unsigned i = 0; i < n; i++) {
		while (count[i].n == seen[i])
			pudu_yield();
	}
	end(n);
}

/* What if the last two reasons to interrupt a hart came just as it changed executors? */
static void stops_in_quick_succession_are_all_seen(void)
{
	unsigned n = (unsigned)pudu_info()->harts;

	start(n);
	for (uint64_t round = 0; round < check_argument("rounds", 50); round++) {
		for (unsigned i = 0; i < n; i++)
			CHECK_OK(pudu_executor_stop(TEST_HANDLE(i)));
		for (unsigned i = 0; i < n; i++)
			check_await_state(TEST_HANDLE(i), PUDU_STATE_STOPPED);
		for (unsigned i = 0; i < n; i++) {
			CHECK_OK(pudu_executor_start(TEST_HANDLE(i)));
			if (round % 2 == 0)
				CHECK_OK(pudu_executor_stop(TEST_HANDLE(i)));
			CHECK_OK(pudu_executor_start(TEST_HANDLE(i)));
		}
	}
	end(n);
}

/* All of them at once: each counts itself in, and spins until all the others are there. */
static _Atomic unsigned arrived;

static int64_t meet(void *argument)
{
	unsigned n = (unsigned)(uintptr_t)argument;

	arrived++;
	while (arrived < n)
		continue;
	return 1;
}

static void spinning_ones_meet(void)
{
	unsigned n = (unsigned)pudu_info()->harts;
	struct pudu_thread *thread[PUDU_MAX_HARTS];
	uint64_t from = pudu_ticks();

	arrived = 0;
	for (unsigned i = 0; i < n; i++)
		CHECK_EQUAL(pudu_thread_create(&thread[i], meet, (void *)(uintptr_t)n), PUDU_OK);
	for (unsigned i = 0; i < n; i++)
		pudu_thread_join(thread[i], NULL);
	printf("  %u executors met after %llu us\n", n,
	       (unsigned long long)pudu_microseconds(pudu_ticks() - from));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(all_of_too_many_make_progress),
		CASE(a_spinning_one_can_be_stopped),
		CASE(stops_in_quick_succession_are_all_seen),
		CASE(spinning_ones_meet),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
