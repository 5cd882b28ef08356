/* SPDX-License-Identifier: MIT */
/* join.c - pthread_join, pthread_detach and their kin. */
#include "posix.h"

#include <errno.h>

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/start.h>

#include "abi/executor.h"

/* Would the caller wait for itself, directly or through others? */
static bool is_deadlock(const struct pudu_pthread *self, const struct pudu_pthread *thread)
{
	while (thread != NULL && thread != self)
		thread = thread->joins;
	return thread == self;
}

/* Has it a life that can be waited for? Threads of <pudu/thread.h> have another way. */
static bool is_joinable(const struct pudu_pthread *thread)
{
	return thread->thread != NULL || thread->executor == PUDU_MAIN_EXECUTOR;
}

/* Wait, with the lock held before and after. Result: 0; ETIMEDOUT, ECANCELED. */
static int join_wait(struct pudu_pthread *self, struct pudu_pthread *thread, uint64_t deadline)
{
	int error = 0;

	thread->joiner = self;
	self->joins = thread;
	while (thread->state != POSIX_OVER && error == 0) {
		uint32_t seen = atomic_load_explicit(&self->event, memory_order_acquire);

		if (posix_is_canceled(self))
			error = ECANCELED;
		else if (deadline != PUDU_FOREVER && pudu_ticks() >= deadline)
			error = ETIMEDOUT;
		else {
			pudu_mutex_unlock(&pudu_posix_lock);
			posix_wait(self, seen, deadline);
			pudu_mutex_lock(&pudu_posix_lock);
		}
	}
	self->joins = NULL;
	thread->joiner = NULL;
	return error;
}

/* Give back what a thread has that is over. The first one's stack stays the program's. */
static void thread_release(struct pudu_pthread *thread)
{
	if (thread->thread != NULL)
		pudu_thread_release(thread->thread);
}

/* Join, until a deadline; 0 is a time that has passed. */
static int join_until(struct pudu_pthread *thread, void **result, uint64_t deadline)
{
	struct pudu_pthread *self = posix_self();
	int error = 0;

	pthread_testcancel();
	pudu_mutex_lock(&pudu_posix_lock);
	if (is_deadlock(self, thread))
		error = EDEADLK;
	else if (!is_joinable(thread) || thread->state == POSIX_DETACHED || thread->joiner != NULL)
		error = EINVAL;
	else
		error = join_wait(self, thread, deadline);
	if (error == 0) {
		thread->state = POSIX_DETACHED; /* the first thread can't be joined twice */
		if (result != NULL)
			*result = thread->result;
	}
	pudu_mutex_unlock(&pudu_posix_lock);
	if (error == ECANCELED)
		pthread_testcancel();
	if (error == 0)
		thread_release(thread);
	return error;
}

int pthread_join(pthread_t thread, void **result)
{
	return join_until(thread, result, PUDU_FOREVER);
}

int pthread_tryjoin_np(pthread_t thread, void **result)
{
	int error = join_until(thread, result, 0);

	return error == ETIMEDOUT ? EBUSY : error;
}

int pthread_clockjoin_np(pthread_t thread, void **result, clockid_t clock,
			 const struct timespec *time)
{
	uint64_t deadline;
	int error = posix_deadline(clock, time, &deadline);

	return error != 0 ? error : join_until(thread, result, deadline);
}

int pthread_timedjoin_np(pthread_t thread, void **result, const struct timespec *time)
{
	return pthread_clockjoin_np(thread, result, CLOCK_REALTIME, time);
}

int pthread_detach(pthread_t thread)
{
	bool over = false;
	int error = 0;

	pudu_mutex_lock(&pudu_posix_lock);
	if (!is_joinable(thread) || thread->state == POSIX_DETACHED || thread->joiner != NULL) {
		error = EINVAL;
	} else {
		over = thread->state == POSIX_OVER;
		thread->state = POSIX_DETACHED;
	}
	pudu_mutex_unlock(&pudu_posix_lock);
	if (over)
		thread_release(thread);
	return error;
}
