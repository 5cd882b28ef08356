/* SPDX-License-Identifier: MIT */
/*
 * semaphore.c - see <pudu/semaphore.h>.
 *
 * The word is that of queue.h while threads wait; then there are no units. Else it is 0, or units
 * << 2 with FLAG. A unit that is given while threads wait is handed to the first: it never shows up
 * in the word.
 */
#include <pudu/semaphore.h>

#include "queue.h"
#include "wait_any.h"

#define COUNT FLAG
#define SHIFT 2

static inline int has_waiters(uintptr_t word)
{
	return !(word & COUNT) && word_first(word) != NULL;
}

/* The units in a word. */
static inline uint32_t units(uintptr_t word)
{
	return word & COUNT ? (uint32_t)(word >> SHIFT) : 0;
}

static inline uintptr_t word_of(uint32_t n)
{
	return (uintptr_t)n << SHIFT | COUNT;
}

int pudu_semaphore_try(struct pudu_semaphore *semaphore)
{
	uintptr_t word = atomic_load_explicit(&semaphore->word, memory_order_relaxed);
	unsigned looks = 0;

	while (units(word) != 0) {
		if (word & BUSY) {
			word_relax(&looks);
			word = atomic_load_explicit(&semaphore->word, memory_order_relaxed);
		} else if (atomic_compare_exchange_weak(&semaphore->word, &word,
							word_of(units(word) - 1))) {
			return 1;
		}
	}
	return 0;
}

int semaphore_enter(struct pudu_semaphore *semaphore, struct pudu_waiter *waiter)
{
	uintptr_t word = word_lock(&semaphore->word);

	if (units(word) != 0) {
		word_unlock(&semaphore->word, word_of(units(word) - 1));
		return 1;
	}
	word &= ~COUNT;
	word_unlock(&semaphore->word,
		    (uintptr_t)ring_append(has_waiters(word) ? word_first(word) : NULL, waiter,
					   &semaphore->word));
	return 0;
}

int semaphore_leave(struct pudu_semaphore *semaphore, struct pudu_waiter *waiter)
{
	uintptr_t word = word_lock(&semaphore->word);
	int in = atomic_load_explicit(&waiter->queue, memory_order_relaxed) == &semaphore->word;

	if (in)
		word = (uintptr_t)ring_remove(word_first(word), waiter);
	word_unlock(&semaphore->word, word);
	return in;
}

int64_t pudu_semaphore_wait_until(struct pudu_semaphore *semaphore, uint64_t deadline)
{
	struct pudu_waiter self;

	if (pudu_semaphore_try(semaphore))
		return PUDU_OK;
	waiter_init(&self);
	if (semaphore_enter(semaphore, &self))
		return PUDU_OK;
	if (waiter_sleep(&self, deadline) == ANSWER_NONE) {
		if (semaphore_leave(semaphore, &self))
			return PUDU_ERR_DEADLINE;
		waiter_sleep(&self, PUDU_FOREVER);
	}
	return PUDU_OK;
}

void pudu_semaphore_wait(struct pudu_semaphore *semaphore)
{
	pudu_semaphore_wait_until(semaphore, PUDU_FOREVER);
}

int64_t pudu_semaphore_post(struct pudu_semaphore *semaphore)
{
	uintptr_t word = atomic_load_explicit(&semaphore->word, memory_order_relaxed);
	struct pudu_waiter *first;

	if (!(word & BUSY) && !has_waiters(word) && units(word) < PUDU_SEMAPHORE_MAX &&
	    atomic_compare_exchange_strong(&semaphore->word, &word, word_of(units(word) + 1)))
		return PUDU_OK;
	do {
		word = word_lock(&semaphore->word);
		if (!has_waiters(word)) {
			int full = units(word) == PUDU_SEMAPHORE_MAX;

			word_unlock(&semaphore->word, full ? word : word_of(units(word) + 1));
			return full ? PUDU_ERR_LENGTH : PUDU_OK;
		}
		first = word_first(word);
		word_unlock(&semaphore->word, (uintptr_t)ring_remove(first, first));
		/* If it is answered already, by another semaphore or event: the unit is the next
		 * one's. Until somebody has it, the semaphore is there. */
	} while (!waiter_claim(first));
	return PUDU_OK;
}

uint32_t pudu_semaphore_value(const struct pudu_semaphore *semaphore)
{
	return units(atomic_load_explicit(&semaphore->word, memory_order_relaxed) & ~BUSY);
}
