/* SPDX-License-Identifier: MIT */
/*
 * robust.c - robust mutexes: the lock of <pudu/robust.h>, by type.
 *
 * That lock may be looked at for a moment after another thread has got it. A mutex of POSIX may be
 * destroyed by then, and its memory be something else. So the lock is not part of the mutex: it is
 * taken from a list when the mutex is made, and goes back there, and never becomes anything else.
 */
#include "mutex.h"

#include <errno.h>
#include <stdlib.h>

struct pudu_pthread_robust {
	struct pudu_robust lock;
	uint32_t depth;			  /* the owner's: locks beyond the first */
	struct pudu_pthread_robust *next; /* in the list of free ones */
};

static struct pudu_mutex free_lock = PUDU_MUTEX;
static struct pudu_pthread_robust *free_list;

int robust_init(pthread_mutex_t *mutex)
{
	struct pudu_pthread_robust *robust;

	pudu_mutex_lock(&free_lock);
	robust = free_list;
	if (robust != NULL)
		free_list = robust->next;
	pudu_mutex_unlock(&free_lock);
	if (robust == NULL)
		robust = malloc(sizeof *robust);
	if (robust == NULL)
		return ENOMEM;
	*robust = (struct pudu_pthread_robust){ .lock = PUDU_ROBUST };
	mutex->pudu_robust = robust;
	return 0;
}

int robust_destroy(pthread_mutex_t *mutex)
{
	struct pudu_pthread_robust *robust = mutex->pudu_robust;
	int64_t status = pudu_robust_try(&robust->lock);

	if (status == PUDU_ERR_VALUE || status == PUDU_ERR_EXISTS)
		return EBUSY;
	if (status == PUDU_OK || status == PUDU_ERR_DEAD)
		pudu_robust_unlock(&robust->lock);
	mutex->pudu_robust = NULL;
	pudu_mutex_lock(&free_lock);
	robust->next = free_list;
	free_list = robust;
	pudu_mutex_unlock(&free_lock);
	return 0;
}

static int robust_error(pthread_mutex_t *mutex, int64_t status)
{
	switch (status) {
	case PUDU_OK:
		return 0;
	case PUDU_ERR_DEAD:
		mutex->pudu_robust->depth = 0; /* it was the other owner's */
		return EOWNERDEAD;
	case PUDU_ERR_STATE:
		return ENOTRECOVERABLE;
	case PUDU_ERR_DEADLINE:
		return ETIMEDOUT;
	case PUDU_ERR_RIGHT:
		return EPERM;
	case PUDU_ERR_LENGTH:
		return EAGAIN;
	default:
		return EINVAL;
	}
}

/* The caller has it already. */
static int robust_again(pthread_mutex_t *mutex, int again)
{
	if (mutex->pudu_type != PTHREAD_MUTEX_RECURSIVE)
		return again;
	if (mutex->pudu_robust->depth == UINT32_MAX)
		return EAGAIN;
	mutex->pudu_robust->depth++;
	return 0;
}

int robust_lock_until(pthread_mutex_t *mutex, uint64_t deadline)
{
	int64_t status = pudu_robust_lock_until(&mutex->pudu_robust->lock, deadline);

	if (status == PUDU_ERR_EXISTS)
		return robust_again(mutex, EDEADLK);
	return robust_error(mutex, status);
}

int robust_try(pthread_mutex_t *mutex)
{
	int64_t status = pudu_robust_try(&mutex->pudu_robust->lock);

	if (status == PUDU_ERR_EXISTS)
		return robust_again(mutex, EBUSY);
	return status == PUDU_ERR_VALUE ? EBUSY : robust_error(mutex, status);
}

int robust_unlock(pthread_mutex_t *mutex)
{
	struct pudu_pthread_robust *robust = mutex->pudu_robust;

	if (!pudu_robust_is_own(&robust->lock))
		return EPERM;
	if (robust->depth > 0)
		robust->depth--;
	else
		pudu_robust_unlock(&robust->lock);
	return 0;
}

int robust_consistent(pthread_mutex_t *mutex)
{
	int64_t status = pudu_robust_consistent(&mutex->pudu_robust->lock);

	return status == PUDU_OK ? 0 : EINVAL;
}

bool robust_is_own(const pthread_mutex_t *mutex)
{
	return pudu_robust_is_own(&mutex->pudu_robust->lock);
}

int robust_release(pthread_mutex_t *mutex, uint32_t *depth)
{
	*depth = mutex->pudu_robust->depth;
	mutex->pudu_robust->depth = 0;
	return robust_error(mutex, pudu_robust_unlock(&mutex->pudu_robust->lock));
}

int robust_reacquire(pthread_mutex_t *mutex, uint32_t depth)
{
	int error = robust_lock_until(mutex, PUDU_FOREVER);

	if (error == 0)
		mutex->pudu_robust->depth = depth;
	return error;
}
