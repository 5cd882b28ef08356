/* SPDX-License-Identifier: MIT */
/*
 * test_green_queue.c - the queue of green threads with threads as workers, under ThreadSanitizer:
 * whoever has taken one has it alone, and sees what the one before has done to it.
 */
#include "green_parts.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define WORKERS	  4
#define GREENS	  8	 /* as many as slots */
#define STEALS	  20000	 /* that a case waits for */
#define TURNS_MAX 100000 /* of a worker, however few were stolen */

static struct green_queue queue[WORKERS];
static _Atomic(struct pudu_green *) slots[WORKERS][GREENS];
static struct pudu_green green[GREENS]; /* index: plain, counts how often it was taken */
static uint64_t turns[WORKERS];
static _Atomic uint64_t all_stolen;

static struct pudu_green *find(unsigned me)
{
	uint64_t taken;
	struct pudu_green *found = green_take(&queue[me], NULL, &taken);

	for (unsigned i = 1; i < WORKERS && found == NULL; i++) {
		found = green_take(&queue[(me + i) % WORKERS], &queue[me], &taken);
		if (found != NULL)
			atomic_fetch_add_explicit(&all_stolen, taken, memory_order_relaxed);
	}
	return found;
}

static void *work(void *index)
{
	unsigned me = (unsigned)(uintptr_t)index;

	while (atomic_load_explicit(&all_stolen, memory_order_relaxed) < STEALS &&
	       turns[me] < TURNS_MAX) {
		struct pudu_green *found = find(me);

		if (found == NULL) {
			sched_yield();
			continue;
		}
		found->index++;
		turns[me]++;
		if (turns[me] % 3 == 0)
			sched_yield();
		green_push(&queue[me], found);
		if (turns[me] % 5 == 0)
			sched_yield();
	}
	return NULL;
}

static void setup(unsigned n)
{
	all_stolen = 0;
	memset(queue, 0, sizeof queue);
	memset(green, 0, sizeof green);
	for (unsigned i = 0; i < WORKERS; i++) {
		queue[i].slot = slots[i];
		queue[i].mask = GREENS - 1;
		turns[i] = 0;
	}
	for (unsigned i = 0; i < n; i++)
		green_push(&queue[0], &green[i]);
}

static void fight_for(unsigned n)
{
	uint64_t all_turns = 0, all_taken = 0, left = 0, taken;
	pthread_t thread[WORKERS];

	setup(n);
	for (uintptr_t i = 0; i < WORKERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, work, (void *)i), 0);
	for (unsigned i = 0; i < WORKERS; i++) {
		pthread_join(thread[i], NULL);
		all_turns += turns[i];
	}
	for (unsigned i = 0; i < GREENS; i++)
		all_taken += green[i].index;
	assert_int_equal(all_taken, all_turns);
	assert_true(all_stolen > 0);
	for (unsigned i = 0; i < WORKERS; i++)
		while (green_take(&queue[i], NULL, &taken) != NULL)
			left++;
	assert_int_equal(left, n);
}

static void each_is_with_one_worker_at_a_time(void **state)
{
	(void)state;
	fight_for(WORKERS - 1); /* mostly one by one */
	fight_for(GREENS);	/* several at once, too */
}

static void the_first_added_is_the_first_taken(void **state)
{
	uint64_t taken;

	(void)state;
	setup(GREENS);
	for (unsigned i = 0; i < 3 * GREENS; i++) {
		struct pudu_green *first = green_take(&queue[0], NULL, &taken);

		assert_ptr_equal(first, &green[i % GREENS]);
		green_push(&queue[0], first);
	}
}

static void a_thief_takes_the_older_half(void **state)
{
	uint64_t taken;

	(void)state;
	setup(GREENS);
	assert_ptr_equal(green_take(&queue[0], &queue[1], &taken), &green[0]);
	assert_int_equal(taken, GREENS / 2);
	for (unsigned i = 1; i < GREENS / 2; i++)
		assert_ptr_equal(green_take(&queue[1], NULL, &taken), &green[i]);
	assert_null(green_take(&queue[1], NULL, &taken));
	for (unsigned i = GREENS / 2; i < GREENS; i++)
		assert_ptr_equal(green_take(&queue[0], NULL, &taken), &green[i]);
	assert_null(green_take(&queue[0], &queue[1], &taken));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_with_one_worker_at_a_time),
		cmocka_unit_test(the_first_added_is_the_first_taken),
		cmocka_unit_test(a_thief_takes_the_older_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
