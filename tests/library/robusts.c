/* SPDX-License-Identifier: MIT */
/* robusts.c - robust mutexes do what <pudu/robust.h> promises. */
#include <stdatomic.h>

#include <pudu/sync.h>

#include "threads.h"

#define OWNER 0xfffff /* of the state: see user/lib/sync/robust.c */
#define MANY  (PUDU_ROBUST_WAITERS + 2)

static struct pudu_robust robust;
static struct pudu_condition condition;
static _Atomic uint32_t go;
static _Atomic unsigned inside, entered;

static void fresh(void)
{
	robust = (struct pudu_robust)PUDU_ROBUST;
	go = 0;
}

static void nobody_is_left(void)
{
	for (unsigned i = 0; i < PUDU_ROBUST_WAITERS; i++)
		CHECK_EQUAL(robust.waiters[i], 0);
}

static int64_t lock_and_return(void *unused)
{
	(void)unused;
	return -pudu_robust_lock(&robust);
}

static int64_t lock_and_fault(void *unused)
{
	(void)unused;
	pudu_robust_lock(&robust);
	while (atomic_load(&go) == 0)
		pudu_park_if((uint64_t)&go, 0, PUDU_FOREVER);
	*(volatile int *)0 = 0;
	return 0;
}

static int64_t lock(void *unused)
{
	int64_t status = pudu_robust_lock(&robust);

	(void)unused;
	if (status == PUDU_ERR_DEAD)
		pudu_robust_consistent(&robust);
	if (status != PUDU_ERR_STATE)
		pudu_robust_unlock(&robust);
	return -status;
}

static int64_t lock_for_a_moment(void *microseconds)
{
	uint64_t deadline = after((uint64_t)microseconds);
	int64_t status = pudu_robust_lock_until(&robust, deadline);

	CHECK(status != PUDU_ERR_DEADLINE || pudu_ticks() >= deadline);
	return -status;
}

static int64_t try(void *unused)
{
	(void)unused;
	CHECK_EQUAL(pudu_robust_unlock(&robust), PUDU_ERR_RIGHT);
	CHECK_EQUAL(pudu_robust_consistent(&robust), PUDU_ERR_RIGHT);
	return -pudu_robust_try(&robust);
}

static void every_mistake_has_a_name(void)
{
	static struct pudu_robust many[PUDU_ROBUST_HELD + 1];

	fresh();
	CHECK_EQUAL(pudu_robust_unlock(&robust), PUDU_ERR_RIGHT);
	CHECK_EQUAL(pudu_robust_lock(&robust), PUDU_OK);
	CHECK_EQUAL(pudu_robust_lock(&robust), PUDU_ERR_EXISTS);
	CHECK_EQUAL(pudu_robust_try(&robust), PUDU_ERR_EXISTS);
	CHECK_EQUAL(pudu_robust_consistent(&robust), PUDU_ERR_ARGUMENT);
	CHECK_EQUAL(finish(begin(try, NULL)), -PUDU_ERR_VALUE);
	CHECK_EQUAL(finish(begin(lock_for_a_moment, (void *)30000)), -PUDU_ERR_DEADLINE);
	CHECK_EQUAL(pudu_robust_unlock(&robust), PUDU_OK);
	for (unsigned i = 0; i < PUDU_ROBUST_HELD; i++)
		CHECK_EQUAL(pudu_robust_lock(&many[i]), PUDU_OK);
	CHECK_EQUAL(pudu_robust_lock(&robust), PUDU_ERR_LENGTH);
	for (unsigned i = 0; i < PUDU_ROBUST_HELD; i++)
		CHECK_EQUAL(pudu_robust_unlock(&many[i]), PUDU_OK);
	CHECK_EQUAL(pudu_robust_try(&robust), PUDU_OK);
	CHECK_EQUAL(pudu_robust_unlock(&robust), PUDU_OK);
	nobody_is_left();
}

