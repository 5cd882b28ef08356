/* SPDX-License-Identifier: MIT */
/*
 * recursive.c - see <pudu/mutex.h>: a lock that its owner may take again.
 *
 * Only the thread that has the mutex writes owner; so another one never reads its own handle there,
 * and relaxed order is enough.
 */
#include <pudu/mutex.h>

#include "../internal.h"

static int is_mine(struct pudu_recursive *recursive)
{
	return atomic_load_explicit(&recursive->owner, memory_order_relaxed) == pudu_self;
}

static void own(struct pudu_recursive *recursive)
{
	atomic_store_explicit(&recursive->owner, pudu_self, memory_order_relaxed);
	recursive->depth = 1;
}

int64_t pudu_recursive_lock_until(struct pudu_recursive *recursive, uint64_t deadline)
{
	int64_t status = PUDU_OK;

	if (is_mine(recursive)) {
		recursive->depth++;
		return PUDU_OK;
	}
	status = pudu_mutex_lock_until(&recursive->mutex, deadline);
	if (status == PUDU_OK)
		own(recursive);
	return status;
}

void pudu_recursive_lock(struct pudu_recursive *recursive)
{
	pudu_recursive_lock_until(recursive, PUDU_FOREVER);
}

int pudu_recursive_try(struct pudu_recursive *recursive)
{
	if (is_mine(recursive))
		recursive->depth++;
	else if (pudu_mutex_try(&recursive->mutex))
		own(recursive);
	else
		return 0;
	return 1;
}

int64_t pudu_recursive_unlock(struct pudu_recursive *recursive)
{
	if (!is_mine(recursive))
		return PUDU_ERR_RIGHT;
	if (--recursive->depth == 0) {
		atomic_store_explicit(&recursive->owner, 0, memory_order_relaxed);
		pudu_mutex_unlock(&recursive->mutex);
	}
	return PUDU_OK;
}
