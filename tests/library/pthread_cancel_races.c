/* SPDX-License-Identifier: MIT */
/* pthread_cancel_races.c - a thread is canceled when it gets what it waits for: nothing is lost. */
#include <semaphore.h>

#include "posix_check.h"

#define ROUNDS 40

static pthread_mutex_t mutex;
static pthread_cond_t cond;
static sem_t semaphore;
static struct worker worker, other;
static int tickets;
static _Atomic int taken;

static void init(void)
{
	pthread_mutex_init(&mutex, NULL);
	pthread_cond_init(&cond, NULL);
	sem_init(&semaphore, 0, 0);
	taken = 0;
	tickets = 0;
}

static void unlock(void *unused)
{
	(void)unused;
	pthread_mutex_unlock(&mutex);
}

static void *take_a_ticket(void *argument)
{
	worker_begin(argument);
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, NULL);
	while (tickets == 0)
		pthread_cond_wait(&cond, &mutex);
	tickets--;
	taken++;
	pthread_cleanup_pop(1);
	return argument;
}

static void give_a_ticket(void)
{
	pthread_mutex_lock(&mutex);
	tickets++;
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&mutex);
}

/* What if it has been signalled, and waits for the mutex only? Then it goes on. */
static void a_signal_before_the_cancel_counts(void)
{
	void *value = NULL;

	init();
	worker_start(&worker, take_a_ticket);
	await_parked(&worker);
	CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
	tickets++;
	CHECK_EQUAL(pthread_cond_signal(&cond), 0);
	CHECK_EQUAL(pthread_cancel(worker.thread), 0);
	check_await_state(worker.executor, PUDU_STATE_PARKED);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
	CHECK_EQUAL(pthread_join(worker.thread, &value), 0);
	CHECK(value == &worker);
	CHECK_EQUAL(taken, 1);
}

/* What if the signal goes to the one that is canceled? Then the other one would wait for ever. */
static void a_canceled_wait_uses_up_no_signal(void)
{
	init();
	for (unsigned i = 0; i < ROUNDS; i++) {
		void *value = NULL;

		taken = 0;
		worker_start(&worker, take_a_ticket);
		if (i % 2 == 0)
			await_parked(&worker);
		worker_start(&other, take_a_ticket);
		if (i % 4 < 2)
			await_parked(&other);
		if (i % 8 < 4)
			CHECK_EQUAL(pthread_cancel(worker.thread), 0);
		give_a_ticket();
		if (i % 8 >= 4)
			CHECK_EQUAL(pthread_cancel(worker.thread), 0);
		while (taken == 0)
			sched_yield();
		CHECK_EQUAL(pthread_join(worker.thread, &value), 0);
		if (value != PTHREAD_CANCELED)
			give_a_ticket();
		worker_join(&other);
		CHECK_EQUAL(taken, value == PTHREAD_CANCELED ? 1 : 2);
	}
}

static void *take_a_unit(void *argument)
{
	worker_begin(argument);
	sem_wait(&semaphore);
	taken++;
	return argument;
}

/* Either the thread has the unit or the semaphore has it still. */
static void a_canceled_wait_uses_up_no_unit(void)
{
	init();
	for (unsigned i = 0; i < ROUNDS; i++) {
		void *result = NULL;

		taken = 0;
		worker_start(&worker, take_a_unit);
		if (i % 2 == 0)
			await_parked(&worker);
		if (i % 4 < 2)
			CHECK_EQUAL(pthread_cancel(worker.thread), 0);
		CHECK_EQUAL(sem_post(&semaphore), 0);
		if (i % 4 >= 2)
			CHECK_EQUAL(pthread_cancel(worker.thread), 0);
		CHECK_EQUAL(pthread_join(worker.thread, &result), 0);
		CHECK_EQUAL(taken, result != PTHREAD_CANCELED);
		CHECK_EQUAL(sem_trywait(&semaphore), result == PTHREAD_CANCELED ? 0 : -1);
	}
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_signal_before_the_cancel_counts),
		CASE(a_canceled_wait_uses_up_no_signal),
		CASE(a_canceled_wait_uses_up_no_unit),
	};

	return posix_check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
