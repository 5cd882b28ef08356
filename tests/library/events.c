/* SPDX-License-Identifier: MIT */
/* events.c - event counts and pudu_wait_any() do what <pudu/event.h> promises. */
#include <stdatomic.h>
#include <string.h>

#include <pudu/sync.h>

#include "threads.h"

#define WAITERS 4
#define THINGS	3

static struct pudu_event event, other;
static struct pudu_semaphore semaphore[THINGS];
static _Atomic unsigned published, taken[THINGS];

static int64_t await_event(void *unused)
{
	(void)unused;
	return (int64_t)pudu_event_wait(&event, 0);
}

static void a_signal_wakes_all_that_wait(void)
{
	struct pudu_thread *thread[WAITERS];

	event.count = 0;
	pudu_event_signal(&other); /* nobody waits */
	CHECK_EQUAL(pudu_event_wait(&other, other.count - 1), other.count);
	for (unsigned i = 0; i < WAITERS; i++)
		thread[i] = begin_waiter(await_event, NULL);
	disturb(thread, WAITERS);
	for (unsigned i = 0; i < 20; i++)
		check_nap();
	calm();
	for (unsigned i = 0; i < WAITERS; i++)
		await_wait(thread[i]);
	pudu_event_signal(&event);
	for (unsigned i = 0; i < WAITERS; i++)
		CHECK_EQUAL(finish(thread[i]), 1);
	CHECK_EQUAL(pudu_event_count(&event), 1);
	CHECK_EQUAL(event.queue, 0);
}

static int64_t await_event_for_a_moment(void *microseconds)
{
	uint64_t deadline = after((uint64_t)microseconds);
	uint32_t seen = pudu_event_count(&event);

	CHECK_EQUAL(pudu_event_wait_until(&event, seen, deadline), seen);
	CHECK(pudu_ticks() >= deadline);
	return 0;
}

static void a_wait_ends_at_its_deadline(void)
{
	finish(begin(await_event_for_a_moment, (void *)0));
	finish(begin(await_event_for_a_moment, (void *)2000));
	CHECK_EQUAL(event.queue, 0);
}

static int64_t end_at_once(void *unused)
{
	(void)unused;
	return 0;
}

static void the_end_of_a_child_ends_a_wait(void)
{
	struct pudu_thread *thread;
	uint32_t seen = pudu_event_count(&event);

	check_forget_events();
	thread = begin(end_at_once, NULL);
	CHECK_EQUAL(pudu_event_wait(&event, seen), seen);
	CHECK_EQUAL(check_state(pudu_thread_executor(thread)) & PUDU_STATE_DEAD, PUDU_STATE_DEAD);
	finish(thread);
	CHECK_EQUAL(event.queue, 0);
}

/* Thread 0 publishes numbers and signals; the others see each in time, without a lock. */
static int64_t publish_or_follow(void *number)
{
	uint32_t seed = (uint32_t)(uintptr_t)number;

	for (unsigned i = 1; i <= n_rounds(); i++) {
		uint32_t seen = pudu_event_count(&event);

		if (number == NULL) {
			published = i;
			pudu_event_signal(&event);
			if (pick(&seed, 4) == 0)
				pudu_yield();
			continue;
		}
		while (published < i)
			seen = pick(&seed, 2) ? pudu_event_wait(&event, seen)
					      : pudu_event_wait_until(&event, seen,
								      after(pick(&seed, 100)));
	}
	return 0;
}

static void no_signal_is_missed(void)
{
	published = 0;
	run_disturbed(publish_or_follow, n_threads());
	CHECK_EQUAL(published, n_rounds());
	CHECK_EQUAL(event.queue, 0);
}

static void fill(struct pudu_wait *waits)
{
	waits[0] = (struct pudu_wait){ .event = &event, .seen = pudu_event_count(&event) };
	for (unsigned i = 1; i < THINGS; i++)
		waits[i] = (struct pudu_wait){ .semaphore = &semaphore[i] };
}

static int64_t await_any(void *unused)
{
	struct pudu_wait waits[THINGS];

	(void)unused;
	fill(waits);
	return pudu_wait_any(waits, THINGS, PUDU_FOREVER);
}

static void nothing_waits(void)
{
	CHECK_EQUAL(event.queue, 0);
	for (unsigned i = 1; i < THINGS; i++)
		CHECK_EQUAL(semaphore[i].word & ~(uintptr_t)2, 0);
}

