/* SPDX-License-Identifier: MIT */
/* semaphore.h - a count of units that threads take and give. */
#ifndef PUDU_SEMAPHORE_H
#define PUDU_SEMAPHORE_H

#include <stdatomic.h>
#include <stdint.h>

#include "abi/executor.h"
#include "abi/status.h"

#define PUDU_SEMAPHORE_MAX 0x7fffffff /* units */

/*
 * First come, first served: a unit that is given while threads wait belongs to the one that waits
 * longest, and nobody can take it before.
 */
struct pudu_semaphore {
	_Atomic uintptr_t word; /* see user/lib/sync/semaphore.c */
};

/* One with n units, 0 to PUDU_SEMAPHORE_MAX. All bits zero: 0 units. */
#define PUDU_SEMAPHORE(n)                                                                          \
	{                                                                                          \
		(uintptr_t)(n) << 2 | 2                                                            \
	}

/* Take a unit; waits while there is none. No system call if there is one. */
void pudu_semaphore_wait(struct pudu_semaphore *semaphore);

/* Take a unit if there is one. Result: 1 if taken, else 0. */
int pudu_semaphore_try(struct pudu_semaphore *semaphore);

/* Take a unit, or give up. Result: PUDU_OK; PUDU_ERR_DEADLINE: none taken. */
int64_t pudu_semaphore_wait_until(struct pudu_semaphore *semaphore, uint64_t deadline);

/*
 * Give a unit. The semaphore is not touched once another thread can have taken it.
 * Result: PUDU_OK; PUDU_ERR_LENGTH if there are PUDU_SEMAPHORE_MAX already: nothing is changed.
 */
int64_t pudu_semaphore_post(struct pudu_semaphore *semaphore);

/* The units that nobody has taken; of the past, as soon as it is known. */
uint32_t pudu_semaphore_value(const struct pudu_semaphore *semaphore);

#endif
