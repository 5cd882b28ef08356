/* SPDX-License-Identifier: MIT */
/*
 * robust.c - see <pudu/robust.h>.
 *
 * A thread may be ended between any two instructions, so there is nothing here that it alone could
 * finish: no bit that locks a queue, no list. The state is changed by compare-exchange only:
 *	OWNER	the slot of the owner's handle, or 0
 *	BROKEN	an owner has ended, and no other has called pudu_robust_consistent()
 *	LOST	unlocked while BROKEN: for ever
 *	the rest: a count of owners, so that a state that was seen does not come back
 * Those that wait park while the lower half of it stays the same, with their handles in `waiters`
 * for the one that unlocks. If it wakes one that has ended, or there was no place for a handle,
 * the others wake up after PUDU_ROBUST_INTERVAL and look: that is also how they find an owner that
 * has ended.
 *
 * Each thread's record names the locks that it has or waits for (struct pudu_robust_held). Whoever
 * joins it, so before its handle's slot is used again, takes its handle out of all of them.
 */
#include <pudu/robust.h>

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/start.h>

#include "../internal.h"

#define OWNER	((uint64_t)0xfffff) /* PUDU_HANDLE_SLOTS are fewer */
#define BROKEN	((uint64_t)1 << 20)
#define LOST	((uint64_t)1 << 21)
#define COUNT_1 ((uint64_t)1 << 22)

_Static_assert(PUDU_HANDLE_SLOTS <= OWNER + 1, "a slot fits");

static struct pudu_robust_held first_held; /* of the first thread */

static struct pudu_robust_held *held(void)
{
	return pudu_self_thread != NULL ? &pudu_self_thread->robust : &first_held;
}

static uint64_t slot_of(uint64_t handle)
{
	return (handle - PUDU_HANDLES) / PUDU_PAGE_SIZE;
}

static int is_mine(uint64_t state)
{
	return (state & OWNER) == slot_of(pudu_self);
}

/* Find the entry that names a lock, or with NULL an empty one. Result: NULL if there is none. */
static _Atomic(struct pudu_robust *) *held_find(struct pudu_robust *robust)
{
	struct pudu_robust_held *all = held();

	for (unsigned i = 0; i < PUDU_ROBUST_HELD; i++)
		if (atomic_load_explicit(&all->lock[i], memory_order_relaxed) == robust)
			return &all->lock[i];
	return NULL;
}

static void held_clear(struct pudu_robust *robust)
{
	_Atomic(struct pudu_robust *) *entry = held_find(robust);

	/* Release: the lock is let go of before. */
	if (entry != NULL)
		atomic_store_explicit(entry, NULL, memory_order_release);
}

/* Wake the next one that waits, if its handle is there. */
static void wake_next(struct pudu_robust *robust)
{
	uint32_t turn = atomic_fetch_add(&robust->turn, 1);

	for (unsigned i = 0; i < PUDU_ROBUST_WAITERS; i++) {
		uint64_t waiter = atomic_load(&robust->waiters[(turn + i) % PUDU_ROBUST_WAITERS]);

		if (waiter != 0) {
			pudu_unpark(waiter);
			return;
		}
	}
}

static void wake_all(struct pudu_robust *robust)
{
	for (unsigned i = 0; i < PUDU_ROBUST_WAITERS; i++) {
		uint64_t waiter = atomic_load(&robust->waiters[i]);

		if (waiter != 0)
			pudu_unpark(waiter);
	}
}

/* Take a handle out of the waiters, if it is there. */
static void waiters_remove(struct pudu_robust *robust, uint64_t handle)
{
	for (unsigned i = 0; i < PUDU_ROBUST_WAITERS; i++) {
		uint64_t expected = handle;

		atomic_compare_exchange_strong(&robust->waiters[i], &expected, 0);
	}
}

static void waiters_add(struct pudu_robust *robust, uint64_t handle)
{
	for (unsigned i = 0; i < PUDU_ROBUST_WAITERS; i++) {
		uint64_t none = 0;

		if (atomic_compare_exchange_strong(&robust->waiters[i], &none, handle))
			return;
	}
}

/*
 * Take the lock if nobody has it.
 * Arguments:
 *   dead   the state in which it is known that the owner has ended, or 0.
 * Result: PUDU_OK, PUDU_ERR_DEAD: taken; PUDU_ERR_VALUE: another has it, in *state;
 *   PUDU_ERR_STATE.
 */
static int64_t robust_take(struct pudu_robust *robust, uint64_t dead, uint64_t *state)
{
	*state = atomic_load(&robust->state);
	for (;;) {
		uint64_t broken = *state & BROKEN;

		if (*state & LOST)
			return PUDU_ERR_STATE;
		if ((*state & OWNER) != 0) {
			if (*state != dead)
				return PUDU_ERR_VALUE;
			broken = BROKEN;
		}
		if (atomic_compare_exchange_weak(
			    &robust->state, state,
			    (((*state & ~OWNER) + COUNT_1) | broken | slot_of(pudu_self))))
			return broken ? PUDU_ERR_DEAD : PUDU_OK;
	}
}

