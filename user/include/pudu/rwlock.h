/* SPDX-License-Identifier: MIT */
/*
 * rwlock.h - a lock that many readers or one writer have.
 *
 * First come, first served: a reader that comes while a writer waits goes behind it. So neither
 * starves, and a thread that reads must not read again: a writer between the two waits for ever.
 */
#ifndef PUDU_RWLOCK_H
#define PUDU_RWLOCK_H

#include <stdatomic.h>
#include <stdint.h>

#include "abi/executor.h"
#include "abi/status.h"

struct pudu_waiter;

struct pudu_rwlock {
	_Atomic uintptr_t word;	   /* see user/lib/sync/rwlock.c */
	struct pudu_waiter *first; /* who waits longest */
};

#define PUDU_RWLOCK                                                                                \
	{                                                                                          \
		0, 0                                                                               \
	}

/* Take the lock to read or to write; waits. No system call if it need not wait. */
void pudu_rwlock_read(struct pudu_rwlock *rwlock);
void pudu_rwlock_write(struct pudu_rwlock *rwlock);

/* The same without waiting. Result: 1 if taken, else 0. */
int pudu_rwlock_try_read(struct pudu_rwlock *rwlock);
int pudu_rwlock_try_write(struct pudu_rwlock *rwlock);

/* The same until a deadline. Result: PUDU_OK; PUDU_ERR_DEADLINE: not taken. */
int64_t pudu_rwlock_read_until(struct pudu_rwlock *rwlock, uint64_t deadline);
int64_t pudu_rwlock_write_until(struct pudu_rwlock *rwlock, uint64_t deadline);

/*
 * Let go of the lock, which the caller has, in either way. It is not touched once another thread
 * can have it.
 */
void pudu_rwlock_unlock(struct pudu_rwlock *rwlock);

#endif
