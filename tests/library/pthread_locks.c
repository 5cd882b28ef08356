/* SPDX-License-Identifier: MIT */
/* pthread_locks.c - reader-writer locks, barriers and spin locks do as POSIX says. */
#include "posix_check.h"

#define ROUNDS	100
#define THREADS 4

static pthread_rwlock_t rwlock;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static struct worker worker[THREADS];

/* What a call answers in another thread, which gives back what it got. */
static int (*call)(pthread_rwlock_t *);

static void *call_it(void *argument)
{
	struct worker *self = argument;

	self->result = call(&rwlock);
	if (self->result == 0)
		pthread_rwlock_unlock(&rwlock);
	return NULL;
}

static int elsewhere(int (*function)(pthread_rwlock_t *))
{
	call = function;
	worker_start(&worker[0], call_it);
	worker_join(&worker[0]);
	return worker[0].result;
}

static void readers_share_and_keep_writers_out(void)
{
	CHECK_EQUAL(pthread_rwlock_init(&rwlock, NULL), 0);
	CHECK_EQUAL(pthread_rwlock_rdlock(&rwlock), 0);
	CHECK_EQUAL(pthread_rwlock_rdlock(&rwlock), 0);
	CHECK_EQUAL(elsewhere(pthread_rwlock_tryrdlock), 0);
	CHECK_EQUAL(elsewhere(pthread_rwlock_trywrlock), EBUSY);
	CHECK_EQUAL(pthread_rwlock_unlock(&rwlock), 0);
	CHECK_EQUAL(elsewhere(pthread_rwlock_trywrlock), EBUSY);
	CHECK_EQUAL(pthread_rwlock_destroy(&rwlock), EBUSY);
	CHECK_EQUAL(pthread_rwlock_unlock(&rwlock), 0);
	CHECK_EQUAL(elsewhere(pthread_rwlock_trywrlock), 0);
	CHECK_EQUAL(pthread_rwlock_destroy(&rwlock), 0);
}

static void a_writer_keeps_all_others_out(void)
{
	CHECK_EQUAL(pthread_rwlock_init(&rwlock, NULL), 0);
	CHECK_EQUAL(pthread_rwlock_wrlock(&rwlock), 0);
	CHECK_EQUAL(pthread_rwlock_wrlock(&rwlock), EDEADLK);
	CHECK_EQUAL(pthread_rwlock_rdlock(&rwlock), EDEADLK);
	CHECK_EQUAL(pthread_rwlock_tryrdlock(&rwlock), EBUSY);
	CHECK_EQUAL(elsewhere(pthread_rwlock_tryrdlock), EBUSY);
	CHECK_EQUAL(elsewhere(pthread_rwlock_trywrlock), EBUSY);
	CHECK_EQUAL(elsewhere(pthread_rwlock_unlock), EPERM);
	CHECK_EQUAL(pthread_rwlock_unlock(&rwlock), 0);
	CHECK_EQUAL(elsewhere(pthread_rwlock_rdlock), 0);
	CHECK_EQUAL(pthread_rwlock_destroy(&rwlock), 0);
}

static int read_soon(pthread_rwlock_t *lock)
{
	struct timespec time = soon(CLOCK_REALTIME, 5);
	int error = pthread_rwlock_timedrdlock(lock, &time);

	CHECK(error == 0 || has_passed(CLOCK_REALTIME, &time));
	return error;
}

static int write_soon(pthread_rwlock_t *lock)
{
	struct timespec time = soon(CLOCK_REALTIME, 5);
	int error = pthread_rwlock_timedwrlock(lock, &time);

	CHECK(error == 0 || has_passed(CLOCK_REALTIME, &time));
	return error;
}

static int write_badly(pthread_rwlock_t *lock)
{
	struct timespec time = { 0, -1 };

	return pthread_rwlock_timedwrlock(lock, &time);
}

