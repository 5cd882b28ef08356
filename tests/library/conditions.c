/* SPDX-License-Identifier: MIT */
/* conditions.c - condition variables do what <pudu/condition.h> promises. */
#include <pudu/sync.h>

#include "threads.h"

#define WAITERS 6

static struct pudu_mutex mutex;
static struct pudu_condition condition, room;
static unsigned order[WAITERS];
static _Atomic unsigned n_order;
static unsigned tokens, taken;

static int64_t wait_and_note(void *number)
{
	pudu_mutex_lock(&mutex);
	pudu_condition_wait(&condition, &mutex);
	order[n_order++] = (unsigned)(uintptr_t)number;
	pudu_mutex_unlock(&mutex);
	return 0;
}

static void begin_all(struct pudu_thread **thread)
{
	n_order = 0;
	for (unsigned i = 0; i < WAITERS; i++)
		thread[i] = begin_waiter(wait_and_note, (void *)(uintptr_t)i);
}

static void finish_all(struct pudu_thread **thread)
{
	for (unsigned i = 0; i < WAITERS; i++)
		finish(thread[i]);
	CHECK_EQUAL(n_order, WAITERS);
	for (unsigned i = 0; i < WAITERS; i++)
		CHECK_EQUAL(order[i], i);
	CHECK_EQUAL(mutex.word, 0);
	CHECK_EQUAL(condition.queue, 0);
}

static void a_signal_wakes_one_the_oldest(void)
{
	struct pudu_thread *thread[WAITERS];

	pudu_condition_signal(&condition); /* nobody waits: nothing is remembered */
	begin_all(thread);
	for (unsigned i = 0; i < WAITERS; i++) {
		pudu_condition_signal(&condition);
		for (unsigned j = i + 1; j < WAITERS; j++)
			await_wait(thread[j]);
		while (atomic_load(&n_order) < i + 1)
			check_nap();
		CHECK_EQUAL(n_order, i + 1);
	}
	finish_all(thread);
}

/* What if they were all woken, to find the mutex taken? They move to its queue and sleep on. */
static void a_broadcast_moves_all_to_the_mutex(void)
{
	struct pudu_thread *thread[WAITERS];

	begin_all(thread);
	pudu_mutex_lock(&mutex);
	pudu_condition_broadcast(&condition);
	CHECK_EQUAL(condition.queue, 0);
	CHECK(mutex.word > 15); /* the oldest record */
	for (unsigned i = 0; i < WAITERS; i++)
		CHECK_EQUAL(check_state(pudu_thread_executor(thread[i])), PUDU_STATE_PARKED);
	CHECK_EQUAL(n_order, 0);
	pudu_mutex_unlock(&mutex);
	finish_all(thread);
}

static void a_broadcast_wakes_all_that_wait(void)
{
	struct pudu_thread *thread[WAITERS];

	begin_all(thread);
	pudu_condition_broadcast(&condition);
	finish_all(thread);
}

static int64_t wait_for_a_moment(void *microseconds)
{
	uint64_t deadline = after((uint64_t)microseconds);
	int64_t status;

	pudu_mutex_lock(&mutex);
	status = pudu_condition_wait_until(&condition, &mutex, deadline);
	CHECK(!pudu_mutex_try(&mutex)); /* it has it */
	pudu_mutex_unlock(&mutex);
	if (status == PUDU_ERR_DEADLINE)
		CHECK(pudu_ticks() >= deadline);
	return -status;
}

static void a_wait_ends_at_its_deadline_with_the_mutex(void)
{
	struct pudu_thread *thread;

	CHECK_EQUAL(finish(begin(wait_for_a_moment, (void *)1000)), -PUDU_ERR_DEADLINE);
	CHECK_EQUAL(finish(begin(wait_for_a_moment, (void *)0)), -PUDU_ERR_DEADLINE);
	/* A signal came in time, the mutex only after the deadline. */
	thread = begin_waiter(wait_for_a_moment, (void *)LONG);
	pudu_mutex_lock(&mutex);
	pudu_condition_signal(&condition);
	sleep_until(after(LONG + 10000));
	pudu_mutex_unlock(&mutex);
	CHECK_EQUAL(finish(thread), PUDU_OK);
	CHECK_EQUAL(condition.queue, 0);
}

/* A wait returns once for each signal, whoever unparks the thread meanwhile. */
static void an_unpark_is_no_signal(void)
{
	struct pudu_thread *thread[WAITERS];

	begin_all(thread);
	disturb(thread, WAITERS);
	for (unsigned i = 0; i < 20; i++)
		check_nap();
	CHECK_EQUAL(n_order, 0);
	calm();
	pudu_condition_broadcast(&condition);
	finish_all(thread);
}

/* Half of the threads make tokens, at most 4 at a time, the others take them. */
static int64_t make_or_take(void *number)
{
	uint32_t seed = (uint32_t)(uintptr_t)number;
	struct pudu_condition *mine = (uintptr_t)number & 1 ? &room : &condition;
	struct pudu_condition *others = (uintptr_t)number & 1 ? &condition : &room;

	for (unsigned round = 0; round < n_rounds();) {
		pudu_mutex_lock(&mutex);
		while ((uintptr_t)number & 1 ? tokens == 4 : tokens == 0) {
			if (pick(&seed, 4) != 0)
				pudu_condition_wait(mine, &mutex);
			else
				pudu_condition_wait_until(mine, &mutex, after(pick(&seed, 100)));
		}
		if ((uintptr_t)number & 1) {
			tokens++;
		} else {
			tokens--;
			taken++;
		}
		round++;
		if (pick(&seed, 2)) {
			pudu_condition_broadcast(others);
			pudu_mutex_unlock(&mutex);
		} else {
			pudu_mutex_unlock(&mutex);
			pudu_condition_signal(others);
		}
	}
	return 0;
}

static void no_signal_is_lost_in_a_storm(void)
{
	unsigned n = n_threads() & ~1u;

	taken = tokens = 0;
	run_disturbed(make_or_take, n);
	CHECK_EQUAL(taken, n / 2 * n_rounds());
	CHECK_EQUAL(tokens, 0);
	CHECK_EQUAL(mutex.word | condition.queue | room.queue, 0);
}

/* All wait for the next generation, which the last to come makes: broadcast storms. */
static int64_t meet(void *unused)
{
	(void)unused;
	for (unsigned round = 0; round < n_rounds(); round++) {
		unsigned generation;

		pudu_mutex_lock(&mutex);
		generation = taken / n_threads();
		if (++taken % n_threads() == 0)
			pudu_condition_broadcast(&condition);
		while (taken / n_threads() == generation)
			pudu_condition_wait(&condition, &mutex);
		pudu_mutex_unlock(&mutex);
	}
	return 0;
}

static void storms_of_broadcasts_wake_everybody(void)
{
	taken = 0;
	run_disturbed(meet, n_threads());
	CHECK_EQUAL(taken, n_threads() * n_rounds());
	CHECK_EQUAL(mutex.word | condition.queue, 0);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_signal_wakes_one_the_oldest),
		CASE(a_broadcast_moves_all_to_the_mutex),
		CASE(a_broadcast_wakes_all_that_wait),
		CASE(a_wait_ends_at_its_deadline_with_the_mutex),
		CASE(an_unpark_is_no_signal),
		CASE(no_signal_is_lost_in_a_storm),
		CASE(storms_of_broadcasts_wake_everybody),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