/* The next one is told, once; then it is a mutex like any other. */
static void is_told(void)
{
	CHECK_EQUAL(finish(begin(lock, NULL)), -PUDU_ERR_DEAD);
	CHECK_EQUAL(finish(begin(lock, NULL)), PUDU_OK);
	nobody_is_left();
}

static void an_owner_that_has_ended_is_told_of(void)
{
	struct pudu_thread *owner;

	fresh();
	owner = begin(lock_and_return, NULL);
	check_await_end(pudu_thread_executor(owner));
	CHECK_EQUAL(robust.state & OWNER, 0); /* it has seen to that itself */
	is_told();
	pudu_thread_join(owner, NULL);

	go = 1;
	owner = begin(lock_and_fault, NULL);
	check_await_end(pudu_thread_executor(owner));
	is_told();
	pudu_thread_join(owner, NULL);

	go = 0;
	owner = begin_waiter(lock_and_fault, NULL);
	CHECK_OK(pudu_terminate(pudu_thread_executor(owner), 5));
	is_told();
	pudu_thread_join(owner, NULL);
	CHECK_EQUAL(finish(begin(lock, NULL)), PUDU_OK);
}

/* The same while others wait; nobody has joined it yet. */
static void those_that_wait_learn_of_the_end(void)
{
	for (unsigned fault = 0; fault < 2; fault++) {
		struct pudu_thread *owner, *first, *second;
		int64_t told;

		fresh();
		owner = begin_waiter(lock_and_fault, NULL);
		first = begin(lock, NULL);
		second = begin(lock, NULL);
		check_nap();
		go = fault;
		CHECK_OK(fault ? pudu_unpark(pudu_thread_executor(owner))
			       : pudu_terminate(pudu_thread_executor(owner), 5));
		told = finish(first) + finish(second);
		CHECK_EQUAL(told, -PUDU_ERR_DEAD); /* one of them */
		pudu_thread_join(owner, NULL);
		nobody_is_left();
	}
}

/* What if a new thread gets the handle of the one that ended? It is not the owner. */
static void a_handle_that_is_used_again_owns_nothing(void)
{
	struct pudu_thread *owner, *heir;
	uint64_t executor;

	fresh();
	owner = begin_waiter(lock_and_fault, NULL);
	executor = pudu_thread_executor(owner);
	CHECK_OK(pudu_terminate(executor, 5));
	pudu_thread_join(owner, NULL);
	heir = begin(try, NULL);
	CHECK_EQUAL(pudu_thread_executor(heir), executor);
	CHECK_EQUAL(finish(heir), -PUDU_ERR_DEAD);
	is_told(); /* that one has ended with it, too */
}

static void what_is_not_made_consistent_is_lost(void)
{
	struct pudu_thread *waiter;

	fresh();
	finish(begin(lock_and_return, NULL));
	CHECK_EQUAL(pudu_robust_lock(&robust), PUDU_ERR_DEAD);
	waiter = begin(lock, NULL);
	check_nap();
	CHECK_EQUAL(pudu_robust_unlock(&robust), PUDU_OK);
	CHECK_EQUAL(finish(waiter), -PUDU_ERR_STATE);
	CHECK_EQUAL(pudu_robust_lock(&robust), PUDU_ERR_STATE);
	CHECK_EQUAL(pudu_robust_try(&robust), PUDU_ERR_STATE);
	CHECK_EQUAL(pudu_robust_unlock(&robust), PUDU_ERR_RIGHT);
	nobody_is_left();
}

