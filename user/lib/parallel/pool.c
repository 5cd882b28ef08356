/* SPDX-License-Identifier: MIT */
/*
 * pool.c - see <pudu/pool.h>.
 *
 * One lock guards the queue of tasks and the list of those that sleep. Threads of the pool take
 * the oldest task; whoever waits for a task takes that one if it is still in the queue, else the
 * newest, which is likely to be a part of what it waits for. Who finds nothing puts a record into
 * the list, in the same hold of the lock, so whoever brings work or ends a task finds it there.
 */
#include <pudu/pool.h>

#include <stdlib.h>

#include <pudu/calls.h>
#include <pudu/memory.h>
#include <pudu/start.h>
#include <pudu/sync.h>
#include <pudu/thread.h>

#define PARTS_PER_THREAD 8

/* state of a task */
enum { QUEUED, RUNS, DONE };

/* One that sleeps, on its own stack. */
struct sleeper {
	struct sleeper *next;
	uint64_t executor;
	const struct pudu_task *task; /* what it waits for, or NULL */
	_Atomic uint32_t woken;
};

struct pudu_pool {
	struct pudu_mutex lock;
	struct pudu_task *oldest, *newest;
	struct sleeper *sleepers;
	int closing;
	unsigned threads;
	uint64_t creator; /* handle */
	struct pudu_thread *thread[PUDU_POOL_THREADS_MAX];
};

/* Take a task out of the queue. The caller has the lock. */
static void queue_remove(struct pudu_pool *pool, struct pudu_task *task)
{
	*(task->older != NULL ? &task->older->newer : &pool->oldest) = task->newer;
	*(task->newer != NULL ? &task->newer->older : &pool->newest) = task->older;
	atomic_store_explicit(&task->state, RUNS, memory_order_relaxed);
}

/* Take one that sleeps out of the list: one that waits for this task or, for NULL, any. The caller
 * has the lock. */
static struct sleeper *sleeper_remove(struct pudu_pool *pool, const struct pudu_task *task)
{
	struct sleeper **link = &pool->sleepers, *found;

	while (*link != NULL && task != NULL && (*link)->task != task)
		link = &(*link)->next;
	found = *link;
	if (found != NULL)
		*link = found->next;
	return found;
}

static void sleeper_wake(struct sleeper *sleeper)
{
	uint64_t executor = sleeper->executor;

	/* release: pairs with the load of pool_sleep(). The record may be gone from here on. */
	atomic_store_explicit(&sleeper->woken, 1, memory_order_release);
	pudu_unpark(executor);
}

/* A task that faulted is never done; its thread has ended. Then the program can't go on. */
static void pool_check(const struct pudu_pool *pool)
{
	static const char text[] = "pool: a task has ended its thread\n";

	for (unsigned i = 0; i < pool->threads; i++)
		if (pudu_executor_state(pudu_thread_executor(pool->thread[i])).value[0] &
		    PUDU_STATE_DEAD) {
			pudu_log_write((uint64_t)text, sizeof(text) - 1);
			abort();
		}
}

/* Sleep until there is a task to run, or this one is done. The caller has the lock, and gets it
 * back. */
static void pool_sleep(struct pudu_pool *pool, const struct pudu_task *task)
{
	struct sleeper self = { pool->sleepers, pudu_thread_self(), task, 0 };

	pool->sleepers = &self;
	pudu_mutex_unlock(&pool->lock);
	/* acquire: pairs with the store of sleeper_wake(). */
	while (!atomic_load_explicit(&self.woken, memory_order_acquire))
		if (pudu_park_if((uint64_t)&self.woken, 0, PUDU_FOREVER).status == PUDU_ERR_EVENT &&
		    self.executor == pool->creator)
			pool_check(pool);
	pudu_mutex_lock(&pool->lock);
}

/* Run a task that is out of the queue. The caller has the lock, and gets it back. */
static void pool_run(struct pudu_pool *pool, struct pudu_task *task)
{
	struct sleeper *sleeper;

	pudu_mutex_unlock(&pool->lock);
	task->function(task->argument);
	pudu_mutex_lock(&pool->lock);
	/* release: pairs with pudu_task_is_done(). The task may be gone from here on. */
	atomic_store_explicit(&task->state, DONE, memory_order_release);
	while ((sleeper = sleeper_remove(pool, task)) != NULL)
		sleeper_wake(sleeper);
}

static int64_t pool_thread(void *argument)
{
	struct pudu_pool *pool = argument;
	struct pudu_task *task;

	pudu_mutex_lock(&pool->lock);
	while ((task = pool->oldest) != NULL || !pool->closing) {
		if (task != NULL) {
			queue_remove(pool, task);
			pool_run(pool, task);
		} else {
			pool_sleep(pool, NULL);
		}
	}
	pudu_mutex_unlock(&pool->lock);
	return 0;
}

