/* SPDX-License-Identifier: MIT */
/* pthread_life.c - threads start, end, are joined and detached as POSIX says. */
#include <limits.h>
#include <string.h>

#include "posix_check.h"

#define MANY 24

static struct worker first, second;
static _Atomic uint32_t gate;

static void await_gate(void)
{
	while (atomic_load(&gate) == 0)
		sched_yield();
}

static void *wait_at_gate(void *worker)
{
	worker_begin(worker);
	await_gate();
	return worker;
}

static void a_join_returns_the_value(void)
{
	pthread_t thread;
	void *value = NULL;

	CHECK_EQUAL(pthread_create(&thread, NULL, nothing, &first), 0);
	CHECK_EQUAL(pthread_join(thread, &value), 0);
	CHECK(value == &first);
}

static void *exit_deep(void *value)
{
	if (value != NULL)
		pthread_exit(value);
	return NULL;
}

static void a_join_returns_what_pthread_exit_was_given(void)
{
	pthread_t thread;
	void *value = NULL;

	CHECK_EQUAL(pthread_create(&thread, NULL, exit_deep, &second), 0);
	CHECK_EQUAL(pthread_join(thread, &value), 0);
	CHECK(value == &second);
}

static void *join_first(void *argument)
{
	struct worker *worker = argument;
	void *value = NULL;

	worker_begin(worker);
	worker->result = pthread_join(first.thread, &value);
	CHECK(value == &first);
	return NULL;
}

/* What if the one that joins did not create the thread? */
static void any_thread_can_join(void)
{
	gate = 0;
	worker_start(&first, wait_at_gate);
	worker_start(&second, join_first);
	await_parked(&second);
	gate = 1;
	worker_join(&second);
	CHECK_EQUAL(second.result, 0);
}

static void a_thread_that_has_ended_waits_for_its_joiner(void)
{
	pthread_t thread;
	void *value = NULL;

	CHECK_EQUAL(pthread_create(&thread, NULL, nothing, &first), 0);
	while (pthread_tryjoin_np(thread, &value) == EBUSY)
		check_nap();
	CHECK(value == &first);
}

static void a_second_joiner_is_refused(void)
{
	gate = 0;
	worker_start(&first, wait_at_gate);
	worker_start(&second, join_first);
	await_parked(&second);
	CHECK_EQUAL(pthread_join(first.thread, NULL), EINVAL);
	CHECK_EQUAL(pthread_detach(first.thread), EINVAL);
	gate = 1;
	worker_join(&second);
	CHECK_EQUAL(second.result, 0);
}

static void *join_second(void *worker)
{
	worker_begin(worker);
	first.result = pthread_join(second.thread, NULL);
	return worker;
}

static void *join_self(void *argument)
{
	struct worker *worker = argument;

	worker->result = pthread_join(pthread_self(), NULL);
	return NULL;
}

static void a_join_in_a_circle_is_a_deadlock(void)
{
	worker_start(&first, join_self);
	worker_join(&first);
	CHECK_EQUAL(first.result, EDEADLK);

	/* second joins first, which joins second. */
	gate = 0;
	worker_start(&second, wait_at_gate);
	worker_start(&first, join_second);
	await_parked(&first);
	CHECK_EQUAL(pthread_join(pthread_self(), NULL), EDEADLK);
	gate = 1;
	worker_join(&first);
	CHECK_EQUAL(first.result, 0);
}

static void a_detached_thread_is_not_joinable(void)
{
	gate = 0;
	worker_start(&first, wait_at_gate);
	CHECK_EQUAL(pthread_detach(first.thread), 0);
	CHECK_EQUAL(pthread_join(first.thread, NULL), EINVAL);
	CHECK_EQUAL(pthread_detach(first.thread), EINVAL);
	gate = 1;
}

static void *count_down(void *count)
{
	atomic_fetch_sub((_Atomic unsigned *)count, 1);
	return NULL;
}

/* All stacks come back without anybody who joins: check_main() counts the frames. */
static void detached_threads_leave_nothing(void)
{
	static _Atomic unsigned left;
	pthread_attr_t attributes;
	pthread_t thread;

	left = MANY;
	pthread_attr_init(&attributes);
	CHECK_EQUAL(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED), 0);
	for (unsigned i = 0; i < MANY; i++)
		CHECK_EQUAL(pthread_create(&thread, &attributes, count_down, (void *)&left), 0);
	while (left != 0)
		sched_yield();
}