/* What if those that wait are ended? The others get the lock, more of them than can be woken. */
static void a_waiter_may_be_ended(void)
{
	struct pudu_thread *waiter[MANY];

	fresh();
	CHECK_EQUAL(pudu_robust_lock(&robust), PUDU_OK);
	for (unsigned i = 0; i < MANY; i++)
		waiter[i] = begin(lock, NULL);
	check_nap();
	for (unsigned i = 0; i < MANY; i += 2)
		CHECK_OK(pudu_terminate(pudu_thread_executor(waiter[i]), 5));
	CHECK_EQUAL(pudu_robust_unlock(&robust), PUDU_OK);
	for (unsigned i = 1; i < MANY; i += 2)
		CHECK_EQUAL(finish(waiter[i]), PUDU_OK);
	for (unsigned i = 0; i < MANY; i += 2)
		pudu_thread_join(waiter[i], NULL);
	CHECK_EQUAL(finish(begin(lock, NULL)), PUDU_OK);
	nobody_is_left();
}

static int64_t wait_for_signal(void *microseconds)
{
	int64_t status = pudu_robust_lock(&robust);

	if (status == PUDU_OK)
		status = pudu_condition_wait_robust(&condition, &robust,
						    after((uint64_t)microseconds));
	CHECK_EQUAL(pudu_robust_lock(&robust), PUDU_ERR_EXISTS);
	return -status;
}

static void a_condition_works_with_it(void)
{
	struct pudu_thread *waiter;

	fresh();
	CHECK_EQUAL(pudu_condition_wait_robust(&condition, &robust, 0), PUDU_ERR_RIGHT);
	CHECK_EQUAL(finish(begin(wait_for_signal, (void *)1000)), -PUDU_ERR_DEADLINE);
	CHECK_EQUAL(finish(begin(wait_for_signal, NULL)), -PUDU_ERR_DEAD); /* that one had it */
	fresh();
	waiter = begin_waiter(wait_for_signal, (void *)10000000);
	CHECK_EQUAL(pudu_robust_lock(&robust), PUDU_OK);
	pudu_condition_signal(&condition);
	CHECK_EQUAL(pudu_robust_unlock(&robust), PUDU_OK);
	CHECK_EQUAL(finish(waiter), PUDU_OK);
	CHECK_EQUAL(condition.queue, 0);
}

/* The case's threads: lock, and be alone inside; some end there. */
static int64_t contend(void *number)
{
	uint32_t seed = (uint32_t)(uintptr_t)number;

	for (unsigned round = 0; round < 20; round++) {
		int64_t status = pudu_robust_lock(&robust);

		if (status == PUDU_ERR_DEAD) {
			inside = 0;
			pudu_robust_consistent(&robust);
		}
		if (inside++ != 0)
			return 1;
		entered++;
		if (pick(&seed, 40) == 0)
			pudu_thread_exit(0);
		if (pick(&seed, 3) == 0)
			pudu_yield();
		inside--;
		if (pudu_robust_unlock(&robust) != PUDU_OK)
			return 2;
	}
	return 0;
}

static void only_one_is_inside_whoever_ends(void)
{
	struct pudu_thread *thread[4];
	uint32_t seed = 0;

	fresh();
	inside = entered = 0;
	for (unsigned i = 0; i < 4; i++)
		thread[i] = begin(contend, (void *)(uintptr_t)i);
	for (unsigned i = 4; i < n_rounds() / 5 + 4; i++) {
		struct pudu_thread_end end;

		if (pick(&seed, 2))
			pudu_terminate(pudu_thread_executor(thread[i % 4]), 0);
		pudu_thread_join(thread[i % 4], &end);
		CHECK_EQUAL(end.code, 0);
		thread[i % 4] = begin(contend, (void *)(uintptr_t)i);
	}
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQUAL(finish(thread[i]), 0);
	CHECK(entered != 0);
	CHECK_EQUAL(finish(begin(lock, NULL)) % -PUDU_ERR_DEAD, PUDU_OK);
	nobody_is_left();
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(every_mistake_has_a_name),
		CASE(an_owner_that_has_ended_is_told_of),
		CASE(those_that_wait_learn_of_the_end),
		CASE(a_handle_that_is_used_again_owns_nothing),
		CASE(what_is_not_made_consistent_is_lost),
		CASE(a_waiter_may_be_ended),
		CASE(a_condition_works_with_it),
		CASE(only_one_is_inside_whoever_ends),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
