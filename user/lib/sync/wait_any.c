/* SPDX-License-Identifier: MIT */
/*
 * wait_any.c - see <pudu/event.h>: waiting for any of several things.
 *
 * The thread puts a record into each queue. All have one word for the answer, 0 at first; who
 * changes it from 0 decides: a waker, to the index of its record + 1, or the thread itself, with
 * OWN, if a thing was ready when it came there, or the deadline has passed. A waker that is too
 * late leaves the record alone and says so in it (waiter_claim); the thread waits for that before
 * it returns.
 */
#include "wait_any.h"

#include "queue.h"

#define OWN 0x80000000 /* in an answer: the thread's own; alone: the deadline has passed */

/* Is it ready now? Then take it. Result: 1 if so. */
static int wait_try(struct pudu_wait *wait)
{
	if (wait->event != NULL)
		return pudu_event_count(wait->event) != wait->seen;
	return pudu_semaphore_try(wait->semaphore);
}

static int wait_enter(struct pudu_wait *wait)
{
	if (wait->event != NULL)
		return event_enter(wait->event, wait->seen, &wait->waiter);
	return semaphore_enter(wait->semaphore, &wait->waiter);
}

static int wait_leave(struct pudu_wait *wait)
{
	if (wait->event != NULL)
		return queue_leave(&wait->event->queue, &wait->waiter);
	return semaphore_leave(wait->semaphore, &wait->waiter);
}

/*
 * Put a record into each queue, until something is ready.
 * Result: how many have one, or had one.
 */
static size_t enter_all(struct pudu_wait *waits, size_t n, _Atomic uint32_t *answer)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t none = ANSWER_NONE, index = (uint32_t)i + 1;

		waiter_init(&waits[i].waiter);
		waits[i].waiter.woken = answer;
		waits[i].waiter.answer = index;
		if (!wait_enter(&waits[i]))
			continue;
		/* Of a semaphore it is in no queue, of an event it is. */
		if (!atomic_compare_exchange_strong(answer, &none, OWN | index) &&
		    waits[i].event == NULL)
			pudu_semaphore_post(waits[i].semaphore);
		return waits[i].event != NULL ? i + 1 : i;
	}
	return n;
}

/* Take the records out of the queues. The answer is known. */
static void leave_all(struct pudu_wait *waits, size_t n, uint32_t answer)
{
	for (size_t i = 0; i < n; i++) {
		struct pudu_waiter *waiter = &waits[i].waiter;
		unsigned looks = 0;

		if (wait_leave(&waits[i]) || answer == i + 1)
			continue;
		/* Acquire: pairs with the release in waiter_claim(). */
		while (atomic_load_explicit(&waiter->own, memory_order_acquire) == ANSWER_NONE)
			word_relax(&looks);
	}
}

/* Sleep until there is an answer, or make one when the deadline has passed. */
static uint32_t await_answer(_Atomic uint32_t *answer, uint64_t deadline)
{
	uint32_t none = ANSWER_NONE;
	int64_t status;

	do {
		status = word_sleep(answer, deadline);
	} while (status == PUDU_ERR_EVENT);
	if (status == PUDU_ERR_DEADLINE)
		atomic_compare_exchange_strong(answer, &none, OWN);
	return atomic_load_explicit(answer, memory_order_relaxed);
}

int64_t pudu_wait_any(struct pudu_wait *waits, size_t n, uint64_t deadline)
{
	_Atomic uint32_t woken = ANSWER_NONE;
	uint32_t answer;
	size_t entered;

	if (n == 0 || n > INT32_MAX)
		return PUDU_ERR_ARGUMENT;
	for (size_t i = 0; i < n; i++)
		if (waits[i].event == NULL && waits[i].semaphore == NULL)
			return PUDU_ERR_ARGUMENT;
	for (size_t i = 0; i < n; i++)
		if (wait_try(&waits[i]))
			return (int64_t)i;
	entered = enter_all(waits, n, &woken);
	answer = await_answer(&woken, deadline);
	leave_all(waits, entered, answer);
	return answer == OWN ? PUDU_ERR_DEADLINE : (int64_t)(answer & ~OWN) - 1;
}
