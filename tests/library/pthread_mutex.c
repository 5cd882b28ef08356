/* SPDX-License-Identifier: MIT */
/* pthread_mutex.c - mutexes of all types answer what POSIX says; robust ones survive their owner.
 */
#include "posix_check.h"

#define ROUNDS 300

static pthread_mutex_t mutex;
static struct worker worker;
static unsigned long count;

static void init(int type, int robust)
{
	pthread_mutexattr_t attributes;

	CHECK_EQUAL(pthread_mutexattr_init(&attributes), 0);
	CHECK_EQUAL(pthread_mutexattr_settype(&attributes, type), 0);
	CHECK_EQUAL(pthread_mutexattr_setrobust(&attributes, robust), 0);
	CHECK_EQUAL(pthread_mutex_init(&mutex, &attributes), 0);
	CHECK_EQUAL(pthread_mutexattr_destroy(&attributes), 0);
}

static int64_t add(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < ROUNDS; i++) {
		CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
		count++;
		if (i % 16 == 0)
			sched_yield();
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
	}
	return 0;
}

static void every_kind_keeps_the_others_out(void)
{
	for (int type = PTHREAD_MUTEX_NORMAL; type <= PTHREAD_MUTEX_ERRORCHECK; type++)
		for (int robust = 0; robust <= 1; robust++) {
			init(type, robust);
			count = 0;
			check_at_once(add);
			CHECK_EQUAL(count, ROUNDS * pudu_info()->harts);
			CHECK_EQUAL(pthread_mutex_destroy(&mutex), 0);
		}
}

static void *try_to_lock(void *argument)
{
	struct worker *self = argument;

	self->result = pthread_mutex_trylock(&mutex);
	if (self->result == 0)
		pthread_mutex_unlock(&mutex);
	return NULL;
}

static int result_elsewhere(void *(*function)(void *))
{
	worker_start(&worker, function);
	worker_join(&worker);
	return worker.result;
}

static void *unlock_once(void *argument)
{
	((struct worker *)argument)->result = pthread_mutex_unlock(&mutex);
	return NULL;
}

static void errorcheck_answers_EDEADLK_and_EPERM(void)
{
	init(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), EPERM);
	CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
	CHECK_EQUAL(pthread_mutex_lock(&mutex), EDEADLK);
	CHECK_EQUAL(pthread_mutex_trylock(&mutex), EBUSY);
	CHECK_EQUAL(result_elsewhere(unlock_once), EPERM);
	CHECK_EQUAL(result_elsewhere(try_to_lock), EBUSY);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
	CHECK_EQUAL(result_elsewhere(try_to_lock), 0);
}

static void a_recursive_one_is_free_after_as_many_unlocks(void)
{
	for (int robust = 0; robust <= 1; robust++) {
		init(PTHREAD_MUTEX_RECURSIVE, robust);
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), EPERM);
		CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
		CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
		CHECK_EQUAL(pthread_mutex_trylock(&mutex), 0);
		CHECK_EQUAL(result_elsewhere(unlock_once), EPERM);
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
		CHECK_EQUAL(result_elsewhere(try_to_lock), EBUSY);
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
		CHECK_EQUAL(result_elsewhere(try_to_lock), 0);
		CHECK_EQUAL(pthread_mutex_destroy(&mutex), 0);
	}
}

static void initialisers_give_their_types(void)
{
	static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
	static pthread_mutex_t errorcheck = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
	static pthread_mutex_t normal = PTHREAD_MUTEX_INITIALIZER;

	CHECK_EQUAL(pthread_mutex_lock(&recursive), 0);
	CHECK_EQUAL(pthread_mutex_lock(&recursive), 0);
	CHECK_EQUAL(pthread_mutex_lock(&errorcheck), 0);
	CHECK_EQUAL(pthread_mutex_lock(&errorcheck), EDEADLK);
	CHECK_EQUAL(pthread_mutex_lock(&normal), 0);
	CHECK_EQUAL(pthread_mutex_trylock(&normal), EBUSY);
}

static void timedlock_gives_up_at_its_time(void)
{
	for (int type = PTHREAD_MUTEX_NORMAL; type <= PTHREAD_MUTEX_RECURSIVE; type++)
		for (int robust = 0; robust <= 1; robust++) {
			struct timespec time = soon(CLOCK_REALTIME, 5), bad = { 0, -1 };

			init(type, robust);
			CHECK_EQUAL(pthread_mutex_timedlock(&mutex, &bad), 0); /* it is free */
			if (type == PTHREAD_MUTEX_NORMAL && !robust) {
				CHECK_EQUAL(pthread_mutex_timedlock(&mutex, &bad), EINVAL);
				CHECK_EQUAL(pthread_mutex_timedlock(&mutex, &time), ETIMEDOUT);
				CHECK(has_passed(CLOCK_REALTIME, &time));
				time = soon(CLOCK_MONOTONIC, 5);
				CHECK_EQUAL(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &time),
					    ETIMEDOUT);
				CHECK(has_passed(CLOCK_MONOTONIC, &time));
				time.tv_sec = -1;
				CHECK_EQUAL(pthread_mutex_timedlock(&mutex, &time), ETIMEDOUT);
			}
			CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
			CHECK_EQUAL(pthread_mutex_destroy(&mutex), 0);
		}
}

