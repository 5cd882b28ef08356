/* SPDX-License-Identifier: MIT */
/* posix_time.c - clocks and sleep. */
#include <sys/time.h>
#include <unistd.h>

#include "posix_check.h"

#define SECOND 1000000000ll /* nanoseconds */

static int64_t now(clockid_t clock)
{
	struct timespec time = { -1, -1 };

	CHECK_EQUAL(clock_gettime(clock, &time), 0);
	CHECK(time.tv_nsec >= 0 && time.tv_nsec < SECOND);
	return time.tv_sec * SECOND + time.tv_nsec;
}

static void the_clock_goes_as_rdtime(void)
{
	uint64_t timebase = pudu_info()->timebase;
	uint64_t before = pudu_ticks();
	int64_t time = now(CLOCK_MONOTONIC);
	uint64_t after = pudu_ticks();

	CHECK(time >= (int64_t)((unsigned __int128)before * SECOND / timebase));
	CHECK(time <= (int64_t)((unsigned __int128)after * SECOND / timebase));
	CHECK(now(CLOCK_MONOTONIC) >= time);
}

static void unknown_clocks_are_EINVAL(void)
{
	struct timespec time = { 0, 0 };

	errno = 0;
	CHECK_EQUAL(clock_gettime(77, &time), -1);
	CHECK_EQUAL(errno, EINVAL);
	errno = 0;
	CHECK_EQUAL(clock_getres(77, &time), -1);
	CHECK_EQUAL(errno, EINVAL);
	CHECK_EQUAL(clock_nanosleep(77, 0, &time, NULL), EINVAL);
	CHECK_EQUAL(clock_getres(CLOCK_MONOTONIC, &time), 0);
	CHECK(time.tv_sec == 0 && time.tv_nsec > 0);
	CHECK_EQUAL(timespec_get(&time, 77), 0);
}

/* time() of C, beside variables of that name. */
static time_t time_of_c(void)
{
	return time(NULL);
}

static void the_time_of_day_is_what_was_set(void)
{
	struct timespec time = { 1700000000, 5 }, bad = { 0, SECOND };
	struct timeval day;
	int64_t monotonic = now(CLOCK_MONOTONIC);

	CHECK_EQUAL(clock_settime(CLOCK_MONOTONIC, &time), -1);
	CHECK_EQUAL(clock_settime(CLOCK_REALTIME, &bad), -1);
	CHECK_EQUAL(clock_settime(CLOCK_REALTIME, &time), 0);
	CHECK(now(CLOCK_REALTIME) >= 1700000000 * SECOND + 5);
	CHECK(now(CLOCK_REALTIME) < 1700000100 * SECOND);
	CHECK(now(CLOCK_MONOTONIC) < monotonic + 100 * SECOND);
	CHECK_EQUAL(gettimeofday(&day, NULL), 0);
	CHECK(day.tv_sec >= 1700000000 && day.tv_sec < 1700000100);
	CHECK(day.tv_usec >= 0 && day.tv_usec < 1000000);
	CHECK(time_of_c() >= 1700000000);
	CHECK_EQUAL(timespec_get(&time, TIME_UTC), TIME_UTC);
	CHECK(time.tv_sec >= 1700000000);
}

/* No sleep is shorter than asked. How much longer it is depends on what else runs. */
static void no_sleep_is_too_short(void)
{
	static const long lengths[] = { 0, 1, 99, 1000, 30 * 1000, 2 * MILLISECOND };

	for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		struct timespec length = { 0, lengths[i] };
		int64_t start = now(CLOCK_MONOTONIC);

		CHECK_EQUAL(nanosleep(&length, NULL), 0);
		CHECK(now(CLOCK_MONOTONIC) - start >= lengths[i]);
		start = now(CLOCK_MONOTONIC);
		CHECK_EQUAL(usleep((useconds_t)(lengths[i] / 1000)), 0);
		CHECK(now(CLOCK_MONOTONIC) - start >= lengths[i] / 1000 * 1000);
	}
}

static void a_sleep_until_a_time_ends_there(void)
{
	for (clockid_t clock = CLOCK_REALTIME; clock <= CLOCK_MONOTONIC;
	     clock += CLOCK_MONOTONIC - CLOCK_REALTIME) {
		struct timespec time = soon(clock, 3);

		CHECK_EQUAL(clock_nanosleep(clock, TIMER_ABSTIME, &time, NULL), 0);
		CHECK(has_passed(clock, &time));
		time.tv_sec = -5;
		CHECK_EQUAL(clock_nanosleep(clock, TIMER_ABSTIME, &time, NULL), 0);
	}
}

static void bad_durations_are_EINVAL(void)
{
	struct timespec bad[] = { { 0, -1 }, { 0, SECOND }, { -1, 0 } };

	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		errno = 0;
		CHECK_EQUAL(nanosleep(&bad[i], NULL), -1);
		CHECK_EQUAL(errno, EINVAL);
	}
}

static void *sleep_very_long(void *argument)
{
	struct timespec longest = { INT64_MAX, SECOND - 1 };

	worker_begin(argument);
	nanosleep(&longest, NULL);
	return NULL;
}

/* What if the sum is too large for ticks? It must not wrap and end at once. */
static void the_longest_sleep_sleeps(void)
{
	struct worker worker;

	worker_start(&worker, sleep_very_long);
	await_parked(&worker);
	CHECK_EQUAL(pthread_cancel(worker.thread), 0);
	worker_join(&worker);
}

static void the_system_tells_its_size(void)
{
	CHECK_EQUAL(sysconf(_SC_NPROCESSORS_ONLN), pudu_info()->harts);
	CHECK_EQUAL(sysconf(_SC_PAGESIZE), PUDU_PAGE_SIZE);
	CHECK_EQUAL(sysconf(_SC_THREAD_KEYS_MAX), PTHREAD_KEYS_MAX);
	errno = 0;
	CHECK_EQUAL(sysconf(-1), -1);
	CHECK_EQUAL(errno, EINVAL);
	CHECK_EQUAL(sched_get_priority_max(SCHED_OTHER), 0);
	CHECK_EQUAL(sched_get_priority_min(SCHED_OTHER), 0);
	CHECK_EQUAL(sched_get_priority_max(SCHED_RR), -1);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(the_clock_goes_as_rdtime),	       CASE(unknown_clocks_are_EINVAL),
		CASE(the_time_of_day_is_what_was_set), CASE(no_sleep_is_too_short),
		CASE(a_sleep_until_a_time_ends_there), CASE(bad_durations_are_EINVAL),
		CASE(the_longest_sleep_sleeps),	       CASE(the_system_tells_its_size),
	};

	return posix_check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
