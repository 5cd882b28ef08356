/* SPDX-License-Identifier: MIT */
/*
 * robust.h - a lock that survives the end of the thread that has it.
 *
 * If a thread ends while it has such a lock, by returning, by a fault or because another ends it,
 * the next that takes the lock is told so: what the lock protects may be half changed. It puts that
 * right and says so by pudu_robust_consistent(); if it unlocks without, the lock can't be used any
 * more. A thread that waits learns of the end at once if the owner returned or called
 * pudu_thread_exit(), else when the owner is joined, or after PUDU_ROBUST_INTERVAL: so often
 * it looks. Those that wait may be ended, too.
 *
 * That costs: see docs/sync.md. Who comes first is not served first.
 */
#ifndef PUDU_ROBUST_H
#define PUDU_ROBUST_H

#include <stdatomic.h>
#include <stdint.h>

#include "abi/executor.h"
#include "abi/status.h"

#define PUDU_ROBUST_INTERVAL 10000 /* microseconds */
#define PUDU_ROBUST_HELD     16	   /* so many a thread can have or wait for at a time */
#define PUDU_ROBUST_WAITERS  8	   /* so many are woken by unlock; more look in intervals */

/* All bits zero is a free one. It must stay where it is until all threads that used it are joined.
 */
struct pudu_robust {
	_Atomic uint64_t state;			       /* see user/lib/sync/robust.c */
	_Atomic uint32_t turn;			       /* of the waiters: whom to wake next */
	_Atomic uint64_t waiters[PUDU_ROBUST_WAITERS]; /* handles, or 0 */
};

#define PUDU_ROBUST                                                                                \
	{                                                                                          \
		0                                                                                  \
	}

/*
 * Take the lock; waits while another thread has it.
 * Result: PUDU_OK;
 *   PUDU_ERR_DEAD    it is taken, but its owner has ended while it had it, and nobody has called
 *                    pudu_robust_consistent() since.
 *   PUDU_ERR_STATE   it was unlocked after that without being made consistent: not taken, never.
 *   PUDU_ERR_EXISTS  the caller has it already.
 *   PUDU_ERR_LENGTH  the caller has PUDU_ROBUST_HELD of them.
 */
int64_t pudu_robust_lock(struct pudu_robust *robust);

/* The same without waiting. Result: the same, or PUDU_ERR_VALUE if a thread that lives has it. */
int64_t pudu_robust_try(struct pudu_robust *robust);

/* The same until a deadline. Result: as pudu_robust_lock(), or PUDU_ERR_DEADLINE: not taken. */
int64_t pudu_robust_lock_until(struct pudu_robust *robust, uint64_t deadline);

/* Has the caller the lock? */
int pudu_robust_is_own(const struct pudu_robust *robust);

/*
 * Tell that what the lock protects is whole again.
 * Result: PUDU_OK;
 *   PUDU_ERR_RIGHT     the caller does not have the lock.
 *   PUDU_ERR_ARGUMENT  it has it, but no owner has ended.
 */
int64_t pudu_robust_consistent(struct pudu_robust *robust);

/*
 * Let go of the lock.
 * Result: PUDU_OK; PUDU_ERR_RIGHT if the caller does not have it: nothing is changed.
 */
int64_t pudu_robust_unlock(struct pudu_robust *robust);

#endif
