/* SPDX-License-Identifier: MIT */
/*
 * green_threads.c - green threads: each runs once, wherever; they wait and wake without loss; work
 * is stolen; registers are their own; and a run ends with all memory back.
 *
 *	green_threads [threads=N] [rounds=N]
 */
#include <pudu/green.h>

#include "check.h"

#define WORKERS	 4
#define MANY	 100000
#define SMALL	 1024
#define PATTERNS 64

static struct pudu_green_stats stats[WORKERS];
static _Atomic uint32_t *ran; /* times that each ran */
static _Atomic uint32_t arrived, wrong_values;
static struct pudu_green **self_of;
static _Atomic uint32_t spawn_errors;

uint64_t green_registers(uint64_t seed);

static int64_t run(uint32_t threads, size_t stack, void (*function)(void *), void *argument)
{
	struct pudu_green_options options = { WORKERS, threads, stack };

	arrived = wrong_values = spawn_errors = 0;
	return pudu_green_run(&options, function, argument, stats);
}

static uint64_t ended(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < WORKERS; i++)
		sum += stats[i].ended;
	return sum;
}

/* Make n members of a group: function(0), function(1), ... */
static void spawn(struct pudu_green_group *group, uint64_t n, void (*function)(void *))
{
	for (uint64_t i = 0; i < n; i++)
		if (pudu_green_spawn(group, function, (void *)i) != PUDU_OK)
			spawn_errors++;
}

static void count_me(void *index)
{
	ran[(uint64_t)index]++;
	if ((uint64_t)index % 3 == 0)
		pudu_green_yield();
	arrived++;
}

static void count_all(void *n)
{
	struct pudu_green_group group = { 0 };

	spawn(&group, (uint64_t)n, count_me);
	pudu_green_join(&group);
	if (arrived != (uint64_t)n)
		wrong_values++;
}

static void every_green_thread_runs_exactly_once(void)
{
	uint64_t n = check_argument("threads", 20000), once = 0;

	ran = pudu_pages_take(n * sizeof *ran);
	CHECK_EQUAL(run((uint32_t)n + 1, SMALL, count_all, (void *)n), PUDU_OK);
	for (uint64_t i = 0; i < n; i++)
		once += ran[i] == 1;
	CHECK_EQUAL(once, n);
	CHECK_EQUAL(ended(), n + 1);
	CHECK_EQUAL(spawn_errors, 0);
	CHECK_EQUAL(wrong_values, 0);
	pudu_pages_give((void *)ran, n * sizeof *ran);
}

static void wait_for_all(void *index)
{
	self_of[(uint64_t)index] = pudu_green_self();
	arrived++;
	while (ran[0] == 0)
		pudu_green_park();
	arrived--;
}

static void hold_many(void *n)
{
	struct pudu_green_group group = { 0 };

	spawn(&group, (uint64_t)n, wait_for_all);
	while (arrived != (uint64_t)n)
		pudu_green_yield();
	ran[0] = 1;
	for (uint64_t i = 0; i < (uint64_t)n; i++)
		pudu_green_unpark(self_of[i]);
	pudu_green_join(&group);
}

/* All are there before the first one ends: each has its own stack. */
static void a_hundred_thousand_wait_at_once(void)
{
	uint64_t n = check_argument("many", MANY);

	ran = pudu_pages_take(sizeof *ran);
	self_of = pudu_pages_take(n * sizeof *self_of);
	CHECK_EQUAL(run((uint32_t)n + 1, SMALL, hold_many, (void *)n), PUDU_OK);
	CHECK_EQUAL(ended(), n + 1);
	CHECK_EQUAL(arrived, 0);
	pudu_pages_give(self_of, n * sizeof *self_of);
	pudu_pages_give((void *)ran, sizeof *ran);
}

static void arrive(void *unused)
{
	(void)unused;
	arrived++;
}

/* Its worker runs nothing else until the others have done all. */
static void keep_the_worker(void *n)
{
	spawn(NULL, (uint64_t)n, arrive);
	while (arrived != (uint64_t)n)
		pudu_yield();
}

static void idle_workers_steal(void)
{
	uint64_t n = 500, stolen = 0;
	unsigned keepers = 0;

	CHECK_EQUAL(run((uint32_t)n + 1, SMALL, keep_the_worker, (void *)n), PUDU_OK);
	CHECK_EQUAL(ended(), n + 1);
	for (unsigned i = 0; i < WORKERS; i++) {
		stolen += stats[i].stolen;
		keepers += stats[i].ended == 1 && stats[i].stolen <= 1;
	}
	CHECK(keepers > 0);
	CHECK(stolen >= n);
}

