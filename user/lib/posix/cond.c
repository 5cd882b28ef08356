/* SPDX-License-Identifier: MIT */
/*
 * cond.c - pthread_cond_*: the queue of <pudu/condition.h>, waited in as a cancellation point.
 *
 * The record of a waiter names the bare lock of its mutex, so that a signal moves it to the queue
 * of that; it names none if the mutex is robust. What of a mutex is not the bare lock, owner and
 * depth, is put aside during the wait.
 */
#include <pthread.h>

#include <errno.h>

#include "../sync/mutex.h"
#include "../sync/queue.h"
#include "mutex.h"

/* What a wait remembers of the mutex, and of how it ended. */
struct cond_wait {
	struct pudu_waiter waiter;
	uint32_t depth;
	uint32_t answer; /* ANSWER_NONE: the deadline; ANSWER_CANCELED */
};

/* Let go of the mutex, which the caller has. */
static int mutex_release(pthread_mutex_t *mutex, uint32_t *depth)
{
	if (mutex->pudu_robust != NULL)
		return robust_release(mutex, depth);
	if (mutex->pudu_type != PTHREAD_MUTEX_NORMAL) {
		*depth = mutex->pudu_lock.depth;
		mutex->pudu_lock.depth = 0;
		atomic_store_explicit(&mutex->pudu_lock.owner, 0, memory_order_relaxed);
	}
	pudu_mutex_unlock(&mutex->pudu_lock.mutex);
	return 0;
}

/* Have it again as before; `answer` says whether it comes with the wake-up. */
static int mutex_reacquire(pthread_mutex_t *mutex, uint32_t depth, uint32_t answer)
{
	if (mutex->pudu_robust != NULL)
		return robust_reacquire(mutex, depth);
	if (answer != ANSWER_GRANTED)
		mutex_enter(&mutex->pudu_lock.mutex, PUDU_FOREVER,
			    answer == ANSWER_WOKEN ? MUTEX_FIRST : MUTEX_LAST);
	if (mutex->pudu_type != PTHREAD_MUTEX_NORMAL) {
		atomic_store_explicit(&mutex->pudu_lock.owner, pudu_self, memory_order_relaxed);
		mutex->pudu_lock.depth = depth;
	}
	return 0;
}

static bool may_wait(const pthread_mutex_t *mutex)
{
	if (mutex->pudu_robust != NULL)
		return robust_is_own(mutex);
	return mutex->pudu_type == PTHREAD_MUTEX_NORMAL || mutex_is_own(mutex);
}

/* Sleep until the answer is known for sure. */
static void cond_sleep(pthread_cond_t *cond, struct cond_wait *wait, uint64_t deadline)
{
	_Atomic uintptr_t *queue = &cond->pudu_condition.queue;
	uint32_t answer = posix_sleep(&wait->waiter, deadline);

	wait->answer = answer;
	if (answer != ANSWER_NONE && answer != ANSWER_CANCELED)
		return;
	if (queue_leave(queue, &wait->waiter))
		return;
	wait->answer = waiter_sleep(&wait->waiter, PUDU_FOREVER);
}

static int cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, uint64_t deadline)
{
	struct cond_wait wait;
	int error;

	if (!may_wait(mutex))
		return EPERM;
	pthread_testcancel();
	waiter_init(&wait.waiter);
	if (mutex->pudu_robust == NULL)
		wait.waiter.object = &mutex->pudu_lock.mutex;
	queue_enter(&cond->pudu_condition.queue, &wait.waiter);
	mutex_release(mutex, &wait.depth);
	cond_sleep(cond, &wait, deadline);
	error = mutex_reacquire(mutex, wait.depth, wait.answer);
	if (wait.answer == ANSWER_CANCELED)
		pthread_testcancel();
	if (error == 0 && wait.answer == ANSWER_NONE)
		error = ETIMEDOUT;
	return error;
}

int pthread_cond_wait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex)
{
	return cond_wait_until(cond, mutex, PUDU_FOREVER);
}

int pthread_cond_clockwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
			   clockid_t clock, const struct timespec *restrict time)
{
	uint64_t deadline;
	int error = posix_deadline(clock, time, &deadline);

	return error != 0 ? error : cond_wait_until(cond, mutex, deadline);
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
			   const struct timespec *restrict time)
{
	return pthread_cond_clockwait(
		cond, mutex, cond->pudu_monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME, time);
}

int pthread_cond_signal(pthread_cond_t *cond)
{
	pudu_condition_signal(&cond->pudu_condition);
	return 0;
}

int pthread_cond_broadcast(pthread_cond_t *cond)
{
	pudu_condition_broadcast(&cond->pudu_condition);
	return 0;
}

int pthread_cond_init(pthread_cond_t *restrict cond, const pthread_condattr_t *restrict attributes)
{
	*cond = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
	if (attributes != NULL)
		cond->pudu_monotonic = attributes->pudu_monotonic;
	return 0;
}

int pthread_cond_destroy(pthread_cond_t *cond)
{
	/* A signal may still be at the queue of a condition that nobody waits for any more. */
	uintptr_t word = word_lock(&cond->pudu_condition.queue);

	word_unlock(&cond->pudu_condition.queue, word);
	return word_first(word) != NULL ? EBUSY : 0;
}

int pthread_condattr_init(pthread_condattr_t *attributes)
{
	*attributes = (pthread_condattr_t){ 0 };
	return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *attributes)
{
	(void)attributes;
	return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return EINVAL;
	attributes->pudu_monotonic = clock == CLOCK_MONOTONIC;
	return 0;
}

int pthread_condattr_getclock(const pthread_condattr_t *restrict attributes,
			      clockid_t *restrict clock)
{
	*clock = attributes->pudu_monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME;
	return 0;
}
