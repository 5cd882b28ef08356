/* SPDX-License-Identifier: MIT */
/*
 * posix_semaphore.c - semaphores of POSIX count, and lose nothing.
 *
 *	posix_semaphore [units=N]
 */
#include <semaphore.h>

#include "posix_check.h"

#define ROUNDS	100
#define THREADS 4
#define UNITS	100
#define LATE	2000	   /* ticks after the deadline: so late may a wake-up be */
#define SECOND	1000000000 /* nanoseconds */

static sem_t semaphore;
static struct worker worker[THREADS];

/* A call that answers -1 and this errno. */
#define FAILS(call, error)                                                                         \
	do {                                                                                       \
		errno = 0;                                                                         \
		CHECK_EQUAL(call, -1);                                                             \
		CHECK_EQUAL(errno, error);                                                         \
	} while (0)

static void semaphores_count(void)
{
	struct timespec time = soon(CLOCK_REALTIME, 5), bad = { 0, -1 };
	int value = -1;

	FAILS(sem_init(&semaphore, 0, SEM_VALUE_MAX + 1u), EINVAL);
	FAILS(sem_init(&semaphore, 1, 0), ENOSYS);
	CHECK_EQUAL(sem_init(&semaphore, 0, 3), 0);
	CHECK_EQUAL(sem_wait(&semaphore), 0);
	CHECK_EQUAL(sem_trywait(&semaphore), 0);
	CHECK_EQUAL(sem_getvalue(&semaphore, &value), 0);
	CHECK_EQUAL(value, 1);
	CHECK_EQUAL(sem_timedwait(&semaphore, &bad), 0); /* there is one: no look at the time */
	FAILS(sem_trywait(&semaphore), EAGAIN);
	FAILS(sem_timedwait(&semaphore, &bad), EINVAL);
	FAILS(sem_timedwait(&semaphore, &time), ETIMEDOUT);
	CHECK(has_passed(CLOCK_REALTIME, &time));
	CHECK_EQUAL(sem_post(&semaphore), 0);
	CHECK_EQUAL(sem_wait(&semaphore), 0);
	CHECK_EQUAL(sem_destroy(&semaphore), 0);
	CHECK_EQUAL(sem_init(&semaphore, 0, SEM_VALUE_MAX), 0);
	FAILS(sem_post(&semaphore), EOVERFLOW);
}

static void *take_all(void *argument)
{
	struct worker *self = argument;

	worker_begin(self);
	for (unsigned i = 0; i < ROUNDS; i++)
		CHECK_EQUAL(sem_wait(&semaphore), 0);
	return NULL;
}

static void every_post_lets_one_through(void)
{
	int value = -1;

	CHECK_EQUAL(sem_init(&semaphore, 0, 0), 0);
	for (unsigned i = 0; i < THREADS; i++)
		worker_start(&worker[i], take_all);
	for (unsigned i = 0; i < THREADS * ROUNDS; i++)
		CHECK_EQUAL(sem_post(&semaphore), 0);
	for (unsigned i = 0; i < THREADS; i++)
		worker_join(&worker[i]);
	CHECK_EQUAL(sem_getvalue(&semaphore, &value), 0);
	CHECK_EQUAL(value, 0);
}

static _Atomic unsigned got;
static uint32_t patience = 200; /* ticks */

/* Take units, with deadlines that pass just when a unit comes. */
static void *take_in_time(void *argument)
{
	struct worker *self = argument;

	while (self->step == 0) {
		struct timespec time;
		uint64_t nanoseconds = SECOND / pudu_info()->timebase * patience;

		clock_gettime(CLOCK_REALTIME, &time);
		nanoseconds += (uint64_t)time.tv_nsec;
		time.tv_sec += (time_t)(nanoseconds / SECOND);
		time.tv_nsec = (long)(nanoseconds % SECOND);
		if (sem_timedwait(&semaphore, &time) == 0)
			got++;
	}
	return NULL;
}

static void deadlines_lose_no_unit(void)
{
	unsigned units = (unsigned)check_argument("units", UNITS);
	int value = -1;

	got = 0;
	CHECK_EQUAL(sem_init(&semaphore, 0, 0), 0);
	worker_start(&worker[0], take_in_time);
	for (unsigned i = 0; i < units; i++) {
		uint64_t start = pudu_ticks();

		while (pudu_ticks() - start < patience + i * 37 % LATE)
			continue;
		CHECK_EQUAL(sem_post(&semaphore), 0);
	}
	worker[0].step = 1;
	worker_join(&worker[0]);
	CHECK_EQUAL(sem_getvalue(&semaphore, &value), 0);
	CHECK_EQUAL(got + (unsigned)value, units);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(semaphores_count),
		CASE(every_post_lets_one_through),
		CASE(deadlines_lose_no_unit),
	};

	return posix_check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
