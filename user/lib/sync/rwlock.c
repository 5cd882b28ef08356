/* SPDX-License-Identifier: MIT */
/*
 * rwlock.c - see <pudu/rwlock.h>.
 *
 * The word has BUSY (queue.h), and
 *	WRITER	a writer has the lock
 *	WAITERS	the ring behind `first` is not empty; its records tell by `object` who writes
 *	the rest: how many readers have the lock
 * Who finds the lock taken, or others that wait, goes into the ring. Whoever lets go hands the lock
 *to the writer at the head of the ring, or to all readers before the next writer.
 */
#include <pudu/rwlock.h>

#include "queue.h"

#define WRITER	FLAG
#define WAITERS ((uintptr_t)4)
#define READER	((uintptr_t)8)

static int is_writer(const struct pudu_waiter *waiter)
{
	return waiter->object != NULL;
}

/*
 * Take those out of the ring that can have the lock, and give it to them in the word. BUSY.
 * Result: the word; in *granted the records, linked by next.
 */
static uintptr_t rwlock_grant(struct pudu_rwlock *rwlock, uintptr_t word,
			      struct pudu_waiter **granted)
{
	struct pudu_waiter *first, **end = granted;

	while ((first = rwlock->first) != NULL && !(word & WRITER)) {
		if (is_writer(first) && word >= READER)
			break;
		word = is_writer(first) ? word | WRITER : word + READER;
		rwlock->first = ring_remove(first, first);
		*end = first;
		end = &first->next;
	}
	*end = NULL;
	return rwlock->first != NULL ? word | WAITERS : word & ~WAITERS;
}

/* Take the caller's record out of the ring. Result: as queue_leave(). */
static int rwlock_leave(struct pudu_rwlock *rwlock, struct pudu_waiter *self)
{
	uintptr_t word = word_lock(&rwlock->word);
	struct pudu_waiter *granted = NULL;
	int in = atomic_load_explicit(&self->queue, memory_order_relaxed) == rwlock;

	if (in) {
		/* Readers that came after a writer that gives up need not wait for it. */
		rwlock->first = ring_remove(rwlock->first, self);
		word = rwlock_grant(rwlock, word, &granted);
	}
	word_unlock(&rwlock->word, word);
	waiters_claim(granted);
	return in;
}

/* Wait in the ring. The caller has the word BUSY. Result: as pudu_rwlock_read_until(). */
static int64_t rwlock_sleep(struct pudu_rwlock *rwlock, uintptr_t word, void *writer,
			    uint64_t deadline)
{
	struct pudu_waiter self;

	waiter_init(&self);
	self.object = writer;
	rwlock->first = ring_append(rwlock->first, &self, rwlock);
	word_unlock(&rwlock->word, word | WAITERS);
	if (waiter_sleep(&self, deadline) == ANSWER_NONE) {
		if (rwlock_leave(rwlock, &self))
			return PUDU_ERR_DEADLINE;
		waiter_sleep(&self, PUDU_FOREVER);
	}
	return PUDU_OK;
}

/*
 * Add something to the word if none of these bits is set, without waiting for any but BUSY.
 * Result: 1 if so.
 */
static int rwlock_try(struct pudu_rwlock *rwlock, uintptr_t bits, uintptr_t more)
{
	uintptr_t word = atomic_load_explicit(&rwlock->word, memory_order_relaxed);
	unsigned looks = 0;

	while (!(word & bits)) {
		if (word & BUSY) {
			word_relax(&looks);
			word = atomic_load_explicit(&rwlock->word, memory_order_relaxed);
		} else if (atomic_compare_exchange_weak(&rwlock->word, &word, word + more)) {
			return 1;
		}
	}
	return 0;
}

int pudu_rwlock_try_read(struct pudu_rwlock *rwlock)
{
	return rwlock_try(rwlock, WRITER | WAITERS, READER);
}

int pudu_rwlock_try_write(struct pudu_rwlock *rwlock)
{
	return rwlock_try(rwlock, ~BUSY, WRITER);
}

int64_t pudu_rwlock_read_until(struct pudu_rwlock *rwlock, uint64_t deadline)
{
	uintptr_t word;

	if (pudu_rwlock_try_read(rwlock))
		return PUDU_OK;
	word = word_lock(&rwlock->word);
	if (word & (WRITER | WAITERS))
		return rwlock_sleep(rwlock, word, NULL, deadline);
	word_unlock(&rwlock->word, word + READER);
	return PUDU_OK;
}

int64_t pudu_rwlock_write_until(struct pudu_rwlock *rwlock, uint64_t deadline)
{
	uintptr_t word;

	if (pudu_rwlock_try_write(rwlock))
		return PUDU_OK;
	word = word_lock(&rwlock->word);
	if (word != 0)
		return rwlock_sleep(rwlock, word, rwlock, deadline);
	word_unlock(&rwlock->word, WRITER);
	return PUDU_OK;
}

void pudu_rwlock_read(struct pudu_rwlock *rwlock)
{
	pudu_rwlock_read_until(rwlock, PUDU_FOREVER);
}

void pudu_rwlock_write(struct pudu_rwlock *rwlock)
{
	pudu_rwlock_write_until(rwlock, PUDU_FOREVER);
}

/* The word when one that has the lock lets go of it. */
static uintptr_t without_one(uintptr_t word)
{
	return word & WRITER ? word - WRITER : word - READER;
}

void pudu_rwlock_unlock(struct pudu_rwlock *rwlock)
{
	uintptr_t word = atomic_load_explicit(&rwlock->word, memory_order_relaxed);
	struct pudu_waiter *granted;

	if (!(word & (BUSY | WAITERS)) &&
	    atomic_compare_exchange_strong(&rwlock->word, &word, without_one(word)))
		return;
	word = rwlock_grant(rwlock, without_one(word_lock(&rwlock->word)), &granted);
	word_unlock(&rwlock->word, word);
	/* The lock is another's from here on, and may be gone. */
	waiters_claim(granted);
}
