/* SPDX-License-Identifier: MIT */
/*
 * wake.c - one hart wakes an executor whose hart sleeps.
 *
 * There is one count of instructions for all harts, so both sides are counted from outside, by a
 * plugin of QEMU (tests/meter/spans.c) that looks for these marks. Without it this prints nothing.
 */
#include "bench.h"

#include <stdatomic.h>

#include <pudu/calls.h>
#include <pudu/start.h>
#include <pudu/thread.h>

#include "abi/executor.h"
#include "abi/status.h"

#define WAKES	 300
#define REST	 30000 /* turns of a loop in which the other hart falls asleep */
#define WAKER	 2     /* spans of the plugin */
#define WAKEE	 3     /* it begins where a hart sleeps */
#define MARK_END 1024
#define MARK(n)	 __asm__ volatile("slti zero, zero, %0" ::"i"(n) : "memory")

static _Atomic uint32_t bell, heard;

static int64_t sleep_thread(void *argument)
{
	(void)argument;
	for (uint32_t seen = 0; seen < WAKES; seen++) {
		while (bell == seen) {
			pudu_park_if((uint64_t)&bell, seen, PUDU_FOREVER);
			MARK(WAKEE | MARK_END);
		}
		heard = seen + 1;
	}
	return 0;
}

void bench_wake(void)
{
	struct pudu_thread *thread;

	if (pudu_info()->harts < 2) {
		bench_fail("xhart_wake", "the machine has one hart");
		return;
	}
	if (pudu_thread_create(&thread, sleep_thread, NULL) != PUDU_OK) {
		bench_fail("xhart_wake", "no memory for a thread");
		return;
	}
	uint64_t executor = pudu_thread_executor(thread);

	for (uint32_t i = 0; i < WAKES; i++) {
		while (heard != i)
			continue;
		for (volatile unsigned turn = 0; turn < REST; turn++)
			continue;
		bell = i + 1;
		MARK(WAKER);
		pudu_unpark(executor);
		MARK(WAKER | MARK_END);
	}
	pudu_thread_join(thread, NULL);
}
