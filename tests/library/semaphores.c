/* SPDX-License-Identifier: MIT */
/* semaphores.c - semaphores do what <pudu/semaphore.h> promises. */
#include <stdatomic.h>

#include <pudu/sync.h>

#include "threads.h"

#define WAITERS 4

static struct pudu_semaphore semaphore;
static unsigned order[WAITERS];
static _Atomic unsigned n_order, holders;

static int64_t wait_and_note(void *number)
{
	pudu_semaphore_wait(&semaphore);
	order[n_order++] = (unsigned)(uintptr_t)number;
	return 0;
}

static int64_t wait_for_a_moment(void *microseconds)
{
	uint64_t deadline = after((uint64_t)microseconds);
	int64_t status = pudu_semaphore_wait_until(&semaphore, deadline);

	if (status != PUDU_OK)
		CHECK(pudu_ticks() >= deadline);
	return -status;
}

static void units_are_counted(void)
{
	static struct pudu_semaphore three = PUDU_SEMAPHORE(3), full = PUDU_SEMAPHORE(0x7fffffff);

	CHECK_EQUAL(pudu_semaphore_value(&semaphore), 0);
	CHECK(!pudu_semaphore_try(&semaphore));
	CHECK_EQUAL(pudu_semaphore_value(&three), 3);
	for (unsigned i = 0; i < 2; i++)
		CHECK(pudu_semaphore_try(&three));
	pudu_semaphore_wait(&three);
	CHECK(!pudu_semaphore_try(&three));
	CHECK_EQUAL(pudu_semaphore_post(&three), PUDU_OK);
	CHECK_EQUAL(pudu_semaphore_value(&three), 1);
	CHECK_EQUAL(pudu_semaphore_wait_until(&three, 0), PUDU_OK);
	CHECK_EQUAL(pudu_semaphore_post(&full), PUDU_ERR_LENGTH);
	CHECK_EQUAL(pudu_semaphore_value(&full), PUDU_SEMAPHORE_MAX);
}

/* What if somebody takes the unit before the one that was woken comes to run? It is not there. */
static void a_unit_is_handed_to_the_one_that_waits_longest(void)
{
	struct pudu_thread *thread[WAITERS];

	n_order = 0;
	for (unsigned i = 0; i < WAITERS; i++)
		thread[i] = begin_waiter(wait_and_note, (void *)(uintptr_t)i);
	for (unsigned i = 0; i < WAITERS; i++) {
		CHECK_EQUAL(pudu_semaphore_post(&semaphore), PUDU_OK);
		CHECK(!pudu_semaphore_try(&semaphore));
		finish(thread[i]);
		CHECK_EQUAL(n_order, i + 1);
		CHECK_EQUAL(order[i], i);
	}
	CHECK_EQUAL(pudu_semaphore_value(&semaphore), 0);
}

static void a_wait_ends_at_its_deadline(void)
{
	struct pudu_thread *leaver, *thread;

	n_order = 0;
	CHECK_EQUAL(finish(begin(wait_for_a_moment, (void *)0)), -PUDU_ERR_DEADLINE);
	leaver = begin_waiter(wait_for_a_moment, (void *)LONG);
	thread = begin_waiter(wait_and_note, (void *)7);
	CHECK_EQUAL(finish(leaver), -PUDU_ERR_DEADLINE);
	CHECK_EQUAL(pudu_semaphore_post(&semaphore), PUDU_OK);
	finish(thread);
	CHECK_EQUAL(order[0], 7);
	CHECK_EQUAL(pudu_semaphore_value(&semaphore), 0);
	CHECK(!pudu_semaphore_try(&semaphore));
}

/* Two units, and threads that take and give them in all ways. */
static int64_t contend(void *number)
{
	uint32_t seed = (uint32_t)(uintptr_t)number;
	int64_t wrong = 0;

	for (unsigned round = 0; round < n_rounds();) {
		uint64_t deadline = pick(&seed, 2) ? PUDU_FOREVER : after(pick(&seed, 100));

		if (pudu_semaphore_wait_until(&semaphore, deadline) != PUDU_OK)
			continue;
		wrong += ++holders > 2;
		if (pick(&seed, 4) == 0)
			pudu_yield();
		holders--;
		wrong += pudu_semaphore_post(&semaphore) != PUDU_OK;
		round++;
	}
	return wrong;
}

static void no_unit_is_lost_or_made(void)
{
	holders = 0;
	pudu_semaphore_post(&semaphore);
	pudu_semaphore_post(&semaphore);
	run_disturbed(contend, n_threads());
	CHECK_EQUAL(pudu_semaphore_value(&semaphore), 2);
	pudu_semaphore_wait(&semaphore);
	pudu_semaphore_wait(&semaphore);
	CHECK(!pudu_semaphore_try(&semaphore));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(units_are_counted),
		CASE(a_unit_is_handed_to_the_one_that_waits_longest),
		CASE(a_wait_ends_at_its_deadline),
		CASE(no_unit_is_lost_or_made),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
