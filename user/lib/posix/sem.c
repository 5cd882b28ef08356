/* SPDX-License-Identifier: MIT */
/* sem.c - sem_*: the semaphore of <pudu/semaphore.h>, waited for as a cancellation point. */
#include <semaphore.h>

#include <errno.h>

#include "../sync/queue.h"
#include "../sync/wait_any.h"
#include "posix.h"

static int failed(int error)
{
	errno = error;
	return -1;
}

int sem_init(sem_t *semaphore, int shared, unsigned value)
{
	if (shared != 0)
		return failed(ENOSYS);
	if (value > SEM_VALUE_MAX)
		return failed(EINVAL);
	*semaphore = (sem_t){ PUDU_SEMAPHORE(value) };
	return 0;
}

int sem_destroy(sem_t *semaphore)
{
	(void)semaphore;
	return 0;
}

/* Result: 0; ETIMEDOUT, ECANCELED. */
static int wait_until(struct pudu_semaphore *semaphore, uint64_t deadline)
{
	struct pudu_waiter self;
	uint32_t answer;

	waiter_init(&self);
	if (semaphore_enter(semaphore, &self))
		return 0;
	answer = posix_sleep(&self, deadline);
	if (answer == ANSWER_GRANTED)
		return 0;
	/* It may be in the hands of a thread that has a unit for it: it is too late for that one
	 * only if that one says so. */
	if (!semaphore_leave(semaphore, &self) &&
	    waiter_sleep(&self, PUDU_FOREVER) == ANSWER_GRANTED)
		return 0;
	return answer == ANSWER_NONE ? ETIMEDOUT : ECANCELED;
}

static int wait_as_point(sem_t *semaphore, uint64_t deadline)
{
	int error;

	pthread_testcancel();
	error = wait_until(&semaphore->pudu_semaphore, deadline);
	if (error == ECANCELED)
		pthread_testcancel();
	return error != 0 ? failed(error) : 0;
}

int sem_wait(sem_t *semaphore)
{
	return wait_as_point(semaphore, PUDU_FOREVER);
}

int sem_trywait(sem_t *semaphore)
{
	return pudu_semaphore_try(&semaphore->pudu_semaphore) ? 0 : failed(EAGAIN);
}

int sem_clockwait(sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict time)
{
	uint64_t deadline;
	int error;

	pthread_testcancel();
	/* The time need not be valid if there is a unit. */
	if (pudu_semaphore_try(&semaphore->pudu_semaphore))
		return 0;
	error = posix_deadline(clock, time, &deadline);
	return error != 0 ? failed(error) : wait_as_point(semaphore, deadline);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict time)
{
	return sem_clockwait(semaphore, CLOCK_REALTIME, time);
}

int sem_post(sem_t *semaphore)
{
	int64_t status = pudu_semaphore_post(&semaphore->pudu_semaphore);

	return status == PUDU_OK ? 0 : failed(EOVERFLOW);
}

int sem_getvalue(sem_t *restrict semaphore, int *restrict value)
{
	*value = (int)pudu_semaphore_value(&semaphore->pudu_semaphore);
	return 0;
}
