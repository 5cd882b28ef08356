/* SPDX-License-Identifier: MIT */
/* rwlocks.c - reader-writer locks do what <pudu/rwlock.h> promises. */
#include <stdatomic.h>

#include <pudu/sync.h>

#include "threads.h"

static struct pudu_rwlock lock;
static _Atomic unsigned n_order;
static unsigned order[8];
static _Atomic unsigned readers, writers;

static void note(void *number)
{
	order[n_order++] = (unsigned)(uintptr_t)number;
}

static int64_t read_and_note(void *number)
{
	pudu_rwlock_read(&lock);
	note(number);
	pudu_rwlock_unlock(&lock);
	return 0;
}

static int64_t write_and_note(void *number)
{
	pudu_rwlock_write(&lock);
	note(number);
	pudu_rwlock_unlock(&lock);
	return 0;
}

static int64_t write_for_a_moment(void *microseconds)
{
	uint64_t deadline = after((uint64_t)microseconds);
	int64_t status = pudu_rwlock_write_until(&lock, deadline);

	if (status != PUDU_OK)
		CHECK(pudu_ticks() >= deadline);
	else
		pudu_rwlock_unlock(&lock);
	return -status;
}

static int64_t read_for_a_moment(void *microseconds)
{
	uint64_t deadline = after((uint64_t)microseconds);
	int64_t status = pudu_rwlock_read_until(&lock, deadline);

	if (status != PUDU_OK)
		CHECK(pudu_ticks() >= deadline);
	else
		pudu_rwlock_unlock(&lock);
	return -status;
}

static void readers_share_and_writers_do_not(void)
{
	pudu_rwlock_read(&lock);
	CHECK(pudu_rwlock_try_read(&lock));
	CHECK(!pudu_rwlock_try_write(&lock));
	CHECK_EQUAL(finish(begin(read_for_a_moment, (void *)0)), PUDU_OK);
	CHECK_EQUAL(finish(begin(write_for_a_moment, (void *)1000)), -PUDU_ERR_DEADLINE);
	pudu_rwlock_unlock(&lock);
	CHECK(!pudu_rwlock_try_write(&lock));
	pudu_rwlock_unlock(&lock);
	CHECK(pudu_rwlock_try_write(&lock));
	CHECK(!pudu_rwlock_try_write(&lock));
	CHECK(!pudu_rwlock_try_read(&lock));
	CHECK_EQUAL(finish(begin(read_for_a_moment, (void *)1000)), -PUDU_ERR_DEADLINE);
	CHECK_EQUAL(finish(begin(write_for_a_moment, (void *)0)), -PUDU_ERR_DEADLINE);
	pudu_rwlock_unlock(&lock);
	CHECK_EQUAL(lock.word, 0);
}

/* What if readers come all the time? Those that come after a writer go behind it. */
static void a_writer_is_not_starved(void)
{
	struct pudu_thread *writer, *reader, *second;

	n_order = 0;
	pudu_rwlock_read(&lock);
	writer = begin_waiter(write_and_note, (void *)1);
	CHECK(!pudu_rwlock_try_read(&lock));
	reader = begin_waiter(read_and_note, (void *)2);
	second = begin_waiter(write_and_note, (void *)3);
	CHECK_EQUAL(n_order, 0);
	pudu_rwlock_unlock(&lock);
	finish(writer);
	finish(reader);
	finish(second);
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQUAL(order[i], i + 1);
	CHECK_EQUAL(lock.word, 0);
}

static int64_t read_until_both_do(void *unused)
{
	(void)unused;
	pudu_rwlock_read(&lock);
	readers++;
	while (readers < 2)
		pudu_yield();
	pudu_rwlock_unlock(&lock);
	return 0;
}

static void readers_that_wait_are_let_in_together(void)
{
	struct pudu_thread *thread[2];

	readers = 0;
	pudu_rwlock_write(&lock);
	for (unsigned i = 0; i < 2; i++)
		thread[i] = begin_waiter(read_until_both_do, NULL);
	pudu_rwlock_unlock(&lock);
	for (unsigned i = 0; i < 2; i++)
		finish(thread[i]);
	CHECK_EQUAL(lock.word, 0);
}

/* The reader behind it need not wait for the lock to be let go of. */
static void a_writer_that_gives_up_lets_readers_pass(void)
{
	struct pudu_thread *writer, *reader;

	n_order = 0;
	pudu_rwlock_read(&lock);
	writer = begin_waiter(write_for_a_moment, (void *)LONG);
	reader = begin(read_and_note, (void *)2);
	CHECK_EQUAL(finish(writer), -PUDU_ERR_DEADLINE);
	finish(reader);
	CHECK_EQUAL(n_order, 1);
	pudu_rwlock_unlock(&lock);
	CHECK_EQUAL(lock.word, 0);
}

static int64_t contend(void *number)
{
	uint32_t seed = (uint32_t)(uintptr_t)number;
	int64_t wrong = 0;

	for (unsigned round = 0; round < n_rounds();) {
		uint64_t deadline = pick(&seed, 2) ? PUDU_FOREVER : after(pick(&seed, 100));

		if (pick(&seed, 4) == 0) {
			if (pudu_rwlock_write_until(&lock, deadline) != PUDU_OK)
				continue;
			wrong += writers++ != 0 || readers != 0;
			pudu_yield();
			wrong += --writers != 0 || readers != 0;
		} else {
			if (pudu_rwlock_read_until(&lock, deadline) != PUDU_OK)
				continue;
			readers++;
			wrong += writers != 0;
			pudu_yield();
			wrong += writers != 0;
			readers--;
		}
		pudu_rwlock_unlock(&lock);
		round++;
	}
	return wrong;
}

static void a_writer_is_alone(void)
{
	readers = writers = 0;
	run_disturbed(contend, n_threads());
	CHECK_EQUAL(lock.word, 0);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(readers_share_and_writers_do_not),
		CASE(a_writer_is_not_starved),
		CASE(readers_that_wait_are_let_in_together),
		CASE(a_writer_that_gives_up_lets_readers_pass),
		CASE(a_writer_is_alone),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
