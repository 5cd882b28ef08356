/* SPDX-License-Identifier: MIT */
/*
 * mutex.c - see <pudu/mutex.h>.
 *
 * The word is that of queue.h; its FLAG is LOCKED: somebody has the mutex. Who finds it puts its
 * record into the ring, under BUSY. LOCKED goes only while the word is not BUSY, or by the one
 * that has made it so: therefore the holder sees the record when it unlocks. It takes the oldest
 * out, lets go of all in one store and wakes that one, which tries again like everybody else. In
 * between any other may take the mutex, and then it is that one's unlock that wakes the next. Who
 * has slept and finds it taken goes to the front, and asks to be handed it: then
 * LOCKED stays.
 * So whenever records wait, there is a holder, or a woken thread that is on its way.
 */
#include "mutex.h"

#include <pudu/start.h>

#define LOCKED FLAG
#define SPINS  64 /* looks before a thread sleeps, if the holder may run elsewhere */

int pudu_mutex_try(struct pudu_mutex *mutex)
{
	uintptr_t word = 0;
	unsigned looks = 0;

	if (atomic_compare_exchange_strong(&mutex->word, &word, LOCKED))
		return 1;
	while (!(word & LOCKED)) {
		if (word & BUSY) {
			word_relax(&looks);
			word = atomic_load_explicit(&mutex->word, memory_order_relaxed);
		} else if (atomic_compare_exchange_weak(&mutex->word, &word, word | LOCKED)) {
			return 1;
		}
	}
	return 0;
}

/* Sleep with a record in the queue, which the caller has BUSY. Result: ANSWER_*. */
static uint32_t mutex_sleep(struct pudu_mutex *mutex, uintptr_t word, uint64_t deadline, int place)
{
	struct pudu_waiter self, *first;
	uint32_t answer;

	waiter_init(&self);
	self.answer = place == MUTEX_FIRST ? ANSWER_GRANTED : ANSWER_WOKEN;
	first = place == MUTEX_FIRST ? ring_prepend(word_first(word), &self, &mutex->word)
				     : ring_append(word_first(word), &self, &mutex->word);
	word_unlock(&mutex->word, (uintptr_t)first | LOCKED);
	answer = waiter_sleep(&self, deadline);
	if (answer == ANSWER_NONE && !queue_leave(&mutex->word, &self))
		answer = waiter_sleep(&self, PUDU_FOREVER);
	return answer;
}

int64_t mutex_enter(struct pudu_mutex *mutex, uint64_t deadline, int place)
{
	for (;;) {
		uintptr_t word = word_lock(&mutex->word);

		if (!(word & LOCKED)) {
			word_unlock(&mutex->word, word | LOCKED);
			return PUDU_OK;
		}
		switch (mutex_sleep(mutex, word, deadline, place)) {
		case ANSWER_NONE:
			return PUDU_ERR_DEADLINE;
		case ANSWER_GRANTED:
			return PUDU_OK;
		default:
			place = MUTEX_FIRST;
		}
	}
}

int64_t pudu_mutex_lock_until(struct pudu_mutex *mutex, uint64_t deadline)
{
	unsigned spins = pudu_info()->harts > 1 ? SPINS : 0;

	do {
		if (pudu_mutex_try(mutex))
			return PUDU_OK;
	} while (spins-- > 0);
	return mutex_enter(mutex, deadline, MUTEX_LAST);
}

void pudu_mutex_lock(struct pudu_mutex *mutex)
{
	uintptr_t word = 0;

	if (!atomic_compare_exchange_strong(&mutex->word, &word, LOCKED))
		pudu_mutex_lock_until(mutex, PUDU_FOREVER);
}

static void mutex_unlock_slowly(struct pudu_mutex *mutex)
{
	uintptr_t word = word_lock(&mutex->word);
	struct pudu_waiter *oldest = word_first(word), *rest;
	uint32_t answer;

	if (oldest == NULL) {
		word_unlock(&mutex->word, 0);
		return;
	}
	rest = ring_remove(oldest, oldest);
	answer = oldest->answer;
	word_unlock(&mutex->word, (uintptr_t)rest | (answer == ANSWER_GRANTED ? LOCKED : 0));
	/* The mutex is another's from here on, and may be gone. */
	waiter_wake(oldest, answer);
}

void pudu_mutex_unlock(struct pudu_mutex *mutex)
{
	uintptr_t word = LOCKED;

	if (!atomic_compare_exchange_strong(&mutex->word, &word, 0))
		mutex_unlock_slowly(mutex);
}

void mutex_adopt(struct pudu_mutex *mutex, struct pudu_waiter *waiter)
{
	uintptr_t word = word_lock(&mutex->word);
	struct pudu_waiter *first = word_first(word), *free = NULL;

	if (!(word & LOCKED)) {
		free = waiter;
		waiter = waiter->next;
	}
	while (waiter != NULL) {
		struct pudu_waiter *next = waiter->next;

		waiter->answer = ANSWER_WOKEN;
		first = ring_append(first, waiter, &mutex->word);
		waiter = next;
	}
	word_unlock(&mutex->word, (uintptr_t)first | (word & LOCKED));
	if (free != NULL)
		waiter_wake(free, ANSWER_WOKEN);
}
