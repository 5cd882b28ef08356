/* SPDX-License-Identifier: MIT */
/* pthread_cancel.c - a thread that is canceled ends at its next cancellation point, and not before.
 */
#include <semaphore.h>
#include <unistd.h>

#include "posix_check.h"

static pthread_mutex_t mutex;
static pthread_cond_t cond;
static sem_t semaphore;
static struct worker worker, other;

static void unlock(void *unused)
{
	(void)unused;
	worker.step++;
	/* POSIX: the mutex is the caller's again when its handlers run. */
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
}

static void *wait_for_condition(void *argument)
{
	struct worker *self = argument;

	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, NULL);
	worker_begin(self);
	for (;;)
		pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(1);
	return NULL;
}

static void *wait_with_time(void *argument)
{
	struct worker *self = argument;
	struct timespec time = soon(CLOCK_REALTIME, 100000);

	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, NULL);
	worker_begin(self);
	for (;;)
		pthread_cond_timedwait(&cond, &mutex, &time);
	pthread_cleanup_pop(1);
	return NULL;
}

static void *wait_for_semaphore(void *argument)
{
	worker_begin(argument);
	sem_wait(&semaphore);
	return NULL;
}

static void *wait_for_other(void *argument)
{
	worker_begin(argument);
	pthread_join(other.thread, NULL);
	return NULL;
}

static void *sleep_long(void *argument)
{
	worker_begin(argument);
	sleep(1000);
	return NULL;
}

static void expect_canceled(struct worker *one)
{
	void *value = NULL;

	CHECK_EQUAL(pthread_join(one->thread, &value), 0);
	CHECK(value == PTHREAD_CANCELED);
}

/* Start it, wait until it sleeps, cancel it: it must end. */
static void cancel_asleep(void *(*function)(void *))
{
	worker_start(&worker, function);
	await_parked(&worker);
	CHECK_EQUAL(pthread_cancel(worker.thread), 0);
	expect_canceled(&worker);
}

static void init(int type)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, type);
	pthread_mutex_init(&mutex, &attributes);
	pthread_cond_init(&cond, NULL);
	sem_init(&semaphore, 0, 0);
}

static void a_cond_wait_ends_with_the_mutex_taken(void)
{
	init(PTHREAD_MUTEX_ERRORCHECK);
	cancel_asleep(wait_for_condition);
	CHECK_EQUAL(worker.step, 1);
	cancel_asleep(wait_with_time);
	CHECK_EQUAL(worker.step, 1);
	CHECK_EQUAL(pthread_mutex_lock(&mutex), 0);
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
	CHECK_EQUAL(pthread_cond_destroy(&cond), 0);
}

static void a_sem_wait_and_a_sleep_end(void)
{
	int value = -1;

	init(PTHREAD_MUTEX_NORMAL);
	cancel_asleep(wait_for_semaphore);
	CHECK_EQUAL(sem_post(&semaphore), 0);
	CHECK_EQUAL(sem_getvalue(&semaphore, &value), 0);
	CHECK_EQUAL(value, 1);
	cancel_asleep(sleep_long);
}

static void *wait_for_gate(void *argument)
{
	await_step(argument, 1);
	return NULL;
}

static void one_whose_joiner_was_canceled_can_be_joined(void)
{
	worker_start(&other, wait_for_gate);
	cancel_asleep(wait_for_other);
	other.step = 1;
	worker_join(&other);
}

static void *wait_at_points(void *argument)
{
	struct worker *self = argument;
	int old = -1;

	CHECK_EQUAL(pthread_setcancelstate(77, NULL), EINVAL);
	CHECK_EQUAL(pthread_setcanceltype(77, NULL), EINVAL);
	CHECK_EQUAL(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old), 0);
	CHECK_EQUAL(old, PTHREAD_CANCEL_ENABLE);
	worker_begin(self);
	CHECK_EQUAL(sem_wait(&semaphore), 0); /* canceled while it sleeps here */
	pthread_testcancel();
	self->step = 1;
	CHECK_EQUAL(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old), 0);
	CHECK_EQUAL(old, PTHREAD_CANCEL_DISABLE);
	CHECK_EQUAL(pthread_mutex_lock(&mutex), 0); /* no cancellation point */
	CHECK_EQUAL(pthread_mutex_unlock(&mutex), 0);
	self->step = 2;
	pthread_testcancel();
	self->step = 3;
	return NULL;
}

static void a_cancel_waits_until_it_is_enabled_and_at_a_point(void)
{
	init(PTHREAD_MUTEX_NORMAL);
	worker_start(&worker, wait_at_points);
	await_parked(&worker);
	CHECK_EQUAL(pthread_cancel(worker.thread), 0);
	check_await_state(worker.executor, PUDU_STATE_PARKED);
	CHECK_EQUAL(sem_post(&semaphore), 0);
	expect_canceled(&worker);
	CHECK_EQUAL(worker.step, 2);
}

static void *become_asynchronous(void *argument)
{
	struct worker *self = argument;
	int old = -1;

	await_step(self, 1);
	CHECK_EQUAL(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old), 0);
	self->step = 2;
	return NULL;
}

static void asynchronous_acts_on_what_is_pending(void)
{
	worker_start(&worker, become_asynchronous);
	CHECK_EQUAL(pthread_cancel(worker.thread), 0);
	worker.step = 1;
	expect_canceled(&worker);
	CHECK_EQUAL(worker.step, 1);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_cond_wait_ends_with_the_mutex_taken),
		CASE(a_sem_wait_and_a_sleep_end),
		CASE(one_whose_joiner_was_canceled_can_be_joined),
		CASE(a_cancel_waits_until_it_is_enabled_and_at_a_point),
		CASE(asynchronous_acts_on_what_is_pending),
	};

	return posix_check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
