/* SPDX-License-Identifier: MIT */
/*
 * queue.h - queues of threads that wait: records on their stacks, in a ring, behind one word.
 *
 * A word holds the address of the record that waits longest, or 0, and in its low bits:
 *	BUSY	a thread changes the word or the ring: nobody else does
 *	FLAG	what the object makes of it
 * Who finds the word not BUSY may change it in one step without touching the ring. All else takes
 * BUSY first (word_lock), and nobody keeps it longer than a walk over the ring; so under BUSY the
 *word stands still.
 *
 * A record is taken out of the ring by the one that will wake its thread (then queue is NULL), or
 *by its thread when the deadline passes, under BUSY either way; so one of the two wins. If it is
 *the waker, it owns the record until it has answered, and the thread waits for the answer.
 *
 * An answer is written to the word that the thread sleeps on, which is 0 before: for one wait the
 * record's own, for pudu_wait_any() one for all its records. There several wakers can be too late:
 * waiter_claim() tells.
 */
#ifndef PUDU_LIB_QUEUE_H
#define PUDU_LIB_QUEUE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <pudu/calls.h>
#include <pudu/event.h>

#include "../internal.h"
#include "abi/executor.h"
#include "abi/status.h"

#define BUSY ((uintptr_t)1)
#define FLAG ((uintptr_t)2)
#define BITS ((uintptr_t)15) /* records lie on 16 bytes */

/* Answers. */
enum {
	ANSWER_NONE,
	ANSWER_WOKEN,	/* try again */
	ANSWER_GRANTED, /* it is yours */
};

/* The record at the head of a word's ring, or NULL. */
static inline struct pudu_waiter *word_first(uintptr_t word)
{
	return (struct pudu_waiter *)(word & ~BITS);
}

/* Take BUSY, which somebody else may have. Result: the word without it. */
uintptr_t word_lock_slowly(_Atomic uintptr_t *word);

/* The same; most often it is free. */
static inline uintptr_t word_lock(_Atomic uintptr_t *word)
{
	uintptr_t value = atomic_load_explicit(word, memory_order_relaxed);

	if (!(value & BUSY) && atomic_compare_exchange_strong(word, &value, value | BUSY))
		return value;
	return word_lock_slowly(word);
}

/* Let go of BUSY, and change the word to this. */
static inline void word_unlock(_Atomic uintptr_t *word, uintptr_t value)
{
	/* Pairs with word_lock() and with the compare-exchange of those that do without. */
	atomic_store_explicit(word, value, memory_order_release);
}

/* What a thread does between two looks at something that another one will soon do. */
void word_relax(unsigned *looks);

/* Fill the record of the calling thread, for one wait. */
static inline void waiter_init(struct pudu_waiter *waiter)
{
	waiter->executor = pudu_self;
	waiter->woken = &waiter->own;
	waiter->answer = ANSWER_GRANTED;
	waiter->object = NULL;
	atomic_store_explicit(&waiter->queue, NULL, memory_order_relaxed);
	atomic_store_explicit(&waiter->own, ANSWER_NONE, memory_order_relaxed);
}

/* Put a record at the end of a ring. Result: its first record. The caller has `queue` BUSY. */
static inline struct pudu_waiter *ring_append(struct pudu_waiter *first, struct pudu_waiter *waiter,
					      void *queue)
{
	atomic_store_explicit(&waiter->queue, queue, memory_order_relaxed);
	if (first == NULL) {
		waiter->next = waiter->previous = waiter;
		return waiter;
	}
	waiter->next = first;
	waiter->previous = first->previous;
	waiter->previous->next = waiter;
	first->previous = waiter;
	return first;
}

/* Put it at the front. */
struct pudu_waiter *ring_prepend(struct pudu_waiter *first, struct pudu_waiter *waiter,
				 void *queue);

/* Take a record out of its ring. Result: the ring's first record now, or NULL. */
static inline struct pudu_waiter *ring_remove(struct pudu_waiter *first, struct pudu_waiter *waiter)
{
	struct pudu_waiter *next = waiter->next;

	atomic_store_explicit(&waiter->queue, NULL, memory_order_relaxed);
	if (next == waiter)
		return NULL;
	waiter->previous->next = next;
	next->previous = waiter->previous;
	return first == waiter ? next : first;
}

/* Take all records out: none is in a queue then, and they stay linked by next. Result: the first.
 */
struct pudu_waiter *ring_detach(struct pudu_waiter *first);

/* Put the caller's record at the end of a word's ring, whatever its bits. */
void queue_enter(_Atomic uintptr_t *word, struct pudu_waiter *waiter);

/*
 * Take the caller's record out of a word's ring, if it is in it.
 * Result: 1; 0 if a waker has taken it out: an answer comes, unless the record was moved.
 */
int queue_leave(_Atomic uintptr_t *word, struct pudu_waiter *waiter);

/*
 * Sleep until a word is not 0, or until a deadline.
 * Result: PUDU_OK; PUDU_ERR_DEADLINE; PUDU_ERR_EVENT, and 0 is in the word.
 */
int64_t word_sleep(_Atomic uint32_t *woken, uint64_t deadline);

/* Sleep until the record has an answer. Result: that, or ANSWER_NONE if the deadline has passed. */
uint32_t waiter_sleep(struct pudu_waiter *waiter, uint64_t deadline);

/* Answer a thread that has this record only. The record is in no ring. */
void waiter_wake(struct pudu_waiter *waiter, uint32_t answer);

/*
 * Answer a thread that may have other records: with this one's `answer`. The record is in no ring.
 * Result: 1; 0 if it was answered before or gave up. Either way the record is no longer the
 * caller's.
 */
int waiter_claim(struct pudu_waiter *waiter);

/* Answer all that ring_detach() gave, NULL included. */
void waiters_claim(struct pudu_waiter *waiter);

#endif
