/* SPDX-License-Identifier: MIT */
/*
 * pthread_storm.c - much at once: threads made, joined, detached and canceled on all harts. Nothing
 * is lost, and in the end all memory is back. Few rounds: harts that map memory of one address
 *space at the same time wait for each other, and an emulator makes that long.
 *
 *	pthread_storm [rounds=N]
 */
#include <semaphore.h>

#include "posix_check.h"

#define ROUNDS	   2
#define CHILDREN   5
#define WAITERS	   6
#define BROADCASTS 72

static _Atomic unsigned long work_done;

static void *work(void *unused)
{
	work_done++;
	return unused;
}

static void *join_it(void *thread)
{
	void *value = NULL;

	CHECK_EQUAL(pthread_join((pthread_t)thread, &value), 0);
	return value;
}

/* What a child is given, and returns. */
static void *number(unsigned k)
{
	return (void *)(uintptr_t)(k + 1);
}

/* Of five children one is detached, and three are joined by others. */
static int64_t make_children(void *unused)
{
	unsigned rounds = (unsigned)check_argument("rounds", ROUNDS);

	(void)unused;
	for (unsigned i = 0; i < rounds; i++) {
		pthread_t child[CHILDREN], joiner[3];
		void *value = NULL;

		for (unsigned k = 0; k < CHILDREN; k++)
			CHECK_EQUAL(pthread_create(&child[k], NULL, work, number(k)), 0);
		CHECK_EQUAL(pthread_detach(child[0]), 0);
		for (unsigned k = 0; k < 3; k++)
			CHECK_EQUAL(pthread_create(&joiner[k], NULL, join_it, child[k + 1]), 0);
		CHECK_EQUAL(pthread_join(child[4], &value), 0);
		CHECK(value == number(4));
		for (unsigned k = 0; k < 3; k++) {
			CHECK_EQUAL(pthread_join(joiner[k], &value), 0);
			CHECK(value == number(k + 1));
		}
	}
	return 0;
}

static void threads_are_made_and_joined_everywhere(void)
{
	unsigned rounds = (unsigned)check_argument("rounds", ROUNDS);

	work_done = 0;
	check_at_once(make_children);
	while (work_done < CHILDREN * rounds * pudu_info()->harts)
		sched_yield();
	CHECK_EQUAL(work_done, CHILDREN * rounds * pudu_info()->harts);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static _Atomic unsigned generation, canceled_waits;

static void unlock(void *unused)
{
	(void)unused;
	pthread_mutex_unlock(&mutex);
}

/* Wait for broadcasts and units until canceled. */
static void *wait_until_canceled(void *unused)
{
	for (;;) {
		unsigned seen;

		pthread_mutex_lock(&mutex);
		pthread_cleanup_push(unlock, NULL);
		seen = generation;
		while (generation == seen) {
			struct timespec time = soon(CLOCK_REALTIME, 1);

			pthread_cond_timedwait(&cond, &mutex, &time);
		}
		pthread_cleanup_pop(1);
		sem_wait(&semaphore);
		sem_post(&semaphore);
	}
	return unused;
}

static int64_t broadcast(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < BROADCASTS; i++) {
		pthread_mutex_lock(&mutex);
		generation++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
		sched_yield();
	}
	return 0;
}

/* Cancels meet broadcasts, deadlines and posts in every order. */
static int64_t cancel_waiters(void *number)
{
	unsigned rounds = (unsigned)check_argument("rounds", ROUNDS);

	if ((uintptr_t)number % 2 == 1)
		return broadcast(NULL);
	for (unsigned i = 0; i < rounds; i++) {
		pthread_t thread[WAITERS];

		for (unsigned k = 0; k < WAITERS; k++)
			CHECK_EQUAL(pthread_create(&thread[k], NULL, wait_until_canceled, NULL), 0);
		for (unsigned k = 0; k < WAITERS; k++) {
			void *value = NULL;

			pthread_mutex_lock(&mutex);
			generation++;
			pthread_cond_signal(&cond);
			pthread_mutex_unlock(&mutex);
			CHECK_EQUAL(pthread_cancel(thread[k]), 0);
			CHECK_EQUAL(pthread_join(thread[k], &value), 0);
			CHECK(value == PTHREAD_CANCELED);
			canceled_waits++;
		}
	}
	return 0;
}

static void cancels_leave_locks_and_units_whole(void)
{
	unsigned rounds = (unsigned)check_argument("rounds", ROUNDS);
	int value = -1;

	canceled_waits = 0;
	CHECK_EQUAL(sem_init(&semaphore, 0, 1), 0);
	check_at_once(cancel_waiters);
	CHECK_EQUAL(canceled_waits, WAITERS * rounds * ((pudu_info()->harts + 1) / 2));
	CHECK_EQUAL(sem_getvalue(&semaphore, &value), 0);
	CHECK_EQUAL(value, 1);
	CHECK_EQUAL(pthread_mutex_trylock(&mutex), 0);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
	CHECK_EQUAL(pthread_cond_destroy(&cond), 0);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(threads_are_made_and_joined_everywhere),
		CASE(cancels_leave_locks_and_units_whole),
	};

	return posix_check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
