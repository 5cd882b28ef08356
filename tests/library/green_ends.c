/* SPDX-License-Identifier: MIT */
/* green_ends.c - green threads: stacks that overflow, waits without end, limits, bad options. */
#include <pudu/green.h>

#include "check.h"

#define WORKERS	   2
#define SMALL	   1024
#define PAGED	   8192
#define NEIGHBOURS 32

static _Atomic uint32_t wrong_values, refused, arrived;
static _Atomic bool over;

static int64_t run(uint32_t threads, size_t stack, void (*function)(void *), void *argument)
{
	struct pudu_green_options options = { WORKERS, threads, stack };

	wrong_values = refused = arrived = 0;
	over = false;
	return pudu_green_run(&options, function, argument, NULL);
}

static void spawn(uint64_t n, void (*function)(void *))
{
	for (uint64_t i = 0; i < n; i++)
		if (pudu_green_spawn(NULL, function, (void *)i) != PUDU_OK)
			refused++;
}

/* Fill so many bytes of the stack, let others run, and look at them. */
static __attribute__((noinline)) void fill(uint64_t value, size_t bytes)
{
	volatile uint8_t *buffer = __builtin_alloca(bytes);

	for (size_t i = 0; i < bytes; i++)
		buffer[i] = (uint8_t)value;
	pudu_green_yield();
	for (size_t i = 0; i < bytes; i++)
		if (buffer[i] != (uint8_t)value)
			wrong_values++;
}

static void use_nearly_all(void *index)
{
	for (unsigned i = 0; i < 20; i++)
		fill((uint64_t)index + i, SMALL - 480);
}

static void neighbours(void *unused)
{
	(void)unused;
	spawn(NEIGHBOURS, use_nearly_all);
}

static void deep_use_of_a_stack_hurts_no_neighbour(void)
{
	CHECK_EQUAL(run(NEIGHBOURS + 1, SMALL, neighbours, NULL), PUDU_OK);
	CHECK_EQUAL(wrong_values, 0);
	CHECK_EQUAL(refused, 0);
}

static void watch(void *index)
{
	arrived++;
	while (!over)
		fill((uint64_t)index, PAGED - 1024);
}

static void overflow(void *unused)
{
	(void)unused;
	while (arrived < NEIGHBOURS)
		pudu_green_yield();
	fill(0xaa, PAGED + 512);
	arrived = 1000;
}

static void watch_overflow(void *unused)
{
	(void)unused;
	spawn(NEIGHBOURS / 2, watch);
	spawn(1, overflow);
	spawn(NEIGHBOURS - NEIGHBOURS / 2, watch);
}

/* The page below the stack is not there: the one that leaves its stack faults, and no other stack
 * has a byte changed. */
static void an_overflow_of_pages_faults_and_hurts_no_neighbour(void)
{
	CHECK_EQUAL(run(NEIGHBOURS + 2, PAGED, watch_overflow, NULL), PUDU_ERR_DEAD);
	CHECK_EQUAL(arrived, NEIGHBOURS);
	CHECK_EQUAL(wrong_values, 0);
	CHECK_EQUAL(refused, 0);
}

static void overflow_small(void *unused)
{
	(void)unused;
	fill(0xaa, SMALL + 64);
}

static void start_one(void *function)
{
	spawn(1, (void (*)(void *))function);
}

static void an_overflow_of_a_small_stack_is_found(void)
{
	CHECK_EQUAL(run(8, SMALL, start_one, (void *)overflow_small), PUDU_ERR_DEAD);
}

static void fault(void *unused)
{
	(void)unused;
	*(volatile char *)TEST_MEMORY = 1;
}

static void loop(void *unused)
{
	(void)unused;
	for (;;)
		pudu_green_yield();
}

static void loop_and_fault(void *unused)
{
	(void)unused;
	spawn(3, loop);
	spawn(1, fault);
	spawn(3, loop);
}

static void a_fault_ends_the_run(void)
{
	CHECK_EQUAL(run(8, SMALL, loop_and_fault, NULL), PUDU_ERR_DEAD);
	CHECK_EQUAL(run(8, 0, loop_and_fault, NULL), PUDU_ERR_DEAD);
}

