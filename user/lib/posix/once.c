/* SPDX-License-Identifier: MIT */
/*
 * once.c - pthread_once and call_once.
 *
 * pudu_once() has no way back if the function is left by cancellation; here the next one calls it
 * again. All share one lock and one condition: they are needed in the moment of the first call
 * only.
 */
#include "posix.h"

#include <errno.h>

enum {
	ONCE_NEW,
	ONCE_RUNS,
	ONCE_DONE,
};

static struct pudu_mutex lock = PUDU_MUTEX;
static struct pudu_condition changed = PUDU_CONDITION;

static void once_change(pthread_once_t *once, uint32_t state)
{
	pudu_mutex_lock(&lock);
	/* release: pairs with the first look of pthread_once(). */
	atomic_store_explicit(&once->pudu_state, state, memory_order_release);
	pudu_condition_broadcast(&changed);
	pudu_mutex_unlock(&lock);
}

static void once_undo(void *once)
{
	once_change(once, ONCE_NEW);
}

/* Wait while another thread runs the function. Result: is it the caller's to run? */
static bool once_take(pthread_once_t *once)
{
	bool taken = false;

	pudu_mutex_lock(&lock);
	while (atomic_load_explicit(&once->pudu_state, memory_order_relaxed) == ONCE_RUNS)
		pudu_condition_wait(&changed, &lock);
	if (atomic_load_explicit(&once->pudu_state, memory_order_relaxed) == ONCE_NEW) {
		atomic_store_explicit(&once->pudu_state, ONCE_RUNS, memory_order_relaxed);
		taken = true;
	}
	pudu_mutex_unlock(&lock);
	return taken;
}

int pthread_once(pthread_once_t *once, void (*function)(void))
{
	/* acquire: pairs with once_change(), so what the function did is seen. */
	if (atomic_load_explicit(&once->pudu_state, memory_order_acquire) == ONCE_DONE)
		return 0;
	if (!once_take(once))
		return 0;
	pthread_cleanup_push(once_undo, once);
	function();
	pthread_cleanup_pop(0);
	once_change(once, ONCE_DONE);
	return 0;
}
