/* SPDX-License-Identifier: MIT */
/* mutex.h - locks that one thread has at a time. See <pudu/sync.h> for what holds for all. */
#ifndef PUDU_MUTEX_H
#define PUDU_MUTEX_H

#include <stdatomic.h>
#include <stdint.h>

#include "abi/executor.h"
#include "abi/status.h"

/*
 * A lock of one word. Not recursive. Who comes while it is free gets it; those that sleep are woken
 * first come, first served, one at a time, and whoever was woken and found it taken again
 * is handed the lock by the next unlock: nobody sleeps more than twice for it.
 */
struct pudu_mutex {
	_Atomic uintptr_t word; /* see user/lib/sync/mutex.c */
};

#define PUDU_MUTEX                                                                                 \
	{                                                                                          \
		0                                                                                  \
	}

/* Take the lock; waits while another thread has it. No system call if it is free. */
void pudu_mutex_lock(struct pudu_mutex *mutex);

/* Take the lock if it is free. Result: 1 if taken, 0 if another thread (or the caller) has it. */
int pudu_mutex_try(struct pudu_mutex *mutex);

/*
 * Take the lock, or give up.
 * Arguments:
 *   deadline   a time of rdtime, or PUDU_FOREVER.
 * Result: PUDU_OK; PUDU_ERR_DEADLINE if it has passed and the lock is not the caller's.
 */
int64_t pudu_mutex_lock_until(struct pudu_mutex *mutex, uint64_t deadline);

/*
 * Let go of the lock. The caller has it. No system call if nobody waits. The mutex is not touched
 * once another thread can have it: that one may give its memory back.
 */
void pudu_mutex_unlock(struct pudu_mutex *mutex);

/* A lock that its owner may take again; it is free after as many unlocks. */
struct pudu_recursive {
	struct pudu_mutex mutex;
	_Atomic uint64_t
		owner;	/* handle of who has it, or 0; written by the one that has the mutex */
	uint32_t depth; /* the owner's: how often it has taken it */
};

#define PUDU_RECURSIVE                                                                             \
	{                                                                                          \
		PUDU_MUTEX, 0, 0                                                                   \
	}

/* Take the lock once more, or for the first time; waits while another thread has it. */
void pudu_recursive_lock(struct pudu_recursive *recursive);

/* The same without waiting. Result: 1 if taken, 0 if another thread has it. */
int pudu_recursive_try(struct pudu_recursive *recursive);

/* The same until a deadline. Result: as pudu_mutex_lock_until(). */
int64_t pudu_recursive_lock_until(struct pudu_recursive *recursive, uint64_t deadline);

/*
 * Undo one lock.
 * Result: PUDU_OK; PUDU_ERR_RIGHT if the caller does not have it: nothing is changed.
 */
int64_t pudu_recursive_unlock(struct pudu_recursive *recursive);

#endif
