/* SPDX-License-Identifier: MIT */
/*
 * condition.c - see <pudu/condition.h>.
 *
 * A waiter's record names its mutex (object), or none if that is a robust one. A signal takes the
 * record out of the condition's queue, and from then on the wait can't end by a deadline any more;
 * the record goes to the mutex's queue, where it gets its answer like all there, or gets it at once
 * if the mutex is free.
 */
#include <pudu/condition.h>

#include "mutex.h"
#include "queue.h"

/*
 * Wait for a signal, with the record in the queue.
 * Result: the answer, or ANSWER_NONE if the deadline passed before a signal.
 */
static uint32_t condition_sleep(struct pudu_condition *condition, struct pudu_waiter *self,
				uint64_t deadline)
{
	uint32_t answer = waiter_sleep(self, deadline);

	if (answer == ANSWER_NONE && !queue_leave(&condition->queue, self))
		answer = waiter_sleep(self, PUDU_FOREVER);
	return answer;
}

int64_t pudu_condition_wait_until(struct pudu_condition *condition, struct pudu_mutex *mutex,
				  uint64_t deadline)
{
	struct pudu_waiter self;
	uint32_t answer;

	waiter_init(&self);
	self.object = mutex;
	queue_enter(&condition->queue, &self);
	pudu_mutex_unlock(mutex);
	answer = condition_sleep(condition, &self, deadline);
	if (answer != ANSWER_GRANTED)
		mutex_enter(mutex, PUDU_FOREVER, answer == ANSWER_NONE ? MUTEX_LAST : MUTEX_FIRST);
	return answer == ANSWER_NONE ? PUDU_ERR_DEADLINE : PUDU_OK;
}

void pudu_condition_wait(struct pudu_condition *condition, struct pudu_mutex *mutex)
{
	pudu_condition_wait_until(condition, mutex, PUDU_FOREVER);
}

int64_t pudu_condition_wait_robust(struct pudu_condition *condition, struct pudu_robust *robust,
				   uint64_t deadline)
{
	struct pudu_waiter self;
	uint32_t answer;
	int64_t status;

	waiter_init(&self);
	queue_enter(&condition->queue, &self);
	status = pudu_robust_unlock(robust);
	if (status != PUDU_OK) {
		/* A signal may have come meanwhile: it goes to another one. */
		if (!queue_leave(&condition->queue, &self)) {
			waiter_sleep(&self, PUDU_FOREVER);
			pudu_condition_signal(condition);
		}
		return status;
	}
	answer = condition_sleep(condition, &self, deadline);
	status = pudu_robust_lock(robust);
	if (status == PUDU_OK && answer == ANSWER_NONE)
		status = PUDU_ERR_DEADLINE;
	return status;
}

/* Signal those that ring_detach() gave, at least one: all have the same mutex, or none. */
static void signal_all(struct pudu_waiter *waiter)
{
	if (waiter->object != NULL)
		mutex_adopt(waiter->object, waiter);
	else
		waiters_claim(waiter);
}

/* Nobody waits, for all that the caller can know: who had the mutex before it, is in the queue. */
static int is_empty(struct pudu_condition *condition)
{
	return atomic_load_explicit(&condition->queue, memory_order_relaxed) == 0;
}

void pudu_condition_signal(struct pudu_condition *condition)
{
	struct pudu_waiter *first, *rest = NULL;

	if (is_empty(condition))
		return;
	first = word_first(word_lock(&condition->queue));
	if (first != NULL)
		rest = ring_remove(first, first);
	word_unlock(&condition->queue, (uintptr_t)rest);
	if (first != NULL) {
		first->next = NULL;
		signal_all(first);
	}
}

void pudu_condition_broadcast(struct pudu_condition *condition)
{
	struct pudu_waiter *first;

	if (is_empty(condition))
		return;
	first = ring_detach(word_first(word_lock(&condition->queue)));
	word_unlock(&condition->queue, 0);
	if (first != NULL)
		signal_all(first);
}
