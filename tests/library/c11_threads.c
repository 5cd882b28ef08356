/* SPDX-License-Identifier: MIT */
/* c11_threads.c - <threads.h> does as C11 says. */
#include <threads.h>

#include "posix_check.h"

#define ROUNDS 100

static mtx_t mutex;
static cnd_t cond;
static tss_t key;
static once_flag once = ONCE_FLAG_INIT;
static int turn, ended, calls;
static thread_local int own = 5;

static int add(void *argument)
{
	return *(int *)argument + 1;
}

static int leave(void *argument)
{
	thrd_exit(*(int *)argument - 100);
}

static void threads_return_an_int(void)
{
	int argument = 41, result = 0;
	thrd_t thread;

	CHECK_EQUAL(thrd_create(&thread, add, &argument), thrd_success);
	CHECK(!thrd_equal(thread, thrd_current()));
	CHECK_EQUAL(thrd_join(thread, &result), thrd_success);
	CHECK_EQUAL(result, 42);
	CHECK_EQUAL(thrd_create(&thread, leave, &argument), thrd_success);
	CHECK_EQUAL(thrd_join(thread, &result), thrd_success);
	CHECK_EQUAL(result, -59);
	CHECK_EQUAL(thrd_create(&thread, add, &argument), thrd_success);
	CHECK_EQUAL(thrd_detach(thread), thrd_success);
	CHECK_EQUAL(thrd_join(thrd_current(), NULL), thrd_error);
}

static int try_the_mutex(void *unused)
{
	struct timespec past = { 0, 0 };
	int tried = mtx_trylock(&mutex), timed = mtx_timedlock(&mutex, &past);

	(void)unused;
	return tried == thrd_busy && timed == thrd_timedout ? 0 : 1;
}

static void mutexes_are_of_their_type(void)
{
	int result = -1;
	thrd_t thread;

	CHECK_EQUAL(mtx_init(&mutex, 77), thrd_error);
	for (int type = mtx_plain; type <= (mtx_timed | mtx_recursive); type++) {
		CHECK_EQUAL(mtx_init(&mutex, type), thrd_success);
		CHECK_EQUAL(mtx_lock(&mutex), thrd_success);
		CHECK_EQUAL(mtx_trylock(&mutex), type & mtx_recursive ? thrd_success : thrd_busy);
		CHECK_EQUAL(thrd_create(&thread, try_the_mutex, NULL), thrd_success);
		CHECK_EQUAL(thrd_join(thread, &result), thrd_success);
		CHECK_EQUAL(result, 0);
		CHECK_EQUAL(mtx_unlock(&mutex), thrd_success);
		if (type & mtx_recursive)
			CHECK_EQUAL(mtx_unlock(&mutex), thrd_success);
		mtx_destroy(&mutex);
	}
}

static int play(void *unused)
{
	mtx_lock(&mutex);
	for (int i = 0; i < ROUNDS; i++) {
		while (turn == 0)
			cnd_wait(&cond, &mutex);
		turn = 0;
		cnd_signal(&cond);
	}
	mtx_unlock(&mutex);
	return unused == NULL;
}

static void conditions_pass_the_turn(void)
{
	struct timespec past = { 0, 0 };
	thrd_t thread;
	int result = 0;

	CHECK_EQUAL(mtx_init(&mutex, mtx_plain), thrd_success);
	CHECK_EQUAL(cnd_init(&cond), thrd_success);
	CHECK_EQUAL(thrd_create(&thread, play, NULL), thrd_success);
	mtx_lock(&mutex);
	for (int i = 0; i < ROUNDS; i++) {
		while (turn == 1)
			CHECK_EQUAL(cnd_wait(&cond, &mutex), thrd_success);
		turn = 1;
		CHECK_EQUAL(cnd_broadcast(&cond), thrd_success);
	}
	mtx_unlock(&mutex);
	CHECK_EQUAL(thrd_join(thread, &result), thrd_success);
	CHECK_EQUAL(result, 1);
	mtx_lock(&mutex);
	CHECK_EQUAL(cnd_timedwait(&cond, &mutex, &past), thrd_timedout);
	mtx_unlock(&mutex);
	cnd_destroy(&cond);
	mtx_destroy(&mutex);
}

static void count_end(void *value)
{
	ended += *(int *)value;
}

static int set_own(void *value)
{
	CHECK(tss_get(key) == NULL);
	CHECK_EQUAL(own, 5);
	own = 6;
	return tss_set(key, value);
}

static void values_of_threads_have_destructors(void)
{
	int value = 3, result = -1;
	thrd_t thread;

	CHECK_EQUAL(tss_create(&key, count_end), thrd_success);
	CHECK_EQUAL(thrd_create(&thread, set_own, &value), thrd_success);
	CHECK_EQUAL(thrd_join(thread, &result), thrd_success);
	CHECK_EQUAL(result, thrd_success);
	CHECK_EQUAL(ended, 3);
	CHECK_EQUAL(own, 5);
	tss_delete(key);
}

static void count_call(void)
{
	calls++;
}

static int64_t call(void *unused)
{
	(void)unused;
	call_once(&once, count_call);
	CHECK_EQUAL(calls, 1);
	return 0;
}

static void call_once_calls_once(void)
{
	check_at_once(call);
}

static void a_sleep_is_not_too_short(void)
{
	struct timespec length = { 0, MILLISECOND }, bad = { 0, -1 };
	struct timespec end = soon(CLOCK_MONOTONIC, 1);

	CHECK_EQUAL(thrd_sleep(&length, NULL), 0);
	CHECK(has_passed(CLOCK_MONOTONIC, &end));
	CHECK(thrd_sleep(&bad, NULL) < -1);
	thrd_yield();
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(threads_return_an_int),	CASE(mutexes_are_of_their_type),
		CASE(conditions_pass_the_turn), CASE(values_of_threads_have_destructors),
		CASE(call_once_calls_once),	CASE(a_sleep_is_not_too_short),
	};

	return posix_check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
