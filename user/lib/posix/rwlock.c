/* SPDX-License-Identifier: MIT */
/*
 * rwlock.c - pthread_rwlock_*: the lock of <pudu/rwlock.h>, and who writes, so that a writer that
 * would wait for itself is told.
 */
#include "posix.h"

#include <errno.h>

#include "abi/executor.h"

int pthread_rwlockattr_init(pthread_rwlockattr_t *attributes)
{
	*attributes = (pthread_rwlockattr_t){ 0 };
	return 0;
}

int pthread_rwlockattr_destroy(pthread_rwlockattr_t *attributes)
{
	(void)attributes;
	return 0;
}

int pthread_rwlock_init(pthread_rwlock_t *restrict rwlock,
			const pthread_rwlockattr_t *restrict attributes)
{
	(void)attributes;
	*rwlock = (pthread_rwlock_t)PTHREAD_RWLOCK_INITIALIZER;
	return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *rwlock)
{
	return pudu_rwlock_try_write(&rwlock->pudu_lock) ? 0 : EBUSY;
}

static bool is_writer(const pthread_rwlock_t *rwlock)
{
	return atomic_load_explicit(&rwlock->pudu_writer, memory_order_relaxed) == pudu_self;
}

static void set_writer(pthread_rwlock_t *rwlock, uint64_t writer)
{
	atomic_store_explicit(&rwlock->pudu_writer, writer, memory_order_relaxed);
}

static int read_until(pthread_rwlock_t *rwlock, uint64_t deadline)
{
	if (is_writer(rwlock))
		return EDEADLK;
	return pudu_rwlock_read_until(&rwlock->pudu_lock, deadline) == PUDU_OK ? 0 : ETIMEDOUT;
}

static int write_until(pthread_rwlock_t *rwlock, uint64_t deadline)
{
	if (is_writer(rwlock))
		return EDEADLK;
	if (pudu_rwlock_write_until(&rwlock->pudu_lock, deadline) != PUDU_OK)
		return ETIMEDOUT;
	set_writer(rwlock, pudu_self);
	return 0;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *rwlock)
{
	return read_until(rwlock, PUDU_FOREVER);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *rwlock)
{
	return write_until(rwlock, PUDU_FOREVER);
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t *rwlock)
{
	return pudu_rwlock_try_read(&rwlock->pudu_lock) ? 0 : EBUSY;
}

int pthread_rwlock_trywrlock(pthread_rwlock_t *rwlock)
{
	if (!pudu_rwlock_try_write(&rwlock->pudu_lock))
		return EBUSY;
	set_writer(rwlock, pudu_self);
	return 0;
}

int pthread_rwlock_clockrdlock(pthread_rwlock_t *restrict rwlock, clockid_t clock,
			       const struct timespec *restrict time)
{
	uint64_t deadline;
	int error;

	/* The time need not be valid if there is no wait. */
	if (pthread_rwlock_tryrdlock(rwlock) == 0)
		return 0;
	error = posix_deadline(clock, time, &deadline);
	return error != 0 ? error : read_until(rwlock, deadline);
}

int pthread_rwlock_clockwrlock(pthread_rwlock_t *restrict rwlock, clockid_t clock,
			       const struct timespec *restrict time)
{
	uint64_t deadline;
	int error;

	if (pthread_rwlock_trywrlock(rwlock) == 0)
		return 0;
	error = posix_deadline(clock, time, &deadline);
	return error != 0 ? error : write_until(rwlock, deadline);
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict rwlock,
			       const struct timespec *restrict time)
{
	return pthread_rwlock_clockrdlock(rwlock, CLOCK_REALTIME, time);
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict rwlock,
			       const struct timespec *restrict time)
{
	return pthread_rwlock_clockwrlock(rwlock, CLOCK_REALTIME, time);
}

int pthread_rwlock_unlock(pthread_rwlock_t *rwlock)
{
	uint64_t writer = atomic_load_explicit(&rwlock->pudu_writer, memory_order_relaxed);

	if (writer != 0 && writer != pudu_self)
		return EPERM;
	if (writer != 0)
		set_writer(rwlock, 0);
	pudu_rwlock_unlock(&rwlock->pudu_lock);
	return 0;
}
