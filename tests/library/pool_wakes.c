/* SPDX-License-Identifier: MIT */
/* pool_wakes.c - thread pools: wake-ups that come too late for the one they woke; and faults. */
#include <pudu/pool.h>

#include <string.h>

#include <pudu/spawn.h>

#include "check.h"

#define FAULTED 134 /* exit code of abort() */

static struct pudu_pool *pool;
static struct pudu_task task[3];
static uint64_t waiter; /* handle of the one that waits for the inner task */
static _Atomic bool inner_runs;

static bool is_parked(uint64_t executor)
{
	return (check_state(executor) & PUDU_STATE_PARKED) != 0;
}

static void last(void *unused)
{
	(void)unused;
}

/* Bring one more task when the waiter sleeps: that wakes the waiter. End before it has the hart. */
static void inner(void *unused)
{
	(void)unused;
	inner_runs = true;
	while (!is_parked(waiter))
		pudu_yield();
	pudu_pool_submit(pool, &task[2], last, NULL);
}

/* Run the inner task, and do nothing else until the last one is done. */
static void outer(void *unused)
{
	(void)unused;
	pudu_pool_submit(pool, &task[1], inner, NULL);
	pudu_pool_wait(pool, &task[1]);
	while (!pudu_task_is_done(&task[2]))
		pudu_yield();
}

/*
 * What if a task woke one that waits, which does not run it, since what it waited for is done?
 * There is another thread that sleeps. If that one is not told, the last task is never run.
 */
static void a_wake_up_that_is_not_needed_is_passed_on(void)
{
	waiter = pudu_thread_self();
	for (unsigned round = 0; round < 20; round++) {
		memset(task, 0, sizeof task);
		inner_runs = false;
		if (!CHECK_EQUAL(pudu_pool_create(&pool, 2, 0), PUDU_OK))
			return;
		pudu_pool_submit(pool, &task[0], outer, NULL);
		while (!inner_runs)
			pudu_yield();
		for (unsigned i = 0; i < 20; i++)
			pudu_yield(); /* the other thread sleeps by then */
		pudu_pool_wait(pool, &task[1]);
		while (!pudu_task_is_done(&task[2]))
			pudu_yield();
		pudu_pool_wait(pool, &task[0]);
		pudu_pool_destroy(pool);
	}
}

static void fault(void *unused)
{
	(void)unused;
	*(volatile char *)TEST_MEMORY = 1;
}

/* In a program of its own: the fault must end it. */
static int peer(void)
{
	if (pudu_pool_create(&pool, 1, 0) != PUDU_OK)
		return 1;
	pudu_pool_submit(pool, &task[0], fault, NULL);
	while (atomic_load(&task[0].state) == 0) /* the thread shall have it, not the caller */
		pudu_yield();
	pudu_pool_wait(pool, &task[0]);
	return 0;
}

static void a_fault_in_a_task_ends_the_program(void)
{
	char *argv[] = { (char *)"pool_wakes", (char *)"peer", NULL };
	struct pudu_spawn_options options = { .path = "pool_wakes", .argv = argv };
	struct pudu_process process;
	struct pudu_exit end;

	if (!CHECK_EQUAL(pudu_spawn(&options, &process), PUDU_OK))
		return;
	pudu_wait(&process, &end);
	CHECK_EQUAL(end.code, FAULTED);
	pudu_release(&process);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_wake_up_that_is_not_needed_is_passed_on),
		CASE(a_fault_in_a_task_ends_the_program),
	};

	if (argc == 2 && strcmp(argv[1], "peer") == 0)
		return peer();
	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
