/* SPDX-License-Identifier: MIT */
/*
 * mutex.c - pthread_mutex_*: a mutex by its type, on the locks of <pudu/mutex.h>.
 *
 * A normal mutex is the bare lock. Of the other two types the owner is known. Robust ones are in
 * robust.c.
 */
#include "mutex.h"

#include <errno.h>
#include <limits.h>

#include "abi/executor.h"

int pthread_mutex_init(pthread_mutex_t *restrict mutex,
		       const pthread_mutexattr_t *restrict attributes)
{
	*mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	if (attributes == NULL)
		return 0;
	mutex->pudu_type = attributes->pudu_type;
	return attributes->pudu_robust ? robust_init(mutex) : 0;
}

int pthread_mutex_destroy(pthread_mutex_t *mutex)
{
	if (mutex->pudu_robust != NULL)
		return robust_destroy(mutex);
	/* If it can be taken nobody has it, and nobody may come any more. */
	return pudu_mutex_try(&mutex->pudu_lock.mutex) ? 0 : EBUSY;
}

bool mutex_is_own(const pthread_mutex_t *mutex)
{
	return atomic_load_explicit(&mutex->pudu_lock.owner, memory_order_relaxed) == pudu_self;
}

/* What a thread is told that has the mutex already. `again` is for the type that has no way out. */
static int lock_again(pthread_mutex_t *mutex, int again)
{
	if (mutex->pudu_type == PTHREAD_MUTEX_ERRORCHECK)
		return again;
	return mutex->pudu_lock.depth == UINT32_MAX ? EAGAIN : 0;
}

int mutex_lock_until(pthread_mutex_t *mutex, uint64_t deadline)
{
	int64_t status;

	if (mutex->pudu_robust != NULL)
		return robust_lock_until(mutex, deadline);
	if (mutex->pudu_type == PTHREAD_MUTEX_NORMAL) {
		status = pudu_mutex_lock_until(&mutex->pudu_lock.mutex, deadline);
	} else {
		int error = mutex_is_own(mutex) ? lock_again(mutex, EDEADLK) : 0;

		if (error != 0)
			return error;
		status = pudu_recursive_lock_until(&mutex->pudu_lock, deadline);
	}
	return status == PUDU_OK ? 0 : ETIMEDOUT;
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	return mutex_lock_until(mutex, PUDU_FOREVER);
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
	int error = 0, taken;

	if (mutex->pudu_robust != NULL)
		return robust_try(mutex);
	if (mutex->pudu_type == PTHREAD_MUTEX_NORMAL)
		return pudu_mutex_try(&mutex->pudu_lock.mutex) ? 0 : EBUSY;
	if (mutex_is_own(mutex))
		error = lock_again(mutex, EBUSY);
	if (error != 0)
		return error;
	taken = pudu_recursive_try(&mutex->pudu_lock);
	return taken ? 0 : EBUSY;
}

int pthread_mutex_clocklock(pthread_mutex_t *restrict mutex, clockid_t clock,
			    const struct timespec *restrict time)
{
	uint64_t deadline;
	int error = pthread_mutex_trylock(mutex);

	/* The time need not be valid if the mutex is free. */
	if (error != EBUSY)
		return error;
	error = posix_deadline(clock, time, &deadline);
	return error != 0 ? error : mutex_lock_until(mutex, deadline);
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict time)
{
	return pthread_mutex_clocklock(mutex, CLOCK_REALTIME, time);
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	if (mutex->pudu_robust != NULL)
		return robust_unlock(mutex);
	if (mutex->pudu_type == PTHREAD_MUTEX_NORMAL) {
		pudu_mutex_unlock(&mutex->pudu_lock.mutex);
		return 0;
	}
	return pudu_recursive_unlock(&mutex->pudu_lock) == PUDU_OK ? 0 : EPERM;
}

int pthread_mutex_consistent(pthread_mutex_t *mutex)
{
	return mutex->pudu_robust != NULL ? robust_consistent(mutex) : EINVAL;
}