static void wait_for_ever(void *unused)
{
	(void)unused;
	for (;;) {
		arrived++;
		pudu_green_park();
	}
}

static void wait_for_the_dead(void *unused)
{
	(void)unused;
	spawn(5, wait_for_ever);
}

static void a_wait_without_end_is_told(void)
{
	CHECK_EQUAL(run(8, SMALL, wait_for_the_dead, NULL), PUDU_ERR_STATE);
	CHECK_EQUAL(arrived, 5);
}

static void nothing(void *unused)
{
	(void)unused;
	arrived++;
}

static void spawn_too_many(void *unused)
{
	(void)unused;
	for (unsigned round = 1; round <= 3; round++) {
		struct pudu_green_group group = { 0 };

		for (unsigned i = 0; i < 10; i++)
			if (pudu_green_spawn(&group, nothing, NULL) == PUDU_ERR_MEMORY)
				refused++;
		pudu_green_join(&group);
		/* The caller and 7 members: none of them has run, if there is one worker. */
		if (arrived + refused != 10 * round)
			wrong_values++;
	}
}

static void one_too_many_is_refused_by_name(void)
{
	struct pudu_green_options options = { 1, 8, SMALL };

	arrived = refused = wrong_values = 0;
	CHECK_EQUAL(pudu_green_run(&options, spawn_too_many, NULL, NULL), PUDU_OK);
	CHECK_EQUAL(wrong_values, 0);
	CHECK_EQUAL(refused, 9);
	CHECK_EQUAL(arrived, 21);
}

static void run_inside(void *unused)
{
	struct pudu_green_options options = { 0, 0, 0 };

	(void)unused;
	if (pudu_green_run(&options, nothing, NULL, NULL) != PUDU_ERR_ARGUMENT)
		wrong_values++;
}

static void bad_options_are_refused_by_name(void)
{
	struct pudu_green_options bad[] = {
		{ PUDU_GREEN_WORKERS_MAX + 1, 0, 0 },
		{ 0, PUDU_GREEN_THREADS_MAX + 1, 0 },
		{ 0, 0, PUDU_GREEN_STACK_MIN - 1 },
		{ 0, 0, PUDU_GREEN_STACK_MAX + 1 },
	};

	arrived = 0;
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK_EQUAL(pudu_green_run(&bad[i], nothing, NULL, NULL), PUDU_ERR_ARGUMENT);
	CHECK_EQUAL(pudu_green_spawn(NULL, nothing, NULL), PUDU_ERR_STATE);
	CHECK(pudu_green_self() == NULL);
	CHECK_EQUAL(arrived, 0);
	CHECK_EQUAL(run(2, SMALL, run_inside, NULL), PUDU_OK);
	CHECK_EQUAL(wrong_values, 0);
}

/* What if there were not enough memory for all stacks, or for the workers? */
static void too_little_memory_is_told(void)
{
	uint64_t left = pudu_pages_left(), large = left * PUDU_PAGE_SIZE / SMALL + 8;
	void *rest;

	CHECK_EQUAL(run((uint32_t)large, SMALL, nothing, NULL), PUDU_ERR_MEMORY);
	CHECK_EQUAL(pudu_pages_left(), left);
	rest = pudu_pages_take((left - 24) * PUDU_PAGE_SIZE);
	if (CHECK(rest != NULL))
		CHECK_EQUAL(run(8, 0, nothing, NULL), PUDU_ERR_MEMORY);
	pudu_pages_give(rest, (left - 24) * PUDU_PAGE_SIZE);
	CHECK_EQUAL(arrived, 0);
	CHECK_EQUAL(run(8, 0, nothing, NULL), PUDU_OK);
	CHECK_EQUAL(arrived, 1);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(deep_use_of_a_stack_hurts_no_neighbour),
		CASE(an_overflow_of_pages_faults_and_hurts_no_neighbour),
		CASE(an_overflow_of_a_small_stack_is_found),
		CASE(a_fault_ends_the_run),
		CASE(a_wait_without_end_is_told),
		CASE(one_too_many_is_refused_by_name),
		CASE(bad_options_are_refused_by_name),
		CASE(too_little_memory_is_told),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
