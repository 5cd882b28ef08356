/* SPDX-License-Identifier: MIT */
/*
 * tickless.c - a hart takes no timer interrupt that it has no use for: none while it runs the only
 * executor that is ready and nobody has a deadline, one for each deadline, and one for each slice
 * while others are ready.
 *
 *	tickless [milliseconds=N] [slices=N]
 */
#include <stdatomic.h>
#include <stdio.h>

#include "check.h"
#include "raw.h"

#define SLICES ((unsigned)check_argument("slices", 40))

static struct {
	_Atomic uint64_t n;
	char pad[56];
} count[PUDU_MAX_HARTS];

static uint64_t interrupts(void)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; i < pudu_info()->harts; i++)
		sum += pudu_info()->free[i].timer_interrupts;
	return sum;
}

static uint64_t long_time(void)
{
	return check_argument("milliseconds", 10000) * pudu_info()->timebase / 1000;
}

/* No system call; the clock, which QEMU is slow at, is looked at now and then. */
static void compute(uint64_t ticks)
{
	uint64_t end = pudu_ticks() + ticks;

	while (pudu_ticks() < end)
		for (volatile unsigned i = 0; i < 500; i++)
			continue;
}

/* What was begun before is over: slices, and what harts do when they have nothing else to do. */
static void settle(void)
{
	check_frames();
	compute(3 * pudu_info()->slice);
}

static void one_that_computes_is_never_interrupted(void)
{
	settle();
	uint64_t before = interrupts();

	compute(long_time());
	CHECK_EQUAL(interrupts() - before, 0);
}

static void one_that_calls_the_kernel_is_never_interrupted(void)
{
	static const uint32_t zero;
	uint64_t end;

	settle();
	uint64_t before = interrupts();

	end = pudu_ticks() + long_time() / 10;
	while (pudu_ticks() < end) {
		pudu_yield();
		pudu_unpark(pudu_thread_self());
		pudu_park_if((uint64_t)&zero, 1, PUDU_FOREVER);
		compute(100);
	}
	CHECK_EQUAL(interrupts() - before, 0);
}

/* Nobody runs at all; the one deadline is all that there is. */
static void a_long_wait_takes_one_interrupt(void)
{
	static const uint32_t zero;
	int64_t status;

	settle();
	uint64_t before = interrupts(), until = pudu_ticks() + long_time();

	do
		status = pudu_park_if((uint64_t)&zero, 0, until).status;
	while (status != PUDU_ERR_DEADLINE);
	CHECK(pudu_ticks() >= until);
	CHECK_EQUAL(interrupts() - before, 1);
}

static _Atomic uint32_t bell;
static uint64_t later;

/* Wait until later, again and again; never so long. */
static int64_t wait_in_vain(void *argument)
{
	(void)argument;
	for (uint32_t seen = 0; seen < 20; seen++)
		while (bell == seen)
			if (pudu_park_if((uint64_t)&bell, seen, later + seen).status ==
			    PUDU_ERR_DEADLINE)
				return 0;
	return 1;
}

/* A deadline that was not needed costs one interrupt of its hart at most, however often it was set.
 */
static void deadlines_that_are_not_needed_are_forgotten(void)
{
	struct pudu_thread *thread;
	struct pudu_thread_end end;

	bell = 0;
	settle();
	later = pudu_ticks() + long_time();
	CHECK_EQUAL(pudu_thread_create(&thread, wait_in_vain, NULL), PUDU_OK);
	for (unsigned i = 0; i < 20; i++) {
		while (check_state(pudu_thread_executor(thread)) != PUDU_STATE_PARKED)
			pudu_yield();
		bell++;
		pudu_unpark(pudu_thread_executor(thread));
	}
	pudu_thread_join(thread, &end);
	CHECK_EQUAL(end.code, 1);
	settle();
	CHECK(pudu_ticks() < later); /* or this shows nothing */
	uint64_t before = interrupts();

	compute(later - pudu_ticks() + pudu_info()->slice);
	CHECK(interrupts() - before <= pudu_info()->harts);
}

/* One more is ready than there are harts: each slice of each hart ends by one interrupt. */
static void slices_come_while_two_are_ready_and_stop_after(void)
{
	uint64_t harts = pudu_info()->harts, before, took;

	for (unsigned i = 0; i < harts; i++) {
		count[i].n = 0;
		CHECK_OK(check_raw(TEST_HANDLE(i), raw_count, (uint64_t)&count[i].n));
		CHECK_OK(pudu_executor_start(TEST_HANDLE(i)));
	}
	compute(3 * pudu_info()->slice);
	before = interrupts();
	compute(SLICES * pudu_info()->slice);
	took = interrupts() - before;
	printf("  %llu interrupts in %u slices on %llu harts\n", (unsigned long long)took, SLICES,
	       (unsigned long long)harts);
	CHECK(took >= SLICES / 2);
	CHECK(took <= harts * (SLICES + 2));
	for (unsigned i = 0; i < harts; i++) {
		CHECK(count[i].n != 0);
		CHECK_OK(pudu_terminate(TEST_HANDLE(i), 2));
	}
	for (unsigned i = 0; i < harts; i++)
		CHECK_EQUAL(check_await_end(TEST_HANDLE(i)), 2);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), harts * PUDU_PAGE_SIZE));
	settle();
	before = interrupts();
	compute(SLICES * pudu_info()->slice);
	CHECK_EQUAL(interrupts() - before, 0);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(one_that_computes_is_never_interrupted),
		CASE(one_that_calls_the_kernel_is_never_interrupted),
		CASE(a_long_wait_takes_one_interrupt),
		CASE(deadlines_that_are_not_needed_are_forgotten),
		CASE(slices_come_while_two_are_ready_and_stop_after),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
