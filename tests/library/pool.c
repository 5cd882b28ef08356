/* SPDX-License-Identifier: MIT */
/*
 * pool.c - thread pools: each task and each number of a loop is run once; waits help; loops nest.
 *
 *	pool [rounds=N]
 */
#include <pudu/pool.h>

#include <stdlib.h>
#include <string.h>

#include "check.h"

#define TASKS	64
#define NUMBERS 5000

static struct pudu_pool *pool;
static struct pudu_task task[TASKS];
static _Atomic uint32_t runs[TASKS], hits[NUMBERS], gate, waiting;

static void open_pool(unsigned threads)
{
	if (!CHECK_EQUAL(pudu_pool_create(&pool, threads, 0), PUDU_OK))
		abort();
	memset((void *)runs, 0, sizeof runs);
	memset((void *)hits, 0, sizeof hits);
	gate = waiting = 0;
}

static unsigned rounds(void)
{
	return (unsigned)check_argument("rounds", 200);
}

static void run_once(void *index)
{
	runs[(uint64_t)index]++;
}

static void every_task_runs_exactly_once(void)
{
	open_pool(3);
	for (unsigned round = 1; round <= rounds(); round++) {
		for (uint64_t i = 0; i < TASKS; i++)
			pudu_pool_submit(pool, &task[i], run_once, (void *)i);
		for (unsigned i = TASKS; i-- > 0;) {
			pudu_pool_wait(pool, &task[i]);
			CHECK(pudu_task_is_done(&task[i]));
			CHECK_EQUAL(runs[i], round);
		}
	}
	pudu_pool_destroy(pool);
}

/* One round after the other, so that the threads sleep in between: a lost wake-up is a hang. */
static void threads_sleep_and_wake(void)
{
	open_pool(2);
	for (unsigned round = 1; round <= rounds(); round++) {
		pudu_pool_submit(pool, &task[0], run_once, (void *)0);
		while (!pudu_task_is_done(&task[0])) /* without help */
			pudu_yield();
		CHECK_EQUAL(runs[0], round);
	}
	pudu_pool_destroy(pool);
}

static void wait_for_gate(void *unused)
{
	(void)unused;
	waiting++;
	while (!gate)
		pudu_yield();
}

static void open_gate(void *unused)
{
	(void)unused;
	gate = 1;
}

/* All threads of the pool are busy until a task has run that is still in the queue. */
static void who_waits_runs_other_tasks(void)
{
	open_pool(2);
	pudu_pool_submit(pool, &task[0], wait_for_gate, NULL);
	pudu_pool_submit(pool, &task[1], wait_for_gate, NULL);
	while (waiting < 2)
		pudu_yield();
	pudu_pool_submit(pool, &task[2], open_gate, NULL);
	pudu_pool_wait(pool, &task[0]);
	CHECK(pudu_task_is_done(&task[2]));
	pudu_pool_wait(pool, &task[1]);
	pudu_pool_destroy(pool);
}

struct sum {
	uint64_t n, result;
};

/* The number of calls of the naive Fibonacci function for n. */
static void sum_up(void *argument)
{
	struct sum *sum = argument, part[2] = { { sum->n - 1, 0 }, { sum->n - 2, 0 } };
	struct pudu_task child[2];

	sum->result = 1;
	if (sum->n < 2)
		return;
	for (unsigned i = 0; i < 2; i++)
		pudu_pool_submit(pool, &child[i], sum_up, &part[i]);
	for (unsigned i = 0; i < 2; i++)
		pudu_pool_wait(pool, &child[i]);
	sum->result += part[0].result + part[1].result;
}

static void tasks_wait_for_tasks(void)
{
	for (unsigned threads = 1; threads <= 4; threads += 3) {
		struct sum sum = { 12, 0 };

		open_pool(threads);
		pudu_pool_submit(pool, &task[0], sum_up, &sum);
		pudu_pool_wait(pool, &task[0]);
		CHECK_EQUAL(sum.result, 465);
		pudu_pool_destroy(pool);
	}
}

static void hit(uint64_t from, uint64_t to, void *grain)
{
	if (grain != NULL && (from % (uint64_t)grain != 0 || to - from > (uint64_t)grain))
		hits[0] += 1000;
	for (uint64_t i = from; i < to; i++)
		hits[i]++;
}

