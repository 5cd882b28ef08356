/* SPDX-License-Identifier: MIT */
/* c11.c - <threads.h>, by the functions of <pthread.h>. */
#include <threads.h>

#include <errno.h>
#include <sched.h>
#include <stdint.h>

#include "posix.h"

/* An error number of POSIX as a result of C11. */
static int result_of(int error)
{
	switch (error) {
	case 0:
		return thrd_success;
	case EBUSY:
		return thrd_busy;
	case ETIMEDOUT:
		return thrd_timedout;
	case EAGAIN:
	case ENOMEM:
		return thrd_nomem;
	default:
		return thrd_error;
	}
}

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
	return result_of(posix_create(thread, NULL, NULL, function, argument));
}

thrd_t thrd_current(void)
{
	return posix_self();
}

int thrd_equal(thrd_t one, thrd_t other)
{
	return one == other;
}

_Noreturn void thrd_exit(int result)
{
	pthread_exit((void *)(intptr_t)result);
}

int thrd_join(thrd_t thread, int *result)
{
	void *value = NULL;
	int error = pthread_join(thread, &value);

	if (error == 0 && result != NULL)
		*result = (int)(intptr_t)value;
	return result_of(error);
}

int thrd_detach(thrd_t thread)
{
	return result_of(pthread_detach(thread));
}

void thrd_yield(void)
{
	sched_yield();
}

int thrd_sleep(const struct timespec *duration, struct timespec *remaining)
{
	return clock_nanosleep(CLOCK_MONOTONIC, 0, duration, remaining) == 0 ? 0 : -2;
}

int mtx_init(mtx_t *mutex, int type)
{
	if (type & ~(mtx_timed | mtx_recursive))
		return thrd_error;
	*mutex = (mtx_t)PTHREAD_MUTEX_INITIALIZER;
	if (type & mtx_recursive)
		mutex->pudu_type = PTHREAD_MUTEX_RECURSIVE;
	return thrd_success;
}

void mtx_destroy(mtx_t *mutex)
{
	pthread_mutex_destroy(mutex);
}

int mtx_lock(mtx_t *mutex)
{
	return result_of(pthread_mutex_lock(mutex));
}

int mtx_trylock(mtx_t *mutex)
{
	return result_of(pthread_mutex_trylock(mutex));
}

int mtx_timedlock(mtx_t *restrict mutex, const struct timespec *restrict time)
{
	return result_of(pthread_mutex_timedlock(mutex, time));
}

int mtx_unlock(mtx_t *mutex)
{
	return result_of(pthread_mutex_unlock(mutex));
}

int cnd_init(cnd_t *cond)
{
	return result_of(pthread_cond_init(cond, NULL));
}

void cnd_destroy(cnd_t *cond)
{
	pthread_cond_destroy(cond);
}

int cnd_wait(cnd_t *cond, mtx_t *mutex)
{
	return result_of(pthread_cond_wait(cond, mutex));
}

int cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict mutex, const struct timespec *restrict time)
{
	return result_of(pthread_cond_timedwait(cond, mutex, time));
}

int cnd_signal(cnd_t *cond)
{
	return result_of(pthread_cond_signal(cond));
}

int cnd_broadcast(cnd_t *cond)
{
	return result_of(pthread_cond_broadcast(cond));
}

int tss_create(tss_t *key, tss_dtor_t destructor)
{
	return pthread_key_create(key, destructor) == 0 ? thrd_success : thrd_error;
}

void tss_delete(tss_t key)
{
	pthread_key_delete(key);
}

int tss_set(tss_t key, void *value)
{
	return result_of(pthread_setspecific(key, value));
}

void *tss_get(tss_t key)
{
	return pthread_getspecific(key);
}

void call_once(once_flag *once, void (*function)(void))
{
	pthread_once(once, function);
}
