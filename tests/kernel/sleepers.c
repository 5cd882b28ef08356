/* SPDX-License-Identifier: MIT */
/* sleepers.c - see sleepers.h. */
#include "sleepers.h"

#include "check.h"

struct sleeper sleeper[SLEEPERS_MAX];
_Atomic uint64_t order;

uint64_t sleepers_milliseconds(uint64_t n)
{
	return n * pudu_info()->timebase / 1000;
}

void sleepers_sleep_until(uint64_t time)
{
	static const uint32_t zero;

	while (pudu_ticks() < time)
		pudu_park_if((uint64_t)&zero, 0, time);
}

static void start(unsigned i, void (*code)(void), uint64_t deadline)
{
	struct sleeper *s = &sleeper[i];

	s->deadline = deadline;
	s->status = 1;
	s->waits = 0;
	s->order = &order;
	s->word = 0;
	CHECK_OK(check_raw(TEST_HANDLE(i), code, (uint64_t)s));
	CHECK_OK(pudu_executor_start(TEST_HANDLE(i)));
}

void sleepers_start(unsigned i, uint64_t deadline)
{
	start(i, i % 2 == 0 ? sleeper_park : sleeper_accept, deadline);
}

void sleepers_close(unsigned n)
{
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), n * PUDU_PAGE_SIZE));
}

bool sleepers_await(uint64_t n)
{
	uint64_t limit = pudu_ticks() + 20 * pudu_info()->timebase;

	while (order < n && pudu_ticks() < limit)
		sleepers_sleep_until(pudu_ticks() + sleepers_milliseconds(1));
	return CHECK_EQUAL(order, n);
}

void sleepers_check_deadline(unsigned i)
{
	const struct sleeper *s = &sleeper[i];

	CHECK_EQUAL(s->status, PUDU_ERR_DEADLINE);
	CHECK(s->time >= s->deadline);
}