static void timed_locks_give_up_at_their_time(void)
{
	CHECK_EQUAL(pthread_rwlock_init(&rwlock, NULL), 0);
	CHECK_EQUAL(pthread_rwlock_rdlock(&rwlock), 0);
	CHECK_EQUAL(elsewhere(write_soon), ETIMEDOUT);
	CHECK_EQUAL(elsewhere(write_badly), EINVAL);
	CHECK_EQUAL(elsewhere(read_soon), 0); /* the writer that gave up holds nobody up */
	CHECK_EQUAL(pthread_rwlock_unlock(&rwlock), 0);
	CHECK_EQUAL(pthread_rwlock_wrlock(&rwlock), 0);
	CHECK_EQUAL(elsewhere(read_soon), ETIMEDOUT);
	CHECK_EQUAL(pthread_rwlock_unlock(&rwlock), 0);
	CHECK_EQUAL(elsewhere(write_badly), 0);
	CHECK_EQUAL(pthread_rwlock_destroy(&rwlock), 0);
}

static unsigned long written, copy;

static int64_t read_and_write(void *number)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		if ((i + (uintptr_t)number) % 4 == 0) {
			CHECK_EQUAL(pthread_rwlock_wrlock(&rwlock), 0);
			written++;
			sched_yield();
			copy++;
		} else {
			CHECK_EQUAL(pthread_rwlock_rdlock(&rwlock), 0);
			CHECK_EQUAL(written, copy);
		}
		CHECK_EQUAL(pthread_rwlock_unlock(&rwlock), 0);
	}
	return 0;
}

static void readers_never_see_a_half_done_write(void)
{
	static pthread_rwlock_t fresh = PTHREAD_RWLOCK_INITIALIZER;

	rwlock = fresh;
	written = copy = 0;
	check_at_once(read_and_write);
	CHECK_EQUAL(written, ROUNDS / 4 * pudu_info()->harts);
}

static _Atomic unsigned serial, arrived;

static void *meet(void *argument)
{
	for (unsigned i = 1; i <= ROUNDS; i++) {
		int result;

		arrived++;
		result = pthread_barrier_wait(&barrier);
		CHECK(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
		if (result == PTHREAD_BARRIER_SERIAL_THREAD)
			serial++;
		CHECK(arrived >= i * THREADS);
	}
	return argument;
}

static void a_barrier_has_one_serial_thread_each_time(void)
{
	serial = arrived = 0;
	CHECK_EQUAL(pthread_barrier_init(&barrier, NULL, 0), EINVAL);
	CHECK_EQUAL(pthread_barrier_init(&barrier, NULL, THREADS), 0);
	for (unsigned i = 0; i < THREADS; i++)
		worker_start(&worker[i], meet);
	for (unsigned i = 0; i < THREADS; i++)
		worker_join(&worker[i]);
	CHECK_EQUAL(serial, ROUNDS);
	CHECK_EQUAL(pthread_barrier_destroy(&barrier), 0);
}

static unsigned long spun;

static int64_t spin_and_add(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < ROUNDS; i++) {
		CHECK_EQUAL(pthread_spin_lock(&spin), 0);
		spun++;
		CHECK_EQUAL(pthread_spin_unlock(&spin), 0);
	}
	return 0;
}

static void spin_locks_keep_the_others_out(void)
{
	spun = 0;
	CHECK_EQUAL(pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE), 0);
	check_at_once(spin_and_add);
	CHECK_EQUAL(spun, ROUNDS * pudu_info()->harts);
	CHECK_EQUAL(pthread_spin_lock(&spin), 0);
	CHECK_EQUAL(pthread_spin_trylock(&spin), EBUSY);
	CHECK_EQUAL(pthread_spin_unlock(&spin), 0);
	CHECK_EQUAL(pthread_spin_destroy(&spin), 0);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(readers_share_and_keep_writers_out),
		CASE(a_writer_keeps_all_others_out),
		CASE(timed_locks_give_up_at_their_time),
		CASE(readers_never_see_a_half_done_write),
		CASE(a_barrier_has_one_serial_thread_each_time),
		CASE(spin_locks_keep_the_others_out),
	};

	return posix_check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
