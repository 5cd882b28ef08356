/* SPDX-License-Identifier: MIT */
/*
 * pool.h - a pool of threads that run tasks, and loops that are shared out among them.
 *
 * Whoever waits for a task runs others meanwhile; so tasks may submit tasks, wait for them and run
 * loops, however few threads there are. Such a task runs on the stack of the one that waits. A task
 * that faults ends the whole program, as soon as the thread that made the pool waits in it.
 */
#ifndef PUDU_POOL_H
#define PUDU_POOL_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"

#define PUDU_POOL_THREADS_MAX 64

struct pudu_pool;

/* A task, in memory of the caller's that stays until it is done. Its fields are the pool's. */
struct pudu_task {
	struct pudu_task *older, *newer; /* in the queue */
	void (*function)(void *);
	void *argument;
	_Atomic uint32_t state; /* see user/lib/parallel/pool.c */
};

/*
 * Make a pool.
 * Arguments:
 *   pool      gets it.
 *   threads   that run tasks, up to PUDU_POOL_THREADS_MAX; 0: one for each hart.
 *   stack     bytes for each, as for pudu_thread_prepare(); 0: PUDU_THREAD_STACK.
 * Result: PUDU_OK;
 *   PUDU_ERR_ARGUMENT  too many threads.
 *   PUDU_ERR_LENGTH    a bad size of stack.
 *   PUDU_ERR_MEMORY    no memory, addresses or handle slots.
 */
int64_t pudu_pool_create(struct pudu_pool **pool, unsigned threads, size_t stack);

/*
 * Run all tasks that are in the queue, end the threads and give back what the pool had. Called by
 * the thread that made the pool, when no other submits or waits any more.
 */
void pudu_pool_destroy(struct pudu_pool *pool);

/*
 * Have function(argument) run, soon, by a thread of the pool or one that waits.
 * Arguments:
 *   task   any memory; if it was submitted before, that is done.
 */
void pudu_pool_submit(struct pudu_pool *pool, struct pudu_task *task, void (*function)(void *),
		      void *argument);

/* Wait until a task that was submitted is done. What it did is seen after. */
void pudu_pool_wait(struct pudu_pool *pool, struct pudu_task *task);

/* Is a task done that was submitted? Result: 1 or 0. What it did is seen after a 1. */
int pudu_task_is_done(const struct pudu_task *task);

/*
 * Call function(from, to, argument) for parts of begin to end - 1 that cover it, in the caller and
 * in the threads of the pool, in any order and at once; return when all have returned. A thread
 * takes the next part when it is done with one. Arguments: begin, end   nothing is called unless
 * begin < end. grain        numbers in a part, but in the last one; 0: eight parts for each thread.
 */
void pudu_parallel_for(struct pudu_pool *pool, uint64_t begin, uint64_t end, uint64_t grain,
		       void (*function)(uint64_t from, uint64_t to, void *argument),
		       void *argument);

#endif
