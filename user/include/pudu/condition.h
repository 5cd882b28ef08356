/* SPDX-License-Identifier: MIT */
/*
 * condition.h - wait, with a mutex let go of meanwhile, until something may have become true.
 *
 * Whoever is signalled while the mutex is taken does not wake up for that: it goes to the end
 * of the mutex's queue. So a broadcast to many wakes them one after the other.
 */
#ifndef PUDU_CONDITION_H
#define PUDU_CONDITION_H

#include <stdatomic.h>
#include <stdint.h>

#include <pudu/mutex.h>
#include <pudu/robust.h>

struct pudu_condition {
	_Atomic uintptr_t queue; /* see user/lib/sync/queue.h */
};

#define PUDU_CONDITION                                                                             \
	{                                                                                          \
		0                                                                                  \
	}

/*
 * Let go of the mutex and wait for a signal, in one step: a signal that comes after the caller had
 * the mutex is not missed. Then take the mutex again. Wakes only for a signal, but another
 * thread may have made the condition false again: look again.
 * Arguments:
 *   mutex   the caller has it. All that wait at the same time use the same one.
 */
void pudu_condition_wait(struct pudu_condition *condition, struct pudu_mutex *mutex);

/*
 * The same until a deadline.
 * Result: PUDU_OK if signalled, PUDU_ERR_DEADLINE if not. The caller has the mutex in both cases,
 * and waits for that beyond the deadline.
 */
int64_t pudu_condition_wait_until(struct pudu_condition *condition, struct pudu_mutex *mutex,
				  uint64_t deadline);

/*
 * The same with a robust mutex, which the caller has; a thread that ends while it waits here leaves
 * the condition broken nevertheless.
 * Result: PUDU_OK or PUDU_ERR_DEADLINE, if taking the mutex again answered PUDU_OK; else what that
 * answered: PUDU_ERR_DEAD (the caller has it), PUDU_ERR_STATE (it does not). PUDU_ERR_RIGHT at once
 * if the caller does not have the mutex.
 */
int64_t pudu_condition_wait_robust(struct pudu_condition *condition, struct pudu_robust *robust,
				   uint64_t deadline);

/* Signal the one that waits longest, if one waits. With or without the mutex. */
void pudu_condition_signal(struct pudu_condition *condition);

/* Signal all that wait now. With or without the mutex. */
void pudu_condition_broadcast(struct pudu_condition *condition);

#endif