static void *lock_in_time(void *argument)
{
	struct worker *self = argument;
	struct timespec time = soon(CLOCK_REALTIME, 20000);

	worker_begin(self);
	self->result = pthread_mutex_timedlock(&mutex, &time);
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static void timedlock_gets_it_if_it_comes_free(void)
{
	for (int robust = 0; robust <= 1; robust++) {
		init(PTHREAD_MUTEX_NORMAL, robust);
		CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
		worker_start(&worker, lock_in_time);
		await_parked(&worker);
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
		worker_join(&worker);
		CHECK_EQUAL(worker.result, 0);
		CHECK_EQUAL(pthread_mutex_destroy(&mutex), 0);
	}
}

static void *lock_and_end(void *argument)
{
	struct worker *self = argument;

	self->result = pthread_mutex_lock(&mutex);
	return NULL;
}

static void *lock_after_the_end(void *argument)
{
	struct worker *self = argument;

	worker_begin(self);
	self->result = pthread_mutex_lock(&mutex);
	if (self->result == EOWNERDEAD)
		CHECK_EQUAL(pthread_mutex_consistent(&mutex), 0);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
	return NULL;
}

static void a_robust_one_tells_that_its_owner_ended(void)
{
	for (int type = PTHREAD_MUTEX_NORMAL; type <= PTHREAD_MUTEX_ERRORCHECK; type++) {
		init(type, PTHREAD_MUTEX_ROBUST);
		CHECK_EQUAL(result_elsewhere(lock_and_end), 0);
		CHECK_EQUAL(pthread_mutex_lock(&mutex), EOWNERDEAD);
		CHECK_EQUAL(pthread_mutex_consistent(&mutex), 0);
		CHECK_EQUAL(pthread_mutex_consistent(&mutex), EINVAL);
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
		CHECK_EQUAL(pthread_mutex_lock(&mutex), 0); /* told once */
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
		CHECK_EQUAL(pthread_mutex_destroy(&mutex), 0);
	}
}

static void *lock_wait_and_end(void *argument)
{
	struct worker *self = argument;

	pthread_mutex_lock(&mutex);
	worker_begin(self);
	await_step(self, 1);
	return NULL;
}

/* What if others wait already when the owner ends? */
static void those_that_wait_learn_of_the_end(void)
{
	static struct worker owner;

	init(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
	worker_start(&owner, lock_wait_and_end);
	while (owner.executor == 0)
		sched_yield();
	worker_start(&worker, lock_after_the_end);
	await_parked(&worker);
	owner.step = 1;
	worker_join(&worker);
	CHECK_EQUAL(worker.result, EOWNERDEAD);
	worker_join(&owner);
	CHECK_EQUAL(pthread_mutex_destroy(&mutex), 0);
}

static void one_that_was_not_made_consistent_is_lost(void)
{
	init(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST);
	CHECK_EQUAL(result_elsewhere(lock_and_end), 0);
	CHECK_EQUAL(pthread_mutex_trylock(&mutex), EOWNERDEAD);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
	CHECK_EQUAL(pthread_mutex_lock(&mutex), ENOTRECOVERABLE);
	CHECK_EQUAL(pthread_mutex_trylock(&mutex), ENOTRECOVERABLE);
	CHECK_EQUAL(pthread_mutex_destroy(&mutex), 0);
}

static void consistent_is_for_robust_ones_only(void)
{
	init(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED);
	CHECK_EQUAL(pthread_mutex_consistent(&mutex), EINVAL);
}

static void one_that_is_locked_is_not_destroyed(void)
{
	for (int robust = 0; robust <= 1; robust++) {
		init(PTHREAD_MUTEX_NORMAL, robust);
		CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
		CHECK_EQUAL(pthread_mutex_destroy(&mutex), EBUSY);
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
		CHECK_EQUAL(pthread_mutex_destroy(&mutex), 0);
	}
}

static void attributes_are_checked(void)
{
	pthread_mutexattr_t attributes;
	int value = -1;

	CHECK_EQUAL(pthread_mutexattr_init(&attributes), 0);
	CHECK_EQUAL(pthread_mutexattr_gettype(&attributes, &value), 0);
	CHECK_EQUAL(value, PTHREAD_MUTEX_DEFAULT);
	CHECK_EQUAL(pthread_mutexattr_settype(&attributes, 77), EINVAL);
	CHECK_EQUAL(pthread_mutexattr_setrobust(&attributes, 77), EINVAL);
	CHECK_EQUAL(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED), ENOTSUP);
	CHECK_EQUAL(pthread_mutexattr_setpshared(&attributes, 77), EINVAL);
	CHECK_EQUAL(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT), ENOTSUP);
	CHECK_EQUAL(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_NONE), 0);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(every_kind_keeps_the_others_out),
		CASE(errorcheck_answers_EDEADLK_and_EPERM),
		CASE(a_recursive_one_is_free_after_as_many_unlocks),
		CASE(initialisers_give_their_types),
		CASE(timedlock_gives_up_at_its_time),
		CASE(timedlock_gets_it_if_it_comes_free),
		CASE(a_robust_one_tells_that_its_owner_ended),
		CASE(those_that_wait_learn_of_the_end),
		CASE(one_that_was_not_made_consistent_is_lost),
		CASE(consistent_is_for_robust_ones_only),
		CASE(one_that_is_locked_is_not_destroyed),
		CASE(attributes_are_checked),
	};

	return posix_check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
