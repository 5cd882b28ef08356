/* SPDX-License-Identifier: MIT */
/*
 * ticks.c - what the end of a slice costs, and the way from a deadline to the first instruction.
 *
 * A program can't count these from outside: it looks at the count of instructions all the time, and
 * what is missing between two looks was the kernel's.
 */
#include "bench.h"

#include <stdatomic.h>

#include <pudu/calls.h>
#include <pudu/start.h>
#include <pudu/thread.h>

#include "abi/executor.h"
#include "abi/status.h"

#define TICKS	   25 /* slices for each measurement */
#define TICKS_WARM 3
#define WAKES	   200
#define GAP	   20 /* instructions: more is no turn of a loop */

static _Atomic uint32_t bell, stop;

/* Sleep until the bell has another value, for ever. */
static int64_t sleep_thread(void *argument)
{
	(void)argument;
	for (uint32_t seen = 0; !stop; seen++)
		while (bell == seen && !stop)
			pudu_park_if((uint64_t)&bell, seen, PUDU_FOREVER);
	return 0;
}

/* Instructions that an interrupt takes in this loop, less a turn of it. */
static uint32_t gap(void)
{
	uint64_t before = bench_instructions(), now = bench_instructions(), turn = now - before;

	while (now - before < turn + GAP) {
		before = now;
		now = bench_instructions();
	}
	return (uint32_t)(now - before - turn);
}

/* A slice begins because another one is ready; that one parks at once, and nobody is ready at its
 * end. */
static void bench_tick_noswitch(void)
{
	struct pudu_thread *thread;

	bell = stop = 0;
	if (pudu_thread_create(&thread, sleep_thread, NULL) != PUDU_OK) {
		bench_fail("tick_noswitch", "no memory for a thread");
		return;
	}
	for (int i = -TICKS_WARM; i < TICKS; i++) {
		pudu_yield();
		bell++;
		pudu_unpark(pudu_thread_executor(thread));
		pudu_yield();
		uint32_t cost = gap();

		if (i >= 0)
			bench_samples[i] = cost;
	}
	stop = 1;
	pudu_unpark(pudu_thread_executor(thread));
	pudu_thread_join(thread, NULL);
	bench_print_few("tick_noswitch", TICKS);
}

/* Two that never wait, each with the count at its last look: whoever goes on looks at the other's.
 * Less a turn of the loop, of which each has done a part. */
static volatile uint64_t last_look[2];
static volatile int32_t switches;

static int64_t look_all_the_time(void *argument)
{
	uint64_t me = (uint64_t)argument, before = bench_instructions(), turn = 0;

	while (switches < TICKS) {
		uint64_t now = bench_instructions();

		if (now - before > pudu_info()->slice) {
			if (switches >= 0)
				bench_samples[switches] =
					(uint32_t)(now - last_look[1 - me] - turn);
			switches++;
			now = bench_instructions();
		} else {
			turn = now - before;
		}
		last_look[me] = before = now;
	}
	return 0;
}

static void bench_tick_switch(void)
{
	struct pudu_thread *thread;

	switches = -TICKS_WARM;
	if (pudu_thread_create(&thread, look_all_the_time, (void *)1) != PUDU_OK) {
		bench_fail("tick_preempt_switch", "no memory for a thread");
		return;
	}
	look_all_the_time((void *)0);
	pudu_thread_join(thread, NULL);
	bench_print_few("tick_preempt_switch", TICKS);
}

/*
 * After a deadline on a tick of the clock, count what is left of the tick in which this thread goes
 * on: the rest of the time from the deadline is what it took.
 */
static uint32_t wake_cost(uint64_t per_tick)
{
	uint64_t deadline = pudu_ticks() + 20, woken, seen, begun, end;
	static const uint32_t word;

	pudu_park_if((uint64_t)&word, 0, deadline);
	begun = bench_instructions();
	woken = seen = pudu_ticks();
	while (seen == woken)
		seen = pudu_ticks();
	end = bench_instructions();
	return (uint32_t)((seen - deadline) * per_tick - (end - begun));
}

static void bench_timer_wake(void)
{
	uint64_t tick = pudu_ticks(), begun, per_tick;

	while (pudu_ticks() == tick)
		continue;
	begun = bench_instructions();
	while (pudu_ticks() < tick + 101)
		continue;
	per_tick = (bench_instructions() - begun + 50) / 100;
	for (int i = -TICKS_WARM; i < WAKES; i++) {
		uint32_t cost = wake_cost(per_tick);

		if (i >= 0)
			bench_samples[i] = cost;
	}
	bench_print_few("timer_wake", WAKES);
}

void bench_ticks(void)
{
	bench_tick_noswitch();
	bench_tick_switch();
	bench_timer_wake();
}
