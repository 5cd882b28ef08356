/* SPDX-License-Identifier: MIT */
/* pthread_cond.c - condition variables wake whom they should, and give the mutex back. */
#include <string.h>

#include "posix_check.h"

#define WAITERS 6
#define ITEMS	200

static pthread_mutex_t mutex;
static pthread_cond_t cond, other_cond;
static struct worker worker[WAITERS];
static int tickets, woken;

static void init(int type, int robust)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, type);
	pthread_mutexattr_setrobust(&attributes, robust);
	CHECK_EQUAL(pthread_mutex_init(&mutex, &attributes), 0);
	CHECK_EQUAL(pthread_cond_init(&cond, NULL), 0);
	tickets = woken = 0;
}

static void end(void)
{
	CHECK_EQUAL(pthread_cond_destroy(&cond), 0);
	CHECK_EQUAL(pthread_mutex_destroy(&mutex), 0);
}

static void *take_a_ticket(void *argument)
{
	struct worker *self = argument;

	self->result = pthread_mutex_lock(&mutex);
	worker_begin(self);
	while (tickets == 0)
		CHECK_EQUAL(pthread_cond_wait(&cond, &mutex), 0);
	tickets--;
	woken++;
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
	return NULL;
}

static void start_waiters(void)
{
	for (unsigned i = 0; i < WAITERS; i++)
		worker_start(&worker[i], take_a_ticket);
	for (unsigned i = 0; i < WAITERS; i++)
		await_parked(&worker[i]);
}

static void join_waiters(void)
{
	for (unsigned i = 0; i < WAITERS; i++)
		worker_join(&worker[i]);
	CHECK_EQUAL(woken, WAITERS);
}

static void give(int n)
{
	CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
	tickets += n;
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
}

static void a_broadcast_wakes_all_that_wait(void)
{
	for (int type = PTHREAD_MUTEX_NORMAL; type <= PTHREAD_MUTEX_ERRORCHECK; type++)
		for (int robust = 0; robust <= 1; robust++) {
			init(type, robust);
			start_waiters();
			give(WAITERS);
			CHECK_EQUAL(pthread_cond_broadcast(&cond), 0);
			join_waiters();
			end();
		}
}

static void each_signal_wakes_one(void)
{
	init(PTHREAD_MUTEX_NORMAL, 0);
	start_waiters();
	for (unsigned i = 0; i < WAITERS; i++) {
		/* With the mutex, so the waiter moves to the queue of that. */
		CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
		tickets++;
		CHECK_EQUAL(pthread_cond_signal(&cond), 0);
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
	}
	join_waiters();
	end();
}

static void a_signal_without_waiters_is_not_remembered(void)
{
	struct timespec time = soon(CLOCK_REALTIME, 5);

	init(PTHREAD_MUTEX_NORMAL, 0);
	CHECK_EQUAL(pthread_cond_signal(&cond), 0);
	CHECK_EQUAL(pthread_cond_broadcast(&cond), 0);
	CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
	CHECK_EQUAL(pthread_cond_timedwait(&cond, &mutex, &time), ETIMEDOUT);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
	end();
}

static void *try_elsewhere(void *argument)
{
	struct worker *self = argument;

	self->result = pthread_mutex_trylock(&mutex);
	if (self->result == 0)
		pthread_mutex_unlock(&mutex);
	return NULL;
}

static void *wait_with_limit(void *argument)
{
	struct worker *self = argument;
	struct timespec time = soon(CLOCK_REALTIME, 200);

	pthread_mutex_lock(&mutex);
	worker_begin(self);
	self->result = pthread_cond_timedwait(&cond, &mutex, &time);
	CHECK(has_passed(CLOCK_REALTIME, &time));
	self->step = 1;
	await_step(self, 2);
	pthread_mutex_unlock(&mutex);
	return NULL;
}

/* The mutex is free during the wait, and the waiter's after it. */
static void a_timed_wait_releases_and_reacquires_the_mutex(void)
{
	init(PTHREAD_MUTEX_ERRORCHECK, 0);
	worker_start(&worker[0], wait_with_limit);
	while (worker[0].executor == 0)
		sched_yield();
	CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
	await_step(&worker[0], 1);
	CHECK_EQUAL(pthread_mutex_trylock(&mutex), EBUSY);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), EPERM);
	worker[0].step = 2;
	worker_join(&worker[0]);
	CHECK_EQUAL(worker[0].result, ETIMEDOUT);
	end();
}

