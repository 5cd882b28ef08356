/* SPDX-License-Identifier: MIT */
/*
 * fairness.c - of n executors that are ready, none waits for more than 2 x n slices, whatever the
 * others are: computing, yielding, waking each other, or calling servers. Each looks at the clock
 * all the time, and keeps the longest time in which it did not.
 *
 *	fairness [slices=N] [judge=0]
 */
#include <stdatomic.h>
#include <stdio.h>

#include "check.h"

#define KINDS 5
#define N_MAX (KINDS * 3)

struct runner {
	uint64_t last, longest, turns;
	uint64_t peer; /* a handle */
	_Atomic uint32_t ball;
	struct runner *other;
	struct pudu_thread *thread;
	char pad[64];
};

static struct runner runner[N_MAX];
static _Atomic uint32_t stop;
static unsigned n_runners;

/* The clock, which QEMU is slow at, is looked at now and then. */
static void look(struct runner *r)
{
	for (volatile unsigned i = 0; i < 300; i++)
		continue;

	uint64_t now = pudu_ticks();

	if (now - r->last > r->longest)
		r->longest = now - r->last;
	r->last = now;
	r->turns++;
}

static int64_t compute(void *argument)
{
	struct runner *r = argument;

	for (r->last = pudu_ticks(); !stop;)
		look(r);
	return 1;
}

static int64_t yield(void *argument)
{
	struct runner *r = argument;

	for (r->last = pudu_ticks(); !stop; pudu_yield())
		look(r);
	return 1;
}

/* It waits for its callers only, who are ready all the time. */
static int64_t serve(void *argument)
{
	struct runner *r = argument;
	struct pudu_words in = pudu_accept(0, 0, PUDU_FOREVER);

	for (r->last = pudu_ticks(); in.status > 0; look(r))
		in = pudu_reply_accept(0, in.word[0], 0, 0, 0, PUDU_FOREVER, 0);
	return 2;
}

static int64_t call(void *argument)
{
	struct runner *r = argument;

	for (r->last = pudu_ticks(); !stop; look(r))
		if (pudu_call(r->peer, r->turns, 0, 0, 0, 0, 0).status != PUDU_OK)
			return 3;
	return 1;
}

/* Throws a ball to the other one, and waits for it to come back: two that are as good as one. */
static int64_t throw(void *argument)
{
	struct runner *r = argument;

	for (r->last = pudu_ticks(); !stop; look(r)) {
		while (r->ball == 0 && !stop)
			pudu_park_if((uint64_t)&r->ball, 0, PUDU_FOREVER);
		r->ball = 0;
		r->other->ball = 1;
		pudu_unpark(r->peer);
	}
	pudu_unpark(r->peer);
	return 1;
}

static struct runner *add(int64_t (*body)(void *))
{
	struct runner *r = &runner[n_runners++];

	*r = (struct runner){ 0 };
	CHECK_EQUAL(pudu_thread_prepare(&r->thread, body, r, PUDU_THREAD_STACK), PUDU_OK);
	return r;
}

static void add_pair_that_calls(void)
{
	struct runner *server = add(serve);

	add(call)->peer = pudu_thread_executor(server->thread);
}

static void add_pair_that_throws(void)
{
	struct runner *one = add(throw), *two = add(throw);

	one->other = two;
	two->other = one;
	one->peer = pudu_thread_executor(two->thread);
	two->peer = pudu_thread_executor(one->thread);
	one->ball = 1;
}

/* Let them run for some slices for each of them, and look at all. */
static void run(void)
{
	uint64_t slice = pudu_info()->slice, end, longest = 0;

	stop = 0;
	for (unsigned i = 0; i < n_runners; i++)
		pudu_thread_start(runner[i].thread);
	end = pudu_ticks() + check_argument("slices", 12) * n_runners * slice;
	while (pudu_ticks() < end)
		pudu_park_if((uint64_t)&stop, 0, end);
	end = pudu_ticks();
	stop = 1;
	for (unsigned i = 0; i < n_runners; i++) {
		struct runner *r = &runner[i];
		struct pudu_thread_end how;

		pudu_unpark(pudu_thread_executor(r->thread));
		if (i + 1 < n_runners && runner[i + 1].peer == pudu_thread_executor(r->thread) &&
		    r->peer == 0) {
			pudu_thread_join(runner[i + 1].thread, &how);
			CHECK_EQUAL(how.code, 1);
			pudu_terminate(pudu_thread_executor(r->thread), 2);
			pudu_thread_join(r->thread, &how);
			CHECK_EQUAL(how.code, 2);
			i++;
		} else {
			pudu_thread_join(r->thread, &how);
			CHECK_EQUAL(how.code, 1);
		}
	}
	for (unsigned i = 0; i < n_runners; i++) {
		if (!CHECK(runner[i].turns >= 2))
			printf("  runner %u\n", i);
		if (end > runner[i].last && end - runner[i].last > runner[i].longest)
			runner[i].longest = end - runner[i].last; /* and it goes on */
		longest = runner[i].longest > longest ? runner[i].longest : longest;
	}
	printf("  %u ready, the longest wait was %llu.%llu slices\n", n_runners,
	       (unsigned long long)(longest / slice),
	       (unsigned long long)(longest * 10 / slice % 10));
	/* By the clock of the host, others than these take harts away. */
	if (check_argument("judge", 1))
		CHECK(longest <= 2 * n_runners * slice);
	n_runners = 0;
}

static void those_that_compute_wait_their_turn(void)
{
	for (unsigned i = 0; i < 2 * pudu_info()->harts + 1 && i < N_MAX; i++)
		add(compute);
	run();
}

static void those_that_yield_and_compute_wait_their_turn(void)
{
	for (unsigned i = 0; i < 3; i++) {
		add(compute);
		add(yield);
	}
	run();
}

static void those_that_call_leave_slices_to_others(void)
{
	for (unsigned i = 0; i < 3; i++) {
		add(compute);
		add_pair_that_calls();
	}
	run();
}

static void all_kinds_at_once(void)
{
	for (unsigned i = 0; i < 2; i++) {
		add(compute);
		add(yield);
		add_pair_that_calls();
		add_pair_that_throws();
	}
	run();
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(those_that_compute_wait_their_turn),
		CASE(those_that_yield_and_compute_wait_their_turn),
		CASE(those_that_call_leave_slices_to_others),
		CASE(all_kinds_at_once),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
