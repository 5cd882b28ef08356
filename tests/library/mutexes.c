/* SPDX-License-Identifier: MIT */
/* mutexes.c - mutexes and recursive mutexes do what <pudu/mutex.h> promises. */
#include <pudu/sync.h>

#include "threads.h"

#define WAITERS 6

static struct pudu_mutex mutex;
static struct pudu_recursive recursive;
static unsigned order[WAITERS];
static unsigned n_order, inside;
static uint64_t count;

static int64_t lock_and_note(void *number)
{
	pudu_mutex_lock(&mutex);
	order[n_order++] = (unsigned)(uintptr_t)number;
	pudu_mutex_unlock(&mutex);
	return 0;
}

static int64_t lock_for_a_moment(void *microseconds)
{
	uint64_t deadline = after((uint64_t)microseconds);
	int64_t status = pudu_mutex_lock_until(&mutex, deadline);

	if (status == PUDU_OK)
		pudu_mutex_unlock(&mutex);
	else
		CHECK(pudu_ticks() >= deadline);
	return -status;
}

static void a_mutex_is_one_word_and_zero_is_free(void)
{
	static const struct pudu_mutex initial = PUDU_MUTEX;

	CHECK_EQUAL(sizeof mutex, 8);
	CHECK_EQUAL(initial.word, 0);
	CHECK(pudu_mutex_try(&mutex));
	CHECK(!pudu_mutex_try(&mutex));
	pudu_mutex_unlock(&mutex);
	CHECK_EQUAL(mutex.word, 0);
	pudu_mutex_lock(&mutex);
	pudu_mutex_unlock(&mutex);
	CHECK_EQUAL(mutex.word, 0);
}

static void a_wait_ends_at_its_deadline(void)
{
	CHECK_EQUAL(pudu_mutex_lock_until(&mutex, 0), PUDU_OK); /* free: no wait */
	CHECK_EQUAL(finish(begin(lock_for_a_moment, (void *)2000)), -PUDU_ERR_DEADLINE);
	CHECK_EQUAL(finish(begin(lock_for_a_moment, (void *)0)), -PUDU_ERR_DEADLINE);
	pudu_mutex_unlock(&mutex);
	CHECK_EQUAL(mutex.word, 0);
	CHECK_EQUAL(finish(begin(lock_for_a_moment, (void *)1000000)), PUDU_OK);
}

static void those_that_wait_are_served_first_come_first_served(void)
{
	struct pudu_thread *thread[WAITERS], *leaver;

	n_order = 0;
	pudu_mutex_lock(&mutex);
	for (unsigned i = 0; i < WAITERS / 2; i++)
		thread[i] = begin_waiter(lock_and_note, (void *)(uintptr_t)i);
	/* What if one in the middle gives up? */
	leaver = begin_waiter(lock_for_a_moment, (void *)LONG);
	for (unsigned i = WAITERS / 2; i < WAITERS; i++)
		thread[i] = begin_waiter(lock_and_note, (void *)(uintptr_t)i);
	CHECK_EQUAL(finish(leaver), -PUDU_ERR_DEADLINE);
	pudu_mutex_unlock(&mutex);
	for (unsigned i = 0; i < WAITERS; i++)
		finish(thread[i]);
	for (unsigned i = 0; i < WAITERS; i++)
		CHECK_EQUAL(order[i], i);
	CHECK_EQUAL(mutex.word, 0);
}

/* What if the lock is taken again and again before the one that was woken comes to run? */
static void who_was_woken_and_lost_is_handed_the_lock(void)
{
	struct pudu_thread *first, *second;

	n_order = 0;
	pudu_mutex_lock(&mutex);
	first = begin_waiter(lock_and_note, (void *)1);
	second = begin_waiter(lock_and_note, (void *)2);
	CHECK_OK(pudu_executor_stop(pudu_thread_executor(first)));
	pudu_mutex_unlock(&mutex);
	CHECK(pudu_mutex_try(&mutex)); /* the first one can't run */
	CHECK_OK(pudu_executor_start(pudu_thread_executor(first)));
	await_wait(first);
	CHECK_OK(pudu_executor_stop(pudu_thread_executor(first)));
	pudu_mutex_unlock(&mutex);
	CHECK(!pudu_mutex_try(&mutex)); /* it still can't, but has the lock */
	CHECK_OK(pudu_executor_start(pudu_thread_executor(first)));
	finish(first);
	finish(second);
	CHECK_EQUAL(order[0], 1);
	CHECK_EQUAL(order[1], 2);
	CHECK_EQUAL(mutex.word, 0);
}

