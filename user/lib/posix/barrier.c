/* SPDX-License-Identifier: MIT */
/* barrier.c - barriers and spin locks of <pthread.h>. */
#include "posix.h"

#include <errno.h>

int pthread_barrierattr_init(pthread_barrierattr_t *attributes)
{
	*attributes = (pthread_barrierattr_t){ 0 };
	return 0;
}

int pthread_barrierattr_destroy(pthread_barrierattr_t *attributes)
{
	(void)attributes;
	return 0;
}

int pthread_barrier_init(pthread_barrier_t *restrict barrier,
			 const pthread_barrierattr_t *restrict attributes, unsigned threads)
{
	(void)attributes;
	if (threads == 0)
		return EINVAL;
	*barrier = (pthread_barrier_t){ PUDU_BARRIER(threads) };
	return 0;
}

int pthread_barrier_destroy(pthread_barrier_t *barrier)
{
	(void)barrier;
	return 0;
}

int pthread_barrier_wait(pthread_barrier_t *barrier)
{
	return pudu_barrier_wait(&barrier->pudu_barrier) ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

int pthread_spin_init(pthread_spinlock_t *lock, int shared)
{
	if (shared == PTHREAD_PROCESS_SHARED)
		return ENOTSUP;
	*lock = (pthread_spinlock_t){ PUDU_MUTEX };
	return 0;
}

int pthread_spin_destroy(pthread_spinlock_t *lock)
{
	return pthread_spin_trylock(lock);
}

int pthread_spin_lock(pthread_spinlock_t *lock)
{
	pudu_mutex_lock(&lock->pudu_lock);
	return 0;
}

int pthread_spin_trylock(pthread_spinlock_t *lock)
{
	return pudu_mutex_try(&lock->pudu_lock) ? 0 : EBUSY;
}

int pthread_spin_unlock(pthread_spinlock_t *lock)
{
	pudu_mutex_unlock(&lock->pudu_lock);
	return 0;
}