static void wait_alone(void *round)
{
	if ((uint64_t)round % 2 == 0)
		pudu_green_yield();
	arrived++;
}

/* One green thread at a time, and in every second round another worker than this one must run it:
 * so workers go to sleep and are woken all the time. A wake-up that is lost is a hang. */
static void join_one_by_one(void *rounds)
{
	for (uint64_t i = 0; i < (uint64_t)rounds; i++) {
		struct pudu_green_group group = { 0 };

		if (pudu_green_spawn(&group, wait_alone, (void *)i) != PUDU_OK)
			spawn_errors++;
		while (i % 2 == 1 && arrived != i + 1)
			pudu_yield();
		pudu_green_join(&group);
	}
}

static void workers_sleep_and_wake(void)
{
	uint64_t rounds = check_argument("rounds", 2000), slept = 0;

	CHECK_EQUAL(run(2, SMALL, join_one_by_one, (void *)rounds), PUDU_OK);
	CHECK_EQUAL(arrived, rounds);
	CHECK_EQUAL(spawn_errors, 0);
	for (unsigned i = 0; i < WORKERS; i++)
		slept += stats[i].slept;
	CHECK(slept > 0);
}

static struct {
	struct pudu_green *_Atomic side[2];
	_Atomic uint64_t turn;
} pair[WORKERS];

static void play(void *argument)
{
	uint64_t me = (uint64_t)argument % 2, p = (uint64_t)argument / 2;
	uint64_t end = 2 * check_argument("rounds", 2000);

	pair[p].side[me] = pudu_green_self();
	while (pair[p].side[!me] == NULL)
		pudu_green_yield();
	for (uint64_t turn; (turn = pair[p].turn) < end;) {
		if (turn % 2 != me) {
			pudu_green_park();
			continue;
		}
		pair[p].turn = turn + 1;
		pudu_green_unpark(pair[p].side[!me]);
	}
	arrived++;
}

static void play_all(void *unused)
{
	(void)unused;
	spawn(NULL, 2 * WORKERS, play);
}

static void no_unpark_is_lost(void)
{
	for (unsigned i = 0; i < WORKERS; i++) {
		pair[i].side[0] = pair[i].side[1] = NULL;
		pair[i].turn = 0;
	}
	CHECK_EQUAL(run(2 * WORKERS + 1, SMALL, play_all, NULL), PUDU_OK);
	CHECK_EQUAL(arrived, 2 * WORKERS);
}

static void keep_registers(void *seed)
{
	for (unsigned i = 0; i < 50; i++)
		if (green_registers((uint64_t)seed * 1000003 + i) != 0)
			wrong_values++;
}

static void registers_all(void *n)
{
	spawn(NULL, (uint64_t)n, keep_registers);
}

static void registers_survive_switches(void)
{
	CHECK_EQUAL(run(PATTERNS + 1, SMALL, registers_all, (void *)PATTERNS), PUDU_OK);
	CHECK_EQUAL(wrong_values, 0);
	CHECK_EQUAL(ended(), PATTERNS + 1);
}

struct sum {
	uint64_t n, result;
};

/* The number of calls that the naive Fibonacci function makes for n. */
static void sum_up(void *argument)
{
	struct sum *sum = argument, part[2] = { { sum->n - 1, 0 }, { sum->n - 2, 0 } };
	struct pudu_green_group group = { 0 };

	sum->result = 1;
	if (sum->n < 2)
		return;
	for (unsigned i = 0; i < 2; i++)
		if (pudu_green_spawn(&group, sum_up, &part[i]) != PUDU_OK)
			spawn_errors++;
	pudu_green_join(&group);
	sum->result += part[0].result + part[1].result;
}

static void groups_nest(void)
{
	struct sum sum = { 14, 0 };

	CHECK_EQUAL(run(2000, SMALL, sum_up, &sum), PUDU_OK);
	CHECK_EQUAL(spawn_errors, 0);
	CHECK_EQUAL(sum.result, 1219);
	CHECK_EQUAL(ended(), 1219);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(every_green_thread_runs_exactly_once),
		CASE(a_hundred_thousand_wait_at_once),
		CASE(idle_workers_steal),
		CASE(workers_sleep_and_wake),
		CASE(no_unpark_is_lost),
		CASE(registers_survive_switches),
		CASE(groups_nest),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