static void loop(uint64_t end, uint64_t grain)
{
	uint64_t once = 0;

	memset((void *)hits, 0, sizeof hits);
	pudu_parallel_for(pool, 0, end, grain, hit, (void *)grain);
	for (uint64_t i = 0; i < NUMBERS; i++)
		once += hits[i] == (i < end);
	CHECK_EQUAL(once, NUMBERS);
}

static void a_loop_does_each_number_once(void)
{
	static const uint64_t grains[] = { 0, 1, 7, NUMBERS - 1, NUMBERS, NUMBERS + 1, ~0ull };

	open_pool(0);
	for (unsigned i = 0; i < sizeof grains / sizeof grains[0]; i++) {
		loop(NUMBERS, grains[i]);
		loop(1, grains[i]);
	}
	loop(0, 1);
	pudu_parallel_for(pool, 5, 3, 1, hit, NULL);
	CHECK_EQUAL(hits[3] + hits[4] + hits[5], 0);
	pudu_pool_destroy(pool);
}

static _Atomic uint64_t edge_sum;

static void count_edge(uint64_t from, uint64_t to, void *unused)
{
	(void)unused;
	edge_sum += to - from;
}

/* What if the numbers went up to the last there is? */
static void a_loop_may_end_at_the_largest_number(void)
{
	open_pool(2);
	edge_sum = 0;
	pudu_parallel_for(pool, ~0ull - 1000, ~0ull, 3, count_edge, NULL);
	CHECK_EQUAL(edge_sum, 1000);
	pudu_parallel_for(pool, 0, ~0ull, ~0ull / 5, count_edge, NULL);
	CHECK_EQUAL(edge_sum, 1000 + ~0ull);
	pudu_pool_destroy(pool);
}

static void meet(uint64_t from, uint64_t to, void *n)
{
	(void)to;
	waiting++;
	hits[from]++;
	while (waiting < (uint64_t)n)
		pudu_yield();
}

/* As many parts as there are threads, and the caller: none returns before all have begun. */
static void a_loop_runs_in_all_threads_at_once(void)
{
	open_pool(3);
	pudu_parallel_for(pool, 0, 4, 1, meet, (void *)4);
	CHECK_EQUAL(waiting, 4);
	pudu_pool_destroy(pool);
}

static void inner(uint64_t from, uint64_t to, void *base)
{
	for (uint64_t i = from; i < to; i++)
		hits[(uint64_t)base + i]++;
}

static void outer(uint64_t from, uint64_t to, void *unused)
{
	(void)unused;
	for (uint64_t i = from; i < to; i++)
		pudu_parallel_for(pool, 0, 50, 3, inner, (void *)(i * 50));
}

static void loops_nest(void)
{
	uint64_t once = 0;

	open_pool(2);
	pudu_parallel_for(pool, 0, NUMBERS / 50, 1, outer, NULL);
	for (unsigned i = 0; i < NUMBERS; i++)
		once += hits[i] == 1;
	CHECK_EQUAL(once, NUMBERS);
	pudu_pool_destroy(pool);
}

static void the_end_of_a_pool_runs_what_is_queued(void)
{
	open_pool(1);
	for (uint64_t i = 0; i < TASKS; i++)
		pudu_pool_submit(pool, &task[i], run_once, (void *)i);
	pudu_pool_destroy(pool);
	for (unsigned i = 0; i < TASKS; i++)
		CHECK_EQUAL(runs[i], 1);
}

static void bad_pools_are_refused_by_name(void)
{
	struct pudu_pool *none;

	CHECK_EQUAL(pudu_pool_create(&none, PUDU_POOL_THREADS_MAX + 1, 0), PUDU_ERR_ARGUMENT);
	CHECK_EQUAL(pudu_pool_create(&none, 2, 100), PUDU_ERR_LENGTH);
	CHECK_EQUAL(pudu_pool_create(&none, 3, pudu_pages_left() * PUDU_PAGE_SIZE / 2),
		    PUDU_ERR_MEMORY);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(every_task_runs_exactly_once),
		CASE(threads_sleep_and_wake),
		CASE(who_waits_runs_other_tasks),
		CASE(tasks_wait_for_tasks),
		CASE(a_loop_does_each_number_once),
		CASE(a_loop_may_end_at_the_largest_number),
		CASE(a_loop_runs_in_all_threads_at_once),
		CASE(loops_nest),
		CASE(the_end_of_a_pool_runs_what_is_queued),
		CASE(bad_pools_are_refused_by_name),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
