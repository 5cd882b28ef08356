/* SPDX-License-Identifier: MIT */
/* pthread_keys.c - each thread has values of its own for keys, and their destructors are called. */
#include <limits.h>

#include "posix_check.h"

#define KEY_ROUNDS 10000

static pthread_key_t key;
static _Atomic int destroyed;
static int rounds_to_set;

static void destroy(void *value)
{
	CHECK(pthread_getspecific(key) == NULL);
	CHECK(value == &destroyed);
	if (++destroyed < rounds_to_set)
		pthread_setspecific(key, value);
}

static void *set_key(void *unused)
{
	CHECK(pthread_getspecific(key) == NULL);
	CHECK_EQUAL(pthread_setspecific(key, &destroyed), 0);
	CHECK(pthread_getspecific(key) == &destroyed);
	return unused;
}

static void run_with_key(int rounds)
{
	struct worker worker;

	rounds_to_set = rounds;
	destroyed = 0;
	worker_start(&worker, set_key);
	worker_join(&worker);
}

static void destructors_run_again_for_values_they_set(void)
{
	CHECK_EQUAL(pthread_key_create(&key, destroy), 0);
	run_with_key(0);
	CHECK_EQUAL(destroyed, 1);
	run_with_key(3);
	CHECK_EQUAL(destroyed, 3);
	/* It never ends to set it: the limit ends it. */
	run_with_key(1000);
	CHECK_EQUAL(destroyed, PTHREAD_DESTRUCTOR_ITERATIONS);
	CHECK_EQUAL(pthread_key_delete(key), 0);
}

static void a_key_that_is_made_again_starts_with_null(void)
{
	pthread_key_t again;

	CHECK_EQUAL(pthread_key_create(&key, NULL), 0);
	CHECK_EQUAL(pthread_setspecific(key, &key), 0);
	CHECK_EQUAL(pthread_key_delete(key), 0);
	CHECK_EQUAL(pthread_setspecific(key, &key), EINVAL);
	CHECK_EQUAL(pthread_key_delete(key), EINVAL);
	CHECK_EQUAL(pthread_key_create(&again, NULL), 0);
	CHECK_EQUAL(again, key);
	CHECK(pthread_getspecific(again) == NULL);
	CHECK_EQUAL(pthread_key_delete(again), 0);
}

static void keys_run_out_with_EAGAIN(void)
{
	pthread_key_t keys[PTHREAD_KEYS_MAX], one_more;

	for (unsigned i = 0; i < PTHREAD_KEYS_MAX; i++)
		CHECK_EQUAL(pthread_key_create(&keys[i], NULL), 0);
	CHECK_EQUAL(pthread_key_create(&one_more, NULL), EAGAIN);
	for (unsigned i = 0; i < PTHREAD_KEYS_MAX; i++)
		CHECK_EQUAL(pthread_key_delete(keys[i]), 0);
}

static int64_t make_and_delete_keys(void *unused)
{
	(void)unused;
	for (unsigned i = 0; i < KEY_ROUNDS; i++) {
		pthread_key_t mine[2];

		CHECK_EQUAL(pthread_key_create(&mine[0], NULL), 0);
		CHECK_EQUAL(pthread_key_create(&mine[1], NULL), 0);
		CHECK(mine[0] != mine[1]);
		CHECK_EQUAL(pthread_setspecific(mine[0], &mine[0]), 0);
		CHECK(pthread_getspecific(mine[1]) == NULL);
		CHECK_EQUAL(pthread_key_delete(mine[0]), 0);
		CHECK_EQUAL(pthread_key_delete(mine[1]), 0);
	}
	return 0;
}

static void no_two_threads_make_the_same_key(void)
{
	check_at_once(make_and_delete_keys);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(destructors_run_again_for_values_they_set),
		CASE(a_key_that_is_made_again_starts_with_null),
		CASE(keys_run_out_with_EAGAIN),
		CASE(no_two_threads_make_the_same_key),
	};

	return posix_check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
