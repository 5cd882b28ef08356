/* SPDX-License-Identifier: MIT */
/* sync.c - what the library's locks cost. */
#include "bench.h"

#include <stddef.h>

#include <pudu/sync.h>
#include <pudu/thread.h>

static struct pudu_mutex mutex;
static struct pudu_condition turned_here, turned_there;
static enum { HERE, THERE, OVER } turn; /* of the mutex */

/* Wait until it is this side's turn, or over. The caller has the mutex. */
static void await_turn(struct pudu_condition *turned, unsigned side)
{
	while (turn != side && turn != OVER)
		pudu_condition_wait(turned, &mutex);
}

/* Give the turn to the other side and wait until it comes back. */
static void round_trip(void)
{
	pudu_mutex_lock(&mutex);
	turn = THERE;
	pudu_condition_signal(&turned_there);
	await_turn(&turned_here, HERE);
	pudu_mutex_unlock(&mutex);
}

static int64_t answer_thread(void *unused)
{
	(void)unused;
	pudu_mutex_lock(&mutex);
	for (;;) {
		await_turn(&turned_there, THERE);
		if (turn == OVER)
			break;
		turn = HERE;
		pudu_condition_signal(&turned_here);
	}
	pudu_mutex_unlock(&mutex);
	return 0;
}

static void bench_condition(void)
{
	struct pudu_thread *thread;

	if (pudu_thread_create(&thread, answer_thread, NULL) != PUDU_OK) {
		bench_fail("condvar_rt", "no memory for a thread");
		return;
	}
	BENCH_MEASURE(round_trip());
	bench_print("condvar_rt");
	pudu_mutex_lock(&mutex);
	turn = OVER;
	pudu_condition_signal(&turned_there);
	pudu_mutex_unlock(&mutex);
	pudu_thread_join(thread, NULL);
}

void bench_sync(void)
{
	static struct pudu_rwlock rwlock;
	static struct pudu_semaphore semaphore = PUDU_SEMAPHORE(1);

	BENCH_MEASURE(pudu_mutex_lock(&mutex); pudu_mutex_unlock(&mutex));
	bench_print("mutex_uncontended");
	BENCH_MEASURE(pudu_rwlock_read(&rwlock); pudu_rwlock_unlock(&rwlock));
	bench_print("rwlock_read_uncontended");
	BENCH_MEASURE(pudu_semaphore_wait(&semaphore); pudu_semaphore_post(&semaphore));
	bench_print("semaphore_uncontended");
	bench_condition();
}