static void a_thread_can_be_detached_after_its_end(void)
{
	worker_start(&first, wait_at_gate);
	while (atomic_load(&first.executor) == 0)
		sched_yield();
	check_await_state(first.executor, PUDU_STATE_DEAD | PUDU_STATE_OWNED);
	for (unsigned i = 0; i < 3; i++)
		check_nap(); /* the library gets to know of it, too */
	CHECK_EQUAL(pthread_detach(first.thread), 0);
}

static void *detach_self(void *argument)
{
	struct worker *self = argument;

	self->result = pthread_detach(pthread_self());
	self->step = 1;
	return NULL;
}

static void a_thread_can_detach_itself(void)
{
	worker_start(&first, detach_self);
	await_step(&first, 1);
	CHECK_EQUAL(first.result, 0);
}

/* What if somebody ends the executor of a thread, past all of this? Joiners must get to know. */
static void one_that_is_ended_from_outside_is_joined_as_canceled(void)
{
	void *value = NULL;

	gate = 0;
	worker_start(&first, wait_at_gate);
	while (atomic_load(&first.executor) == 0)
		sched_yield();
	CHECK_OK(pudu_terminate(first.executor, 0));
	CHECK_EQUAL(pthread_join(first.thread, &value), 0);
	CHECK(value == PTHREAD_CANCELED);
}

static void many_threads_run_at_once(void)
{
	static struct worker many[MANY];

	gate = 0;
	for (unsigned i = 0; i < MANY; i++)
		worker_start(&many[i], wait_at_gate);
	gate = 1;
	for (unsigned i = 0; i < MANY; i++) {
		void *value = NULL;

		CHECK_EQUAL(pthread_join(many[i].thread, &value), 0);
		CHECK(value == &many[i]);
	}
}

static void a_join_can_have_a_deadline(void)
{
	struct timespec time = soon(CLOCK_REALTIME, 20);

	gate = 0;
	worker_start(&first, wait_at_gate);
	CHECK_EQUAL(pthread_tryjoin_np(first.thread, NULL), EBUSY);
	CHECK_EQUAL(pthread_timedjoin_np(first.thread, NULL, &time), ETIMEDOUT);
	CHECK(has_passed(CLOCK_REALTIME, &time));
	time.tv_nsec = 1000 * MILLISECOND;
	CHECK_EQUAL(pthread_timedjoin_np(first.thread, NULL, &time), EINVAL);
	gate = 1;
	time = soon(CLOCK_MONOTONIC, 10000);
	CHECK_EQUAL(pthread_clockjoin_np(first.thread, NULL, CLOCK_MONOTONIC, &time), 0);
}

static void *own_identity(void *unused)
{
	(void)unused;
	return pthread_self();
}

static void a_thread_knows_itself(void)
{
	pthread_t thread;
	void *self = NULL;

	CHECK_EQUAL(pthread_create(&thread, NULL, own_identity, NULL), 0);
	CHECK(!pthread_equal(thread, pthread_self()));
	CHECK_EQUAL(pthread_join(thread, &self), 0);
	CHECK(pthread_equal(thread, self));
}

static void a_thread_that_can_not_be_made_costs_nothing(void)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	CHECK_EQUAL(pthread_attr_setstacksize(&attributes, 0x40000000), 0);
	CHECK_EQUAL(pthread_create(&thread, &attributes, nothing, NULL), EAGAIN);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_join_returns_the_value),
		CASE(a_join_returns_what_pthread_exit_was_given),
		CASE(any_thread_can_join),
		CASE(a_thread_that_has_ended_waits_for_its_joiner),
		CASE(a_second_joiner_is_refused),
		CASE(a_join_in_a_circle_is_a_deadlock),
		CASE(a_detached_thread_is_not_joinable),
		CASE(detached_threads_leave_nothing),
		CASE(a_thread_can_be_detached_after_its_end),
		CASE(a_thread_can_detach_itself),
		CASE(one_that_is_ended_from_outside_is_joined_as_canceled),
		CASE(many_threads_run_at_once),
		CASE(a_join_can_have_a_deadline),
		CASE(a_thread_knows_itself),
		CASE(a_thread_that_can_not_be_made_costs_nothing),
	};

	return posix_check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
