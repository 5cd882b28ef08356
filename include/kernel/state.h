/* SPDX-License-Identifier: MIT */
/*
 * state.h - an executor's state word: why it does not run, and who has it.
 *
 * Reasons not to run, and OWNED: a hart runs it, or it is in the run queue (or on its way), or
 * someone uses its registers. Whoever turns OWNED on owns the page until turning it off. All
 * changes are atomic read-modify-writes of the one word, so they have one order:
 *
 *	state_add	any hart: set a reason (stop, terminate) or EVENT.
 *	state_wait	the executor itself, which runs: set PARKED or ACCEPTING, or take a call.
 *	state_remove	any hart: take a reason away. Whoever takes the last one while nobody owns
 *the executor becomes its owner in the same step, and must queue it.
 *	state_let_go	the owner, after saving everything: drop OWNED if there is a reason.
 *	state_claim	any hart: become the owner of one that has a reason and no owner.
 *
 * So an executor is queued at most once, and a wake-up that comes while its target is still on
 * its way to park is found by state_let_go. A dead one is never let go: its last owner buries it.
 * The orders: each change is a full fence (seq_cst), which pairs with the same in every other
 * change. Model: tests/model/state.pml.
 */
#ifndef KERNEL_STATE_H
#define KERNEL_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define STATE_STOPPED	0x01u /* by executor_stop, or not started yet */
#define STATE_PARKED	0x02u /* by park_if, until unpark */
#define STATE_CALLING	0x08u /* by call, until the reply */
#define STATE_ACCEPTING 0x10u /* by accept, until a call or unpark */
#define STATE_DEAD	0x20u /* never cleared */
#define STATE_OWNED	0x40u
#define STATE_EVENT	0x80u  /* no reason: the next park_if or accept returns at once */
#define STATE_CALLERS	0x100u /* no reason: somebody stands in line (calls.h) */
#define STATE_UNNAMED	0x200u /* no reason: no handle names it; never cleared */
#define STATE_WAITS	(STATE_PARKED | STATE_ACCEPTING) /* what unpark ends */
#define STATE_REASONS	(STATE_STOPPED | STATE_PARKED | STATE_CALLING | STATE_ACCEPTING | STATE_DEAD)

enum let_go {
	LET_GO,		/*  somebody else may own it from here on: don't touch the page again */
	LET_GO_UNNAMED, /* the same; but it waits, and nothing names it */
	STILL_READY,	/* no reason is left: the caller still owns it, and runs or queues it */
	STILL_DEAD,	/* the caller still owns it, and buries it */
};

/* state_add - set @bits. Result: the word before. Any hart, at any time. */
static inline uint64_t state_add(_Atomic uint64_t *state, uint64_t bits)
{
	return atomic_fetch_or(state, bits);
}

/*
 * state_wait - set @reason, PARKED or ACCEPTING; but not if there is one of @unless. The caller
 * owns the executor and looks at its word only after this: the full fence pairs with the one in the
 * waker's state_remove.
 * Result: 0, or what of @unless there is: EVENT alone if there is an EVENT, which is taken away.
 */
static inline uint64_t state_wait(_Atomic uint64_t *state, uint64_t reason, uint64_t unless)
{
	uint64_t before = atomic_fetch_or(state, reason) & unless;

	if (before == 0)
		return 0;
	before = before & STATE_EVENT ? STATE_EVENT : before;
	atomic_fetch_and(state, ~(reason | (before & STATE_EVENT)));
	return before;
}

/*
 * state_remove - take @reason, one bit or more, away.
 * Result: true if the executor is ready now and had no owner. The caller owns it, and queues it.
 */
static inline bool state_remove(_Atomic uint64_t *state, uint64_t reason)
{
	/* The waker's stores come before its look at the state; pairs with state_wait. */
	atomic_thread_fence(memory_order_seq_cst);
	uint64_t before = atomic_load_explicit(state, memory_order_relaxed);
	uint64_t after;

	do {
		if ((before & reason) == 0)
			return false;
		after = before & ~reason;
		if ((after & (STATE_REASONS | STATE_OWNED)) == 0)
			after |= STATE_OWNED;
	} while (!atomic_compare_exchange_strong(state, &before, after));
	return ((before ^ after) & STATE_OWNED) != 0;
}

/* state_let_go - the owner has saved everything. Result: see enum let_go. */
static inline enum let_go state_let_go(_Atomic uint64_t *state)
{
	uint64_t before = atomic_load_explicit(state, memory_order_relaxed);

	do {
		if (before & STATE_DEAD)
			return STILL_DEAD;
		if ((before & STATE_REASONS) == 0)
			return STILL_READY;
	} while (!atomic_compare_exchange_strong(state, &before, before & ~(uint64_t)STATE_OWNED));
	/* One that calls is woken by its callee, who needs no handle for that. */
	return (before & (STATE_UNNAMED | STATE_CALLING)) == STATE_UNNAMED ? LET_GO_UNNAMED
									   : LET_GO;
}

/* state_claim - Result: true if the caller owns the executor now; it had a reason and no owner. */
static inline bool state_claim(_Atomic uint64_t *state)
{
	uint64_t before = atomic_load_explicit(state, memory_order_relaxed);

	do {
		if ((before & STATE_OWNED) || (before & STATE_REASONS) == 0)
			return false;
	} while (!atomic_compare_exchange_strong(state, &before, before | STATE_OWNED));
	return true;
}

#endif
