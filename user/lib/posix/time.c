/* SPDX-License-Identifier: MIT */
/*
 * time.c - clocks and sleep.
 *
 * There is one source of time, rdtime, that counts since some moment of the boot: CLOCK_MONOTONIC.
 * Nobody tells the time of day. CLOCK_REALTIME starts as the same, as if the machine had
 * been started at the start of 1970, until the program sets it, for itself.
 */
#include "posix.h"

#include <errno.h>
#include <sys/time.h>
#include <unistd.h>

#include <pudu/start.h>

#include "abi/executor.h"

#define SECOND	    1000000000 /* nanoseconds */
#define MICROSECOND 1000       /* nanoseconds */

/* CLOCK_REALTIME minus CLOCK_MONOTONIC, in nanoseconds. */
static _Atomic int64_t realtime;

/* Nanoseconds of rdtime: 292 years fit. */
static int64_t monotonic_now(void)
{
	uint64_t ticks = pudu_ticks(), timebase = pudu_info()->timebase;

	return (int64_t)(ticks / timebase * SECOND + ticks % timebase * SECOND / timebase);
}

static bool is_clock(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC;
}

static bool is_time(const struct timespec *time)
{
	return time->tv_nsec >= 0 && time->tv_nsec < SECOND;
}

/* What to add to CLOCK_MONOTONIC. */
static int64_t offset_of(clockid_t clock)
{
	if (clock != CLOCK_REALTIME)
		return 0;
	return atomic_load_explicit(&realtime, memory_order_relaxed);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
	int64_t now;

	if (!is_clock(clock)) {
		errno = EINVAL;
		return -1;
	}
	now = monotonic_now() + offset_of(clock);
	*time = (struct timespec){ now / SECOND, now % SECOND };
	return 0;
}

int clock_settime(clockid_t clock, const struct timespec *time)
{
	int64_t value;

	if (clock != CLOCK_REALTIME || !is_time(time) || time->tv_sec < 0 ||
	    __builtin_mul_overflow(time->tv_sec, (int64_t)SECOND, &value) ||
	    __builtin_add_overflow(value, time->tv_nsec, &value)) {
		errno = EINVAL;
		return -1;
	}
	atomic_store_explicit(&realtime, value - monotonic_now(), memory_order_relaxed);
	return 0;
}

int clock_getres(clockid_t clock, struct timespec *resolution)
{
	uint64_t timebase = pudu_info()->timebase;

	if (!is_clock(clock)) {
		errno = EINVAL;
		return -1;
	}
	if (resolution != NULL)
		*resolution = (struct timespec){ 0, (long)((SECOND + timebase - 1) / timebase) };
	return 0;
}

/* Nanoseconds of CLOCK_MONOTONIC as ticks, rounded up. */
static uint64_t ticks_of(uint64_t nanoseconds)
{
	uint64_t timebase = pudu_info()->timebase;

	return nanoseconds / SECOND * timebase +
	       (nanoseconds % SECOND * timebase + SECOND - 1) / SECOND;
}

int posix_deadline(clockid_t clock, const struct timespec *time, uint64_t *deadline)
{
	int64_t at;

	if (!is_clock(clock) || !is_time(time))
		return EINVAL;
	if (__builtin_mul_overflow(time->tv_sec, (int64_t)SECOND, &at) ||
	    __builtin_add_overflow(at, time->tv_nsec, &at) ||
	    __builtin_sub_overflow(at, offset_of(clock), &at))
		at = time->tv_sec < 0 ? 0 : INT64_MAX;
	*deadline = ticks_of(at < 0 ? 0 : (uint64_t)at);
	return 0;
}

/* A cancellation point. */
static void sleep_until(uint64_t deadline)
{
	struct pudu_pthread *self = posix_self();

	for (;;) {
		/* acquire: pairs with posix_wake() in pthread_cancel(). */
		uint32_t seen = atomic_load_explicit(&self->event, memory_order_acquire);

		pthread_testcancel();
		if (pudu_ticks() >= deadline)
			return;
		posix_wait(self, seen, deadline);
	}
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
		    struct timespec *remaining)
{
	uint64_t deadline, now = pudu_ticks();

	(void)remaining; /* nothing interrupts a sleep */
	if (flags & TIMER_ABSTIME) {
		if (posix_deadline(clock, time, &deadline) != 0)
			return EINVAL;
	} else {
		if (!is_clock(clock) || time->tv_sec < 0 ||
		    posix_deadline(CLOCK_MONOTONIC, time, &deadline) != 0)
			return EINVAL;
		/* One tick more: some part of the current one is over. */
		deadline += now + 1;
	}
	sleep_until(deadline);
	return 0;
}

int nanosleep(const struct timespec *time, struct timespec *remaining)
{
	int error = clock_nanosleep(CLOCK_MONOTONIC, 0, time, remaining);

	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

unsigned sleep(unsigned seconds)
{
	struct timespec time = { seconds, 0 };

	nanosleep(&time, NULL);
	return 0;
}

int usleep(useconds_t microseconds)
{
	struct timespec time = {
		(time_t)(microseconds / (SECOND / MICROSECOND)),
		(long)(microseconds % (SECOND / MICROSECOND) * MICROSECOND),
	};

	return nanosleep(&time, NULL);
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	*time = (struct timeval){ now.tv_sec, (suseconds_t)(now.tv_nsec / MICROSECOND) };
	return 0;
}

int timespec_get(struct timespec *time, int base)
{
	if (base != TIME_UTC)
		return 0;
	clock_gettime(CLOCK_REALTIME, time);
	return base;
}
