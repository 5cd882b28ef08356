/* SPDX-License-Identifier: MIT */
/*
 * cancel.c - cleanup handlers, and cancellation.
 *
 * Cancellation is deferred: the one that is asked ends at its next cancellation point. The request
 * is a word of its record, and it gets out of a wait that is a cancellation point in one of two
 * ways. In pthread_join() and sleep, which wait for `event` of the record, by posix_wake(). In the
 * queues of sync/queue.h by an answer to its record there, as if the deadline had passed: the
 * thread takes the record out of the queue, or finds that somebody else has done so, and then it is
 * not canceled in this wait. So no signal of a condition and no unit of a semaphore is lost.
 */
#include "posix.h"

#include <errno.h>

#include "../sync/queue.h"

void pudu_cleanup_push(struct pudu_cleanup *handler)
{
	struct pudu_pthread *self = posix_self();

	handler->pudu_next = self->cleanup;
	self->cleanup = handler;
}

void pudu_cleanup_pop(int execute)
{
	struct pudu_pthread *self = posix_self();
	struct pudu_cleanup *handler = self->cleanup;

	self->cleanup = handler->pudu_next;
	if (execute)
		handler->pudu_routine(handler->pudu_argument);
}

void pthread_testcancel(void)
{
	if (posix_is_canceled(posix_self()))
		pthread_exit(PTHREAD_CANCELED);
}

static void answer_change(_Atomic uint32_t *answer, uint32_t from, uint32_t to)
{
	atomic_compare_exchange_strong(answer, &from, to);
}

uint32_t posix_sleep(struct pudu_waiter *waiter, uint64_t deadline)
{
	struct pudu_pthread *self = posix_self();
	uint32_t answer;

	if (self->cancel_state == PTHREAD_CANCEL_DISABLE)
		return waiter_sleep(waiter, deadline);
	pudu_mutex_lock(&self->waiting_lock);
	self->waiting = waiter->woken;
	if (posix_is_canceled(self))
		answer_change(waiter->woken, ANSWER_NONE, ANSWER_CANCELED);
	pudu_mutex_unlock(&self->waiting_lock);
	answer = waiter_sleep(waiter, deadline);
	pudu_mutex_lock(&self->waiting_lock);
	self->waiting = NULL;
	pudu_mutex_unlock(&self->waiting_lock);
	/* Room for the answer of whoever has taken the record out of the queue. */
	answer_change(waiter->woken, ANSWER_CANCELED, ANSWER_NONE);
	return answer;
}

int pthread_cancel(pthread_t thread)
{
	/* The release of `event` in posix_wake() pairs with the acquire of those that wait. */
	atomic_store_explicit(&thread->canceled, 1, memory_order_relaxed);
	pudu_mutex_lock(&thread->waiting_lock);
	if (thread->waiting != NULL)
		answer_change(thread->waiting, ANSWER_NONE, ANSWER_CANCELED);
	pudu_mutex_unlock(&thread->waiting_lock);
	posix_wake(thread);
	if (thread == posix_self() && thread->cancel_type == PTHREAD_CANCEL_ASYNCHRONOUS)
		pthread_testcancel();
	return 0;
}

int pthread_setcancelstate(int state, int *old)
{
	struct pudu_pthread *self = posix_self();

	if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE)
		return EINVAL;
	if (old != NULL)
		*old = self->cancel_state;
	self->cancel_state = state;
	if (self->cancel_type == PTHREAD_CANCEL_ASYNCHRONOUS)
		pthread_testcancel();
	return 0;
}

int pthread_setcanceltype(int type, int *old)
{
	struct pudu_pthread *self = posix_self();

	if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS)
		return EINVAL;
	if (old != NULL)
		*old = self->cancel_type;
	self->cancel_type = type;
	if (type == PTHREAD_CANCEL_ASYNCHRONOUS)
		pthread_testcancel();
	return 0;
}
