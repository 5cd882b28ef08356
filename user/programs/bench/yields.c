/* SPDX-License-Identifier: MIT */
/* yields.c - what a yield costs where several harts share the run queue. */
#include "bench.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include <pudu/calls.h>
#include <pudu/start.h>
#include <pudu/thread.h>

#include "abi/info.h"
#include "abi/status.h"

#define EACH_HART 2	/* executors */
#define YIELDS	  20000 /* of each while it is measured, more or less */

static _Atomic unsigned ready;
static _Atomic bool stop;

/* On a line of its own: the count of one thread. */
static struct yielder {
	alignas(64) _Atomic uint64_t yields;
} yielders[PUDU_MAX_HARTS * EACH_HART];

static inline void yield(struct yielder *me)
{
	pudu_yield();
	atomic_store_explicit(&me->yields,
			      atomic_load_explicit(&me->yields, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static int64_t yield_thread(void *me)
{
	ready++;
	while (!stop)
		yield(me);
	return 0;
}

static uint64_t yields_of(unsigned n)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += atomic_load_explicit(&yielders[i].yields, memory_order_relaxed);
	return sum;
}

void bench_yields(void)
{
	struct pudu_thread *thread[PUDU_MAX_HARTS * EACH_HART];
	unsigned harts = (unsigned)pudu_info()->harts, n = harts * EACH_HART;
	uint64_t begun, first;
	char name[32];

	snprintf(name, sizeof name, "yield_scaling_%u", harts);
	for (unsigned i = 1; i < n; i++)
		if (pudu_thread_create(&thread[i], yield_thread, &yielders[i]) != PUDU_OK) {
			bench_fail(name, "no memory for a thread");
			return;
		}
	while (ready < n - 1)
		pudu_yield();
	first = yields_of(n);
	begun = bench_instructions();
	for (unsigned i = 0; i < YIELDS; i++)
		yield(&yielders[0]);
	uint64_t total = bench_instructions() - begun;

	bench_print_value(name, total / (yields_of(n) - first), "instructions");
	stop = true;
	for (unsigned i = 1; i < n; i++)
		pudu_thread_join(thread[i], NULL);
}