/* The case's threads: lock in all ways, and be alone inside. */
static int64_t contend(void *number)
{
	uint32_t seed = (uint32_t)(uintptr_t)number;
	int64_t wrong = 0;

	for (unsigned round = 0; round < n_rounds();) {
		unsigned way = pick(&seed, 4);

		if (way == 0 && !pudu_mutex_try(&mutex))
			continue;
		if (way == 1 && pudu_mutex_lock_until(&mutex, after(pick(&seed, 100))) != PUDU_OK)
			continue;
		if (way > 1)
			pudu_mutex_lock(&mutex);
		wrong += inside++ != 0;
		count++;
		if (pick(&seed, 8) == 0)
			pudu_yield();
		wrong += --inside != 0;
		pudu_mutex_unlock(&mutex);
		round++;
	}
	return wrong;
}

static void only_one_is_inside(void)
{
	count = 0;
	run_disturbed(contend, n_threads());
	CHECK_EQUAL(count, (uint64_t)n_threads() * n_rounds());
	CHECK_EQUAL(mutex.word, 0);
}

/* A thing that two threads have: the last to let go of it gives its memory back. */
static struct thing {
	struct pudu_mutex mutex;
	unsigned references;
} * things[64];
static _Atomic unsigned ready;

static int64_t let_go_of_things(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < 64; i++) {
		unsigned left;

		ready++;
		while (ready < 2 * (i + 1))
			pudu_yield();
		pudu_mutex_lock(&things[i]->mutex);
		left = --things[i]->references;
		if (left != 0)
			pudu_yield(); /* the other one comes to wait */
		pudu_mutex_unlock(&things[i]->mutex);
		if (left == 0)
			pudu_pages_give(things[i], PUDU_PAGE_SIZE);
	}
	return 0;
}

/* What if the unlock of the first looked at the mutex again, after the second has given it back? */
static void a_mutex_is_not_touched_once_another_has_it(void)
{
	struct pudu_thread *thread[2];

	ready = 0;
	for (unsigned i = 0; i < 64; i++) {
		things[i] = pudu_pages_take(PUDU_PAGE_SIZE);
		if (!CHECK(things[i] != NULL))
			return;
		things[i]->references = 2;
	}
	for (unsigned i = 0; i < 2; i++)
		thread[i] = begin(let_go_of_things, NULL);
	for (unsigned i = 0; i < 2; i++)
		CHECK_EQUAL(finish(thread[i]), 0);
}

static int64_t recursive_from_outside(void *unused)
{
	(void)unused;
	CHECK(!pudu_recursive_try(&recursive));
	CHECK_EQUAL(pudu_recursive_unlock(&recursive), PUDU_ERR_RIGHT);
	return -pudu_recursive_lock_until(&recursive, after(1000));
}

static void a_recursive_mutex_counts_its_locks(void)
{
	CHECK_EQUAL(pudu_recursive_unlock(&recursive), PUDU_ERR_RIGHT);
	pudu_recursive_lock(&recursive);
	CHECK(pudu_recursive_try(&recursive));
	CHECK_EQUAL(pudu_recursive_lock_until(&recursive, 0), PUDU_OK);
	CHECK_EQUAL(pudu_recursive_unlock(&recursive), PUDU_OK);
	CHECK_EQUAL(pudu_recursive_unlock(&recursive), PUDU_OK);
	CHECK_EQUAL(finish(begin(recursive_from_outside, NULL)), -PUDU_ERR_DEADLINE);
	CHECK_EQUAL(pudu_recursive_unlock(&recursive), PUDU_OK);
	CHECK_EQUAL(pudu_recursive_unlock(&recursive), PUDU_ERR_RIGHT);
	CHECK_EQUAL(recursive.mutex.word, 0);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_mutex_is_one_word_and_zero_is_free),
		CASE(a_wait_ends_at_its_deadline),
		CASE(those_that_wait_are_served_first_come_first_served),
		CASE(who_was_woken_and_lost_is_handed_the_lock),
		CASE(only_one_is_inside),
		CASE(a_mutex_is_not_touched_once_another_has_it),
		CASE(a_recursive_mutex_counts_its_locks),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
