/* SPDX-License-Identifier: MIT */
/*
 * green_run.c - see <pudu/green.h>: a run and its workers, which look for green threads, sleep when
 * there are none, and wake each other.
 *
 * No wake-up is lost. A worker sets its bit of run->asleep, then looks at all queues a last time;
 * whoever adds to a queue looks at the bits after that. Both have a full fence in between, so one
 * of them sees the other: the worker finds the work, or its bit is taken and it is unparked.
 *
 * While its bit is set, a worker has an empty queue and runs nothing. If all bits are set at once,
 * every green thread that is left waits for another one.
 */
#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/memory.h>
#include <pudu/start.h>
#include <pudu/thread.h>

#include "green_parts.h"

#define THREADS 1024 /* if options->threads is 0 */
#define BIT(i)	((uint32_t)1 << (i))

void green_wake(struct green_run *run, int all)
{
	uint32_t asleep = atomic_load_explicit(&run->asleep, memory_order_relaxed);

	while (asleep != 0) {
		struct green_worker *worker = &run->worker[__builtin_ctz(asleep)];
		uint32_t bit = BIT(worker->index);

		asleep &= ~bit;
		/* Whoever takes the bit wakes the worker. */
		if (!(atomic_fetch_and_explicit(&run->asleep, ~bit, memory_order_relaxed) & bit))
			continue;
		pudu_unpark(pudu_thread_executor(worker->thread));
		if (!all)
			return;
	}
}

void green_stop(struct green_run *run, int64_t status)
{
	uint32_t over = 0;

	if (!atomic_compare_exchange_strong(&run->over, &over, (uint32_t)(1 - status)))
		return;
	/* Pairs with the fence of worker_sleep(): over before, the bits after. */
	atomic_thread_fence(memory_order_seq_cst);
	green_wake(run, 1);
	pudu_unpark(run->caller);
}

/* Is nothing in any queue, and the run not over? */
static int is_idle(struct green_run *run)
{
	int idle = atomic_load_explicit(&run->over, memory_order_relaxed) == 0;

	for (unsigned i = 0; i < run->workers; i++) {
		struct green_queue *queue = &run->worker[i].queue;

		idle &= atomic_load_explicit(&queue->head, memory_order_relaxed) ==
			atomic_load_explicit(&queue->tail, memory_order_relaxed);
	}
	return idle;
}

/* Sleep until there may be work. */
static void worker_sleep(struct green_worker *worker)
{
	struct green_run *run = worker->run;
	uint32_t bit = BIT(worker->index), all = BIT(run->workers - 1) * 2 - 1;
	/* acq_rel, here and below: pairs with those of other workers, so that all bits together
	 * tell of no work anywhere. */
	uint32_t asleep = atomic_fetch_or_explicit(&run->asleep, bit, memory_order_acq_rel) | bit;

	if (asleep == all)
		green_stop(run, PUDU_ERR_STATE);
	/* Pairs with the fences of ready(), find() and green_stop(). */
	atomic_thread_fence(memory_order_seq_cst);
	worker->stats.slept++;
	while ((asleep & bit) && is_idle(run)) {
		pudu_park_if((uint64_t)&run->asleep, asleep, PUDU_FOREVER);
		asleep = atomic_load_explicit(&run->asleep, memory_order_relaxed);
	}
	atomic_fetch_and_explicit(&run->asleep, ~bit, memory_order_acq_rel);
}

/* A green thread that is ready, from the own queue or another worker's; NULL if none is found. */
static struct pudu_green *find(struct green_worker *worker)
{
	struct green_run *run = worker->run;
	uint64_t taken;
	struct pudu_green *found = green_take(&worker->queue, NULL, &taken);

	for (uint64_t i = 1; i < run->workers && found == NULL; i++) {
		uint64_t victim = (worker->index + i) % run->workers;

		found = green_take(&run->worker[victim].queue, &worker->queue, &taken);
		if (found == NULL)
			continue;
		worker->stats.stolen += taken;
		/* All but one lie in the own queue now: as in ready(). */
		atomic_thread_fence(memory_order_seq_cst);
		if (taken > 1)
			green_wake(run, 0);
	}
	return found;
}

static int64_t worker_main(void *argument)
{
	struct green_worker *worker = argument;

	green_worker_here = worker;
	while (atomic_load_explicit(&worker->run->over, memory_order_relaxed) == 0) {
		worker->current = find(worker);
		if (worker->current != NULL)
			green_left(worker, pudu_green_switch(&worker->idle, worker->current));
		else
			worker_sleep(worker);
	}
	return 0;
}

