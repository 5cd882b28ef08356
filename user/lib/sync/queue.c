/* SPDX-License-Identifier: MIT */
/* queue.c - see queue.h. */
#include "queue.h"

#include <pudu/start.h>

#include "riscv/relax.h"

#define LOOKS_MAX 32 /* before a thread lets others run: the one it waits for may be among them */

void word_relax(unsigned *looks)
{
	if (pudu_info()->harts > 1 && ++*looks % LOOKS_MAX != 0)
		cpu_relax();
	else
		pudu_yield();
}

uintptr_t word_lock_slowly(_Atomic uintptr_t *word)
{
	uintptr_t value = atomic_load_explicit(word, memory_order_relaxed);
	unsigned looks = 0;

	for (;;) {
		if (value & BUSY) {
			word_relax(&looks);
			value = atomic_load_explicit(word, memory_order_relaxed);
		} else if (atomic_compare_exchange_weak(word, &value, value | BUSY)) {
			return value;
		}
	}
}

struct pudu_waiter *ring_prepend(struct pudu_waiter *first, struct pudu_waiter *waiter, void *queue)
{
	ring_append(first, waiter, queue);
	return waiter;
}

struct pudu_waiter *ring_detach(struct pudu_waiter *first)
{
	if (first == NULL)
		return NULL;
	first->previous->next = NULL;
	for (struct pudu_waiter *waiter = first; waiter != NULL; waiter = waiter->next)
		atomic_store_explicit(&waiter->queue, NULL, memory_order_relaxed);
	return first;
}

void queue_enter(_Atomic uintptr_t *word, struct pudu_waiter *waiter)
{
	uintptr_t value = word_lock(word);

	word_unlock(word, (uintptr_t)ring_append(word_first(value), waiter, word) | (value & BITS));
}

int queue_leave(_Atomic uintptr_t *word, struct pudu_waiter *waiter)
{
	uintptr_t value = word_lock(word);
	int in = atomic_load_explicit(&waiter->queue, memory_order_relaxed) == (void *)word;

	if (in)
		value = (uintptr_t)ring_remove(word_first(value), waiter) | (value & BITS);
	word_unlock(word, value);
	return in;
}

int64_t word_sleep(_Atomic uint32_t *woken, uint64_t deadline)
{
	/* Acquire: pairs with the release of whoever answers. */
	while (atomic_load_explicit(woken, memory_order_acquire) == ANSWER_NONE) {
		int64_t status = pudu_park_if((uint64_t)woken, ANSWER_NONE, deadline).status;

		if ((status == PUDU_ERR_DEADLINE || status == PUDU_ERR_EVENT) &&
		    atomic_load_explicit(woken, memory_order_acquire) == ANSWER_NONE)
			return status;
	}
	return PUDU_OK;
}

uint32_t waiter_sleep(struct pudu_waiter *waiter, uint64_t deadline)
{
	while (word_sleep(waiter->woken, deadline) == PUDU_ERR_EVENT)
		continue;
	return atomic_load_explicit(waiter->woken, memory_order_relaxed);
}

void waiter_wake(struct pudu_waiter *waiter, uint32_t answer)
{
	uint64_t executor = waiter->executor;

	/* From here on the record may be gone: its thread can go on without being unparked.
	 * Release: pairs with word_sleep(). */
	atomic_store_explicit(&waiter->own, answer, memory_order_release);
	pudu_unpark(executor);
}

int waiter_claim(struct pudu_waiter *waiter)
{
	uint64_t executor = waiter->executor;
	uint32_t none = ANSWER_NONE;

	if (atomic_compare_exchange_strong(waiter->woken, &none, waiter->answer)) {
		pudu_unpark(executor);
		return 1;
	}
	/* In pudu_wait_any(): pairs with its look before it returns. In a wait that was canceled
	 * (posix/cancel.c): the thread may sleep until this. */
	atomic_store_explicit(&waiter->own, ANSWER_WOKEN, memory_order_release);
	pudu_unpark(executor);
	return 0;
}

void waiters_claim(struct pudu_waiter *waiter)
{
	while (waiter != NULL) {
		struct pudu_waiter *next = waiter->next;

		waiter_claim(waiter);
		waiter = next;
	}
}