static void a_wait_needs_the_mutex_and_a_valid_time(void)
{
	struct timespec time = { 0, 1000 * MILLISECOND };

	for (int robust = 0; robust <= 1; robust++) {
		init(PTHREAD_MUTEX_ERRORCHECK, robust);
		CHECK_EQUAL(pthread_cond_wait(&cond, &mutex), EPERM);
		CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
		CHECK_EQUAL(pthread_cond_timedwait(&cond, &mutex, &time), EINVAL);
		CHECK_EQUAL(pthread_cond_clockwait(&cond, &mutex, 77, &time), EINVAL);
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
		end();
	}
}

/* What if a recursive mutex was taken twice? It is let go of as a whole, and taken back so. */
static void a_wait_lets_go_of_a_recursive_mutex(void)
{
	struct timespec time = soon(CLOCK_REALTIME, 5);

	for (int robust = 0; robust <= 1; robust++) {
		init(PTHREAD_MUTEX_RECURSIVE, robust);
		CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
		CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
		CHECK_EQUAL(pthread_cond_timedwait(&cond, &mutex, &time), ETIMEDOUT);
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
		worker_start(&worker[0], try_elsewhere);
		worker_join(&worker[0]);
		CHECK_EQUAL(worker[0].result, EBUSY);
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
		CHECK_EQUAL(pthread_mutex_unlock(&mutex), EPERM);
		end();
	}
}

/* The time of day is set forward by an hour: only those that wait for it are over. */
static void a_monotonic_wait_ignores_the_time_of_day(void)
{
	pthread_condattr_t attributes;
	struct timespec now, time = soon(CLOCK_MONOTONIC, 20);
	clockid_t clock = 0;

	init(PTHREAD_MUTEX_NORMAL, 0);
	CHECK_EQUAL(pthread_condattr_init(&attributes), 0);
	CHECK_EQUAL(pthread_condattr_setclock(&attributes, 77), EINVAL);
	CHECK_EQUAL(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC), 0);
	CHECK_EQUAL(pthread_condattr_getclock(&attributes, &clock), 0);
	CHECK_EQUAL(clock, CLOCK_MONOTONIC);
	CHECK_EQUAL(pthread_cond_init(&other_cond, &attributes), 0);

	CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
	now = soon(CLOCK_REALTIME, 3600 * 1000);
	CHECK_EQUAL(clock_settime(CLOCK_REALTIME, &now), 0);
	CHECK_EQUAL(pthread_cond_timedwait(&other_cond, &mutex, &time), ETIMEDOUT);
	CHECK(has_passed(CLOCK_MONOTONIC, &time));
	CHECK_EQUAL(pthread_cond_timedwait(&cond, &mutex, &now), ETIMEDOUT);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
	CHECK_EQUAL(pthread_cond_destroy(&other_cond), 0);
	end();
}

static int items;
static _Atomic int taken;

static void *consume(void *argument)
{
	struct timespec time;

	for (int left = 1; left != 0;) {
		pthread_mutex_lock(&mutex);
		time = soon(CLOCK_REALTIME, 1);
		while (items == 0 && pthread_cond_timedwait(&cond, &mutex, &time) == 0)
			continue;
		if (items > 0) {
			items--;
			taken++;
			pthread_cond_signal(&other_cond);
		}
		left = atomic_load(&taken) < ITEMS;
		pthread_mutex_unlock(&mutex);
	}
	return argument;
}

/* Signals and deadlines all the time: none gets lost, nobody stays behind. */
static void producers_and_consumers_lose_nothing(void)
{
	init(PTHREAD_MUTEX_NORMAL, 0);
	CHECK_EQUAL(pthread_cond_init(&other_cond, NULL), 0);
	taken = 0;
	items = 0;
	for (unsigned i = 0; i < WAITERS; i++)
		worker_start(&worker[i], consume);
	for (unsigned i = 0; i < ITEMS; i++) {
		pthread_mutex_lock(&mutex);
		while (items == 2)
			pthread_cond_wait(&other_cond, &mutex);
		items++;
		pthread_cond_signal(&cond);
		pthread_mutex_unlock(&mutex);
	}
	for (unsigned i = 0; i < WAITERS; i++)
		worker_join(&worker[i]);
	CHECK_EQUAL(taken, ITEMS);
	end();
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_broadcast_wakes_all_that_wait),
		CASE(each_signal_wakes_one),
		CASE(a_signal_without_waiters_is_not_remembered),
		CASE(a_timed_wait_releases_and_reacquires_the_mutex),
		CASE(a_wait_needs_the_mutex_and_a_valid_time),
		CASE(a_wait_lets_go_of_a_recursive_mutex),
		CASE(a_monotonic_wait_ignores_the_time_of_day),
		CASE(producers_and_consumers_lose_nothing),
	};

	return posix_check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