/* The state, if its owner has ended; else 0. */
static uint64_t dead_state(uint64_t state)
{
	struct pudu_executor_end end;
	uint64_t owner = state & OWNER;

	return owner != 0 && pudu_executor_ended(PUDU_HANDLE(owner), &end) ? state : 0;
}

/*
 * Wait until the state may be another, an owner may have ended, or the deadline.
 * Result: PUDU_ERR_DEADLINE if that has passed.
 */
static int64_t robust_sleep(struct pudu_robust *robust, uint64_t state, uint64_t deadline)
{
	uint64_t now = pudu_ticks();
	uint64_t look = now + pudu_info()->timebase * PUDU_ROBUST_INTERVAL / 1000000;

	if (now >= deadline)
		return PUDU_ERR_DEADLINE;
	pudu_park_if((uint64_t)&robust->state, (uint32_t)state, deadline < look ? deadline : look);
	return PUDU_OK;
}

static int64_t robust_wait(struct pudu_robust *robust, uint64_t state, uint64_t deadline)
{
	int64_t status;

	waiters_add(robust, pudu_self);
	do {
		status = robust_take(robust, dead_state(state), &state);
		if (status == PUDU_ERR_VALUE)
			status = robust_sleep(robust, state, deadline);
		else
			break;
	} while (status == PUDU_OK);
	waiters_remove(robust, pudu_self);
	/* It may have been woken in place of another one. */
	if (status == PUDU_ERR_DEADLINE)
		wake_next(robust);
	return status;
}

int64_t pudu_robust_lock_until(struct pudu_robust *robust, uint64_t deadline)
{
	_Atomic(struct pudu_robust *) *entry = held_find(NULL);
	uint64_t state;
	int64_t status;

	if (is_mine(atomic_load(&robust->state)))
		return PUDU_ERR_EXISTS;
	if (entry == NULL)
		return PUDU_ERR_LENGTH;
	/* Before the state names this thread: whoever joins it finds the lock. */
	atomic_store_explicit(entry, robust, memory_order_relaxed);
	status = robust_take(robust, 0, &state);
	if (status == PUDU_ERR_VALUE)
		status = robust_wait(robust, state, deadline);
	if (status != PUDU_OK && status != PUDU_ERR_DEAD)
		held_clear(robust);
	return status;
}

int64_t pudu_robust_lock(struct pudu_robust *robust)
{
	return pudu_robust_lock_until(robust, PUDU_FOREVER);
}

int64_t pudu_robust_try(struct pudu_robust *robust)
{
	int64_t status = pudu_robust_lock_until(robust, 0);

	return status == PUDU_ERR_DEADLINE ? PUDU_ERR_VALUE : status;
}

int pudu_robust_is_own(const struct pudu_robust *robust)
{
	return is_mine(atomic_load_explicit(&robust->state, memory_order_relaxed));
}

int64_t pudu_robust_consistent(struct pudu_robust *robust)
{
	uint64_t state = atomic_load_explicit(&robust->state, memory_order_relaxed);

	if (!is_mine(state))
		return PUDU_ERR_RIGHT;
	if (!(state & BROKEN))
		return PUDU_ERR_ARGUMENT;
	atomic_fetch_and(&robust->state, ~BROKEN);
	return PUDU_OK;
}

int64_t pudu_robust_unlock(struct pudu_robust *robust)
{
	uint64_t state = atomic_load_explicit(&robust->state, memory_order_relaxed);

	if (!is_mine(state))
		return PUDU_ERR_RIGHT;
	/* The state first, then who waits; those that wait enter, then look: one sees the other. */
	atomic_store(&robust->state, (state & ~OWNER) | (state & BROKEN ? LOST : 0));
	if (state & BROKEN)
		wake_all(robust);
	else
		wake_next(robust);
	held_clear(robust);
	return PUDU_OK;
}

/* Let go of a lock for a thread that does not touch it any more. */
static void robust_leave(struct pudu_robust *robust, uint64_t handle)
{
	uint64_t state = atomic_load(&robust->state);

	waiters_remove(robust, handle);
	while ((state & OWNER) == slot_of(handle))
		if (atomic_compare_exchange_weak(&robust->state, &state, (state & ~OWNER) | BROKEN))
			break;
	/* It may have been woken in place of another one, or have been the owner. */
	wake_next(robust);
}

void pudu_robust_end(struct pudu_robust_held *all, uint64_t handle)
{
	for (unsigned i = 0; i < PUDU_ROBUST_HELD; i++) {
		struct pudu_robust *robust =
			atomic_load_explicit(&all->lock[i], memory_order_acquire);

		if (robust != NULL)
			robust_leave(robust, handle);
		atomic_store_explicit(&all->lock[i], NULL, memory_order_relaxed);
	}
}

void pudu_robust_end_self(void)
{
	pudu_robust_end(held(), pudu_self);
}
