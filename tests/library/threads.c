/* SPDX-License-Identifier: MIT */
/* threads.c - see threads.h. */
#include "threads.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS_MAX 16

static struct {
	struct pudu_thread **threads;
	unsigned n;
	struct pudu_thread *self;
	_Atomic uint32_t over;
} disturber;

struct pudu_thread *begin(int64_t (*body)(void *), void *argument)
{
	struct pudu_thread *thread;

	if (pudu_thread_create(&thread, body, argument) != PUDU_OK) {
		printf("no memory for a thread\n");
		abort();
	}
	return thread;
}

void await_wait(const struct pudu_thread *thread)
{
	check_await_state(pudu_thread_executor(thread), PUDU_STATE_PARKED);
}

struct pudu_thread *begin_waiter(int64_t (*body)(void *), void *argument)
{
	struct pudu_thread *thread = begin(body, argument);

	await_wait(thread);
	return thread;
}

int64_t finish(struct pudu_thread *thread)
{
	struct pudu_thread_end end;

	pudu_thread_join(thread, &end);
	CHECK(!end.faulted);
	return end.code;
}

uint64_t after(uint64_t microseconds)
{
	return pudu_ticks() + microseconds * pudu_info()->timebase / 1000000;
}

void sleep_until(uint64_t time)
{
	static const uint32_t zero;

	while (pudu_ticks() < time)
		pudu_park_if((uint64_t)&zero, 0, time);
}

static int64_t disturb_body(void *unused)
{
	(void)unused;
	while (!atomic_load(&disturber.over)) {
		for (unsigned i = 0; i < disturber.n; i++)
			pudu_unpark(pudu_thread_executor(disturber.threads[i]));
		pudu_yield();
	}
	return 0;
}

void disturb(struct pudu_thread **threads, unsigned n)
{
	disturber.threads = threads;
	disturber.n = n;
	disturber.over = 0;
	disturber.self = begin(disturb_body, NULL);
}

void calm(void)
{
	disturber.over = 1;
	CHECK_EQUAL(finish(disturber.self), 0);
}

/* Each thread counts here at its end: only then is it calm, and joined after that. */
static _Atomic unsigned running;
static int64_t (*run_body)(void *);

static int64_t run_one(void *argument)
{
	int64_t code = run_body(argument);

	running--;
	return code;
}

void run_disturbed(int64_t (*body)(void *), unsigned n)
{
	struct pudu_thread *threads[THREADS_MAX];

	n = n < THREADS_MAX ? n : THREADS_MAX;
	running = n;
	run_body = body;
	for (unsigned i = 0; i < n; i++)
		threads[i] = begin(run_one, (void *)(uintptr_t)i);
	disturb(threads, n);
	while (running != 0)
		check_nap();
	calm();
	for (unsigned i = 0; i < n; i++)
		CHECK_EQUAL(finish(threads[i]), 0);
}

unsigned pick(uint32_t *seed, unsigned n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % n;
}

unsigned n_threads(void)
{
	return (unsigned)check_argument("threads", 6);
}

unsigned n_rounds(void)
{
	return (unsigned)check_argument("rounds", 1000);
}