int64_t pudu_pool_create(struct pudu_pool **result, unsigned threads, size_t stack)
{
	struct pudu_pool *pool;
	int64_t status = PUDU_OK;

	if (threads == 0)
		threads = (unsigned)pudu_info()->harts;
	if (threads > PUDU_POOL_THREADS_MAX)
		return PUDU_ERR_ARGUMENT;
	pool = pudu_pages_take(sizeof(*pool));
	if (pool == NULL)
		return PUDU_ERR_MEMORY;
	pool->creator = pudu_thread_self();
	while (pool->threads < threads && status == PUDU_OK) {
		status = pudu_thread_prepare(&pool->thread[pool->threads], pool_thread, pool,
					     stack != 0 ? stack : PUDU_THREAD_STACK);
		pool->threads += status == PUDU_OK;
	}
	for (unsigned i = 0; i < pool->threads; i++)
		pudu_thread_start(pool->thread[i]);
	if (status == PUDU_OK)
		*result = pool;
	else
		pudu_pool_destroy(pool);
	return status;
}

void pudu_pool_destroy(struct pudu_pool *pool)
{
	struct sleeper *sleeper;

	pudu_mutex_lock(&pool->lock);
	pool->closing = 1;
	while ((sleeper = sleeper_remove(pool, NULL)) != NULL)
		sleeper_wake(sleeper);
	pudu_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->threads; i++)
		pudu_thread_join(pool->thread[i], NULL);
	pudu_pages_give(pool, sizeof(*pool));
}

void pudu_pool_submit(struct pudu_pool *pool, struct pudu_task *task, void (*function)(void *),
		      void *argument)
{
	struct sleeper *sleeper;

	task->function = function;
	task->argument = argument;
	task->newer = NULL;
	atomic_store_explicit(&task->state, QUEUED, memory_order_relaxed);
	pudu_mutex_lock(&pool->lock);
	task->older = pool->newest;
	*(task->older != NULL ? &task->older->newer : &pool->oldest) = task;
	pool->newest = task;
	sleeper = sleeper_remove(pool, NULL);
	pudu_mutex_unlock(&pool->lock);
	if (sleeper != NULL)
		sleeper_wake(sleeper);
}

int pudu_task_is_done(const struct pudu_task *task)
{
	/* acquire: pairs with the store of pool_run(). */
	return atomic_load_explicit(&task->state, memory_order_acquire) == DONE;
}

void pudu_pool_wait(struct pudu_pool *pool, struct pudu_task *task)
{
	struct sleeper *sleeper = NULL;
	struct pudu_task *next;

	if (pudu_task_is_done(task))
		return;
	pudu_mutex_lock(&pool->lock);
	while (!pudu_task_is_done(task)) {
		next = atomic_load_explicit(&task->state, memory_order_relaxed) == QUEUED
			       ? task
			       : pool->newest;
		if (next != NULL) {
			queue_remove(pool, next);
			pool_run(pool, next);
		} else {
			pool_sleep(pool, task);
		}
	}
	/* The caller may have been woken for a task that it does not run any more. */
	if (pool->oldest != NULL)
		sleeper = sleeper_remove(pool, NULL);
	pudu_mutex_unlock(&pool->lock);
	if (sleeper != NULL)
		sleeper_wake(sleeper);
}

/* A loop that is shared out: parts are taken by counting up. */
struct loop {
	_Atomic uint64_t next; /* part */
	uint64_t parts, begin, end, grain;
	void (*function)(uint64_t from, uint64_t to, void *argument);
	void *argument;
};

static void loop_run(void *argument)
{
	struct loop *loop = argument;
	uint64_t part;

	while ((part = atomic_fetch_add_explicit(&loop->next, 1, memory_order_relaxed)) <
	       loop->parts) {
		uint64_t from = loop->begin + part * loop->grain;

		loop->function(from, part + 1 == loop->parts ? loop->end : from + loop->grain,
			       loop->argument);
	}
}

/* Take a task back that nobody has begun. Result: 1 if so. */
static int take_back(struct pudu_pool *pool, struct pudu_task *task)
{
	int queued;

	pudu_mutex_lock(&pool->lock);
	queued = atomic_load_explicit(&task->state, memory_order_relaxed) == QUEUED;
	if (queued)
		queue_remove(pool, task);
	pudu_mutex_unlock(&pool->lock);
	return queued;
}

void pudu_parallel_for(struct pudu_pool *pool, uint64_t begin, uint64_t end, uint64_t grain,
		       void (*function)(uint64_t from, uint64_t to, void *argument), void *argument)
{
	struct loop loop = { 0, 0, begin, end, grain, function, argument };
	struct pudu_task task[PUDU_POOL_THREADS_MAX];
	unsigned n = 0;

	if (begin >= end)
		return;
	if (grain == 0)
		loop.grain = (end - begin) / (pool->threads * PARTS_PER_THREAD) + 1;
	loop.parts = (end - begin - 1) / loop.grain + 1;
	while (n < pool->threads && n < loop.parts - 1)
		pudu_pool_submit(pool, &task[n++], loop_run, &loop);
	loop_run(&loop);
	for (unsigned i = 0; i < n; i++)
		if (!take_back(pool, &task[i]))
			pudu_pool_wait(pool, &task[i]);
}
