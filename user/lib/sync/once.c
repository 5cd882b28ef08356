/* SPDX-License-Identifier: MIT */
/*
 * once.c - see <pudu/barrier.h>: a thing that is done once.
 *
 * The word is that of queue.h. Its FLAG is RUNNING: a thread is at it, and others may wait. DONE is
 * a value of its own, the last.
 */
#include <pudu/barrier.h>

#include "queue.h"

#define RUNNING FLAG
#define DONE	((uintptr_t)4)

/* Do it, and wake those that came meanwhile. */
static void once_run(struct pudu_once *once, void (*function)(void *), void *argument)
{
	struct pudu_waiter *first;

	function(argument);
	first = ring_detach(word_first(word_lock(&once->word)));
	word_unlock(&once->word, DONE);
	waiters_claim(first);
}

/*
 * Wait for the thread that is at it.
 * Arguments:
 *   word   what word_lock() answered.
 */
static int64_t once_sleep(struct pudu_once *once, uintptr_t word, uint64_t deadline)
{
	struct pudu_waiter self;

	waiter_init(&self);
	word_unlock(&once->word,
		    (uintptr_t)ring_append(word_first(word), &self, &once->word) | RUNNING);
	if (waiter_sleep(&self, deadline) == ANSWER_NONE) {
		if (queue_leave(&once->word, &self))
			return PUDU_ERR_DEADLINE;
		waiter_sleep(&self, PUDU_FOREVER);
	}
	return PUDU_OK;
}

int64_t pudu_once_until(struct pudu_once *once, void (*function)(void *), void *argument,
			uint64_t deadline)
{
	uintptr_t word;

	/* Acquire: pairs with the release in once_run(). */
	if (atomic_load_explicit(&once->word, memory_order_acquire) == DONE)
		return PUDU_OK;
	word = word_lock(&once->word);
	if (word & RUNNING)
		return once_sleep(once, word, deadline);
	word_unlock(&once->word, word == DONE ? DONE : RUNNING);
	if (word != DONE)
		once_run(once, function, argument);
	return PUDU_OK;
}

void pudu_once(struct pudu_once *once, void (*function)(void *), void *argument)
{
	pudu_once_until(once, function, argument, PUDU_FOREVER);
}
