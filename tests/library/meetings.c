/* SPDX-License-Identifier: MIT */
/* meetings.c - barriers and pudu_once() do what <pudu/barrier.h> promises. */
#include <stdatomic.h>

#include <pudu/sync.h>

#include "threads.h"

#define WAITERS 4

static struct pudu_barrier barrier = PUDU_BARRIER(WAITERS);
static struct pudu_once once;
static _Atomic unsigned came, last, calls;
static _Atomic uint32_t gate;

static int64_t meet_all_the_time(void *unused)
{
	int64_t wrong = 0;

	(void)unused;
	for (unsigned round = 0; round < n_rounds(); round++) {
		came++;
		last += (unsigned)pudu_barrier_wait(&barrier);
		wrong += came < (round + 1) * WAITERS;
		pudu_barrier_wait(&barrier);
		wrong += came != (round + 1) * WAITERS || last != round + 1;
		pudu_barrier_wait(&barrier);
	}
	return wrong;
}

static void nobody_passes_before_all_have_come(void)
{
	came = last = 0;
	run_disturbed(meet_all_the_time, WAITERS);
	CHECK_EQUAL(last, n_rounds());
	CHECK_EQUAL(barrier.queue, 0);
}

static int64_t meet(void *unused)
{
	(void)unused;
	return pudu_barrier_wait(&barrier);
}

static int64_t meet_for_a_moment(void *microseconds)
{
	uint64_t deadline = after((uint64_t)microseconds);
	int64_t status = pudu_barrier_wait_until(&barrier, deadline);

	if (status < 0)
		CHECK(pudu_ticks() >= deadline);
	return -status;
}

static void who_gives_up_has_not_come(void)
{
	struct pudu_thread *thread[WAITERS];

	CHECK_EQUAL(finish(begin(meet_for_a_moment, (void *)0)), -PUDU_ERR_DEADLINE);
	thread[0] = begin_waiter(meet, NULL);
	CHECK_EQUAL(finish(begin(meet_for_a_moment, (void *)1000)), -PUDU_ERR_DEADLINE);
	for (unsigned i = 1; i < WAITERS - 1; i++)
		thread[i] = begin_waiter(meet, NULL);
	await_wait(thread[0]);
	CHECK_EQUAL(pudu_barrier_wait_until(&barrier, 0), 1);
	for (unsigned i = 0; i < WAITERS - 1; i++)
		CHECK_EQUAL(finish(thread[i]), 0);
	CHECK_EQUAL(barrier.queue, 0);
	CHECK_EQUAL(barrier.waiting, 0);
}

/* It takes until the gate is open. */
static void call(void *unused)
{
	(void)unused;
	while (atomic_load(&gate) == 0)
		pudu_park_if((uint64_t)&gate, 0, PUDU_FOREVER);
	calls++;
}

static int64_t call_once(void *unused)
{
	(void)unused;
	pudu_once(&once, call, NULL);
	return calls;
}

static int64_t call_once_for_a_moment(void *unused)
{
	(void)unused;
	return -pudu_once_until(&once, call, NULL, after(1000));
}

static void it_is_done_once_and_all_wait_for_it(void)
{
	struct pudu_thread *thread[WAITERS];

	once.word = 0;
	calls = gate = 0;
	for (unsigned i = 0; i < WAITERS; i++)
		thread[i] = begin_waiter(call_once, NULL);
	CHECK_EQUAL(finish(begin(call_once_for_a_moment, NULL)), -PUDU_ERR_DEADLINE);
	disturb(thread, WAITERS);
	for (unsigned i = 0; i < 20; i++)
		check_nap();
	CHECK_EQUAL(calls, 0);
	calm();
	gate = 1;
	pudu_unpark(pudu_thread_executor(thread[0]));
	for (unsigned i = 0; i < WAITERS; i++)
		CHECK_EQUAL(finish(thread[i]), 1);
	CHECK_EQUAL(call_once(NULL), 1);
	CHECK_EQUAL(pudu_once_until(&once, call, NULL, 0), PUDU_OK);
	CHECK_EQUAL(calls, 1);
}

/* Many things, each done once, by threads that all want it done. */
static struct pudu_once many[256];

static int64_t call_many(void *unused)
{
	int64_t wrong = 0;

	(void)unused;
	for (unsigned i = 0; i < 256; i++) {
		pudu_once(&many[i], call, NULL);
		wrong += calls <= i;
	}
	return wrong;
}

static void many_are_each_done_once(void)
{
	gate = 1;
	calls = 0;
	for (unsigned i = 0; i < 256; i++)
		many[i].word = 0;
	run_disturbed(call_many, n_threads());
	CHECK_EQUAL(calls, 256);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(nobody_passes_before_all_have_come),
		CASE(who_gives_up_has_not_come),
		CASE(it_is_done_once_and_all_wait_for_it),
		CASE(many_are_each_done_once),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
