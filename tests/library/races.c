/* SPDX-License-Identifier: MIT */
/*
 * races.c - what may happen between two steps of a wait, made to happen: the case itself is the
 * other thread. It holds a queue's lock bit, or has taken a record out of a queue and not answered
 * yet (user/lib/sync/queue.h).
 */
#include <stdatomic.h>

#include <pudu/sync.h>

#include "threads.h"

#define BUSY	 1 /* of a queue's word */
#define ONE_UNIT 6 /* the word of a semaphore with a unit */

static struct pudu_event event;
static struct pudu_semaphore first, second;
static _Atomic unsigned returned;

/* Let the others run until they do nothing new. */
static void settle(void)
{
	for (unsigned i = 0; i < 20; i++)
		check_nap();
}

static int64_t await_event(void *unused)
{
	(void)unused;
	return pudu_event_wait(&event, 0);
}

/* What if the count grows while the waiter is about to enter the queue? Nobody will wake it. */
static void a_waiter_looks_again_when_it_can_be_seen(void)
{
	struct pudu_thread *thread;

	event.count = 0;
	event.queue = BUSY;
	thread = begin(await_event, NULL);
	settle();
	event.count = 1; /* as by a signal that has seen no waiter */
	event.queue = 0;
	CHECK_EQUAL(finish(thread), 1);
	CHECK_EQUAL(event.queue, 0);
}

static int64_t await_any(void *unused)
{
	struct pudu_wait waits[] = {
		{ .event = &event, .seen = pudu_event_count(&event) },
		{ .semaphore = &first },
		{ .semaphore = &second },
	};
	int64_t index = pudu_wait_any(waits, 3, PUDU_FOREVER);

	(void)unused;
	returned++;
	return index;
}

static void any_looks_again_when_it_can_be_seen(void)
{
	struct pudu_thread *thread;

	event.queue = BUSY;
	thread = begin(await_any, NULL);
	settle();
	event.count++;
	event.queue = 0;
	CHECK_EQUAL(finish(thread), 0);
	CHECK_EQUAL(event.queue | first.word | second.word, 0);
}

/* What if a unit comes between the look and the queue? It is taken, and no more than that. */
static void a_unit_that_comes_meanwhile_is_taken(void)
{
	struct pudu_thread *thread;

	second.word = BUSY;
	thread = begin(await_any, NULL);
	settle();
	second.word = ONE_UNIT;
	CHECK_EQUAL(finish(thread), 2);
	CHECK_EQUAL(pudu_semaphore_value(&second), 0);
	CHECK_EQUAL(event.queue | first.word, 0);
}

/* What if another one has woken the waiter by then? It gives the second unit back. */
static void a_unit_too_many_is_given_back(void)
{
	struct pudu_thread *thread;

	second.word = BUSY;
	thread = begin(await_any, NULL);
	settle();
	CHECK_EQUAL(pudu_semaphore_post(&first), PUDU_OK);
	second.word = ONE_UNIT;
	CHECK_EQUAL(finish(thread), 1);
	CHECK_EQUAL(pudu_semaphore_value(&second), 1);
	CHECK(pudu_semaphore_try(&second));
	CHECK_EQUAL(pudu_semaphore_value(&first), 0);
	CHECK_EQUAL(event.queue, 0);
}

/* What if a waker has a record in hand when another one ends the wait? The record stays. */
static void a_wait_returns_when_no_waker_has_its_records(void)
{
	struct pudu_thread *thread = begin_waiter(await_any, NULL);
	struct pudu_waiter *record = (struct pudu_waiter *)second.word;

	returned = 0;
	record->queue = NULL;
	second.word = 0;
	CHECK_EQUAL(pudu_semaphore_post(&first), PUDU_OK);
	settle();
	CHECK_EQUAL(returned, 0);
	record->own = 1; /* it was too late, and says so */
	CHECK_EQUAL(finish(thread), 1);
}

static int64_t take_for_a_moment(void *unused)
{
	int64_t status = pudu_semaphore_wait_until(&first, after(LONG));

	(void)unused;
	returned++;
	return -status;
}

/* What if the deadline passes when a waker has the record in hand? The unit is not lost. */
static void a_unit_on_its_way_beats_the_deadline(void)
{
	struct pudu_thread *thread = begin_waiter(take_for_a_moment, NULL);
	struct pudu_waiter *record = (struct pudu_waiter *)atomic_exchange(&first.word, 0);
	uint64_t end = after(LONG + 10000);

	if (!CHECK(record != NULL))
		return;
	returned = 0;
	record->queue = NULL;
	sleep_until(end);
	CHECK_EQUAL(returned, 0);
	record->own = 1;
	pudu_unpark(pudu_thread_executor(thread));
	CHECK_EQUAL(finish(thread), 0);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_waiter_looks_again_when_it_can_be_seen),
		CASE(any_looks_again_when_it_can_be_seen),
		CASE(a_unit_that_comes_meanwhile_is_taken),
		CASE(a_unit_too_many_is_given_back),
		CASE(a_wait_returns_when_no_waker_has_its_records),
		CASE(a_unit_on_its_way_beats_the_deadline),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