/* Take the options over. Result: are they in their ranges? */
static int run_init(struct green_run *run, const struct pudu_green_options *options)
{
	size_t stack = options->stack != 0 ? options->stack : PUDU_GREEN_STACK;

	*run = (struct green_run){ .caller = pudu_thread_self() };
	run->workers = options->workers != 0 ? options->workers : pudu_info()->harts;
	run->threads = options->threads != 0 ? options->threads : THREADS;
	run->guard = stack >= PUDU_PAGE_SIZE ? PUDU_PAGE_SIZE : 0;
	run->stack = run->guard != 0 ? PUDU_PAGES(stack) : (stack + 15) & ~(size_t)15;
	run->area_size = PUDU_PAGES(run->threads * (run->stack + run->guard));
	return run->workers <= PUDU_GREEN_WORKERS_MAX && run->threads <= PUDU_GREEN_THREADS_MAX &&
	       stack >= PUDU_GREEN_STACK_MIN && stack <= PUDU_GREEN_STACK_MAX &&
	       pudu_green_self() == NULL;
}

/* Take addresses for the stacks; small ones are mapped at once, lazily. */
static int64_t area_take(struct green_run *run)
{
	uint64_t flags = PUDU_R | PUDU_W | PUDU_MAP_LAZY;

	if (run->guard == 0 && pudu_pages_left() < run->area_size / PUDU_PAGE_SIZE)
		return PUDU_ERR_MEMORY;
	run->area = pudu_addresses_take(run->area_size, PUDU_PAGE_SIZE);
	if (run->area == 0 || run->guard != 0)
		return run->area == 0 ? PUDU_ERR_MEMORY : PUDU_OK;
	return pudu_map(PUDU_OWN_VAS, run->area, run->area_size, 0, 0, flags).status;
}

/* Make the workers with their queues, and their executors, which don't run yet. */
static int64_t workers_make(struct green_run *run)
{
	uint64_t slots = 1, n = run->workers;
	struct green_worker *worker;
	int64_t status;

	while (slots < run->threads)
		slots *= 2;
	run->workers = 0;
	run->workers_size = n * (sizeof(*worker) + slots * sizeof(worker->queue.slot[0]));
	run->worker = worker = pudu_pages_take(run->workers_size);
	if (worker == NULL)
		return PUDU_ERR_MEMORY;
	for (; run->workers < n; run->workers++, worker++) {
		status = pudu_thread_prepare(&worker->thread, worker_main, worker,
					     PUDU_THREAD_STACK);
		if (status != PUDU_OK)
			return status;
		worker->run = run;
		worker->index = run->workers;
		worker->queue.mask = slots - 1;
		worker->queue.slot =
			(_Atomic(struct pudu_green *) *)(run->worker + n) + run->workers * slots;
	}
	return PUDU_OK;
}

/* Has a worker ended before the run was over? */
static int is_worker_lost(const struct green_run *run)
{
	uint64_t states = 0;

	for (unsigned i = 0; i < run->workers; i++)
		states |= pudu_executor_state(pudu_thread_executor(run->worker[i].thread)).value[0];
	return (states & PUDU_STATE_DEAD) != 0 && atomic_load(&run->over) == 0;
}

/* Let the workers run until the run is over, and give back what it had. */
static void run_workers(struct green_run *run, struct pudu_green_stats *stats)
{
	for (unsigned i = 0; i < run->workers; i++)
		pudu_thread_start(run->worker[i].thread);
	while (atomic_load(&run->over) == 0)
		if (pudu_park_if((uint64_t)&run->over, 0, PUDU_FOREVER).status == PUDU_ERR_EVENT &&
		    is_worker_lost(run))
			green_stop(run, PUDU_ERR_DEAD);
	for (unsigned i = 0; i < run->workers; i++) {
		pudu_thread_join(run->worker[i].thread, NULL);
		if (stats != NULL)
			stats[i] = run->worker[i].stats;
	}
	pudu_pages_give(run->worker, run->workers_size);
	if (run->area != 0) {
		pudu_unmap(PUDU_OWN_VAS, run->area, run->area_size);
		pudu_addresses_give(run->area, run->area_size);
	}
}

int64_t pudu_green_run(const struct pudu_green_options *options, void (*function)(void *),
		       void *argument, struct pudu_green_stats *stats)
{
	struct pudu_green *first;
	struct green_run run;
	int64_t status;

	if (!run_init(&run, options))
		return PUDU_ERR_ARGUMENT;
	status = workers_make(&run);
	if (status == PUDU_OK)
		status = area_take(&run);
	first = status == PUDU_OK ? green_make(&run, function, argument) : NULL;
	if (first != NULL)
		green_push(&run.worker[0].queue, first);
	else
		green_stop(&run, status != PUDU_OK ? status : PUDU_ERR_MEMORY);
	run_workers(&run, stats);
	return 1 - (int64_t)atomic_load(&run.over);
}