static void any_of_several_ends_a_wait(void)
{
	for (unsigned i = 0; i < THINGS; i++) {
		struct pudu_thread *thread = begin_waiter(await_any, NULL);

		disturb(&thread, 1);
		check_nap();
		check_nap();
		calm();
		await_wait(thread);
		if (i == 0)
			pudu_event_signal(&event);
		else
			pudu_semaphore_post(&semaphore[i]);
		CHECK_EQUAL(finish(thread), i);
		nothing_waits();
	}
}

/* What is ready at once is taken, the first of them, and nothing else is. */
static void what_is_ready_ends_it_at_once(void)
{
	struct pudu_wait waits[THINGS];

	fill(waits);
	pudu_semaphore_post(&semaphore[1]);
	pudu_semaphore_post(&semaphore[2]);
	CHECK_EQUAL(pudu_wait_any(waits, THINGS, 0), 1);
	CHECK_EQUAL(pudu_semaphore_value(&semaphore[2]), 1);
	CHECK_EQUAL(pudu_wait_any(waits, THINGS, 0), 2);
	CHECK_EQUAL(pudu_wait_any(waits, THINGS, 0), PUDU_ERR_DEADLINE);
	CHECK_EQUAL(pudu_wait_any(waits, THINGS, after(1000)), PUDU_ERR_DEADLINE);
	pudu_event_signal(&event);
	CHECK_EQUAL(pudu_wait_any(waits, THINGS, PUDU_FOREVER), 0);
	CHECK_EQUAL(pudu_wait_any(waits, 0, 0), PUDU_ERR_ARGUMENT);
	waits[1].semaphore = NULL;
	CHECK_EQUAL(pudu_wait_any(waits, THINGS, 0), PUDU_ERR_ARGUMENT);
	nothing_waits();
}

/* A unit for one that has got another meanwhile goes to the next. */
static void a_unit_is_not_lost_to_one_that_has_enough(void)
{
	struct pudu_thread *first = begin_waiter(await_any, NULL);
	struct pudu_thread *second = begin_waiter(await_any, NULL);

	CHECK_OK(pudu_executor_stop(pudu_thread_executor(first)));
	pudu_semaphore_post(&semaphore[1]); /* for the first, which can't go away */
	pudu_semaphore_post(&semaphore[2]);
	CHECK_EQUAL(finish(second), 2);
	CHECK_OK(pudu_executor_start(pudu_thread_executor(first)));
	CHECK_EQUAL(finish(first), 1);
	nothing_waits();
}

/* Does somebody still write to what a wait used, after it has returned? */
static int64_t is_touched(struct pudu_wait *waits)
{
	int64_t touched = 0;

	memset(waits, 0, THINGS * sizeof(*waits));
	pudu_yield();
	for (unsigned i = 0; i < THINGS * sizeof(*waits); i++)
		touched |= ((volatile char *)waits)[i];
	return touched != 0;
}

/* Odd threads give units at random, even ones take any; with deadlines; each unit is taken once. */
static int64_t give_or_take(void *number)
{
	uint32_t seed = (uint32_t)(uintptr_t)number;
	struct pudu_wait waits[THINGS];
	int64_t wrong = 0;

	for (unsigned round = 0; round < n_rounds() / 2;) {
		unsigned thing = 1 + pick(&seed, THINGS - 1);
		int64_t index;

		if ((uintptr_t)number & 1) {
			/* Few units, so that the others do wait. */
			while (pudu_semaphore_value(&semaphore[thing]) != 0)
				pudu_yield();
			pudu_semaphore_post(&semaphore[thing]);
			if (pick(&seed, 4) == 0)
				pudu_event_signal(&event);
			round++;
			continue;
		}
		fill(waits);
		index = pudu_wait_any(waits, THINGS,
				      pick(&seed, 2) ? PUDU_FOREVER : after(pick(&seed, 100)));
		if (index > 0) {
			taken[index]++;
			round++;
		}
		wrong += is_touched(waits);
	}
	return wrong;
}

static void every_unit_is_taken_once(void)
{
	unsigned n = n_threads() & ~1u;

	taken[1] = taken[2] = 0;
	run_disturbed(give_or_take, n);
	CHECK_EQUAL(taken[1] + taken[2], n / 2 * (n_rounds() / 2));
	nothing_waits();
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_signal_wakes_all_that_wait),
		CASE(a_wait_ends_at_its_deadline),
		CASE(the_end_of_a_child_ends_a_wait),
		CASE(no_signal_is_missed),
		CASE(any_of_several_ends_a_wait),
		CASE(what_is_ready_ends_it_at_once),
		CASE(a_unit_is_not_lost_to_one_that_has_enough),
		CASE(every_unit_is_taken_once),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
