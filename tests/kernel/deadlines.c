/* SPDX-License-Identifier: MIT */
/*
 * deadlines.c - park_if and accept wait until their deadline and no longer, whatever happens to
 * those that wait; and nobody is woken by the deadline of a wait that is over.
 */
#include "check.h"
#include "sleepers.h"

#define SLEEPERS 64
#define NEVER	 (PUDU_FOREVER - 1) /* a deadline all the same */

static void a_deadline_in_the_past_is_told_at_once(void)
{
	static uint32_t word = 5;
	uint64_t at = (uint64_t)&word, past[] = { 0, 1, pudu_ticks() - 1, pudu_ticks() };

	for (unsigned i = 0; i < sizeof past / sizeof past[0]; i++) {
		EXPECT(pudu_park_if(at, 5, past[i]), PUDU_ERR_DEADLINE);
		EXPECT(pudu_park_if(at, 4, past[i]), PUDU_ERR_VALUE);
		EXPECT(pudu_park_if(at + 1, 5, past[i]), PUDU_ERR_ADDRESS);
		EXPECT(pudu_accept(at, 5, past[i]), PUDU_ERR_DEADLINE);
		EXPECT(pudu_accept(0, 0, past[i]), PUDU_ERR_DEADLINE);
		EXPECT(pudu_accept(at, 4, past[i]), PUDU_ERR_VALUE);
	}
	CHECK_EQUAL(check_state(pudu_thread_self()), PUDU_STATE_OWNED);
}

static void no_wait_ends_before_its_deadline(void)
{
	static uint32_t word;
	int64_t status;

	for (unsigned i = 0; i < 40; i++) {
		uint64_t until = pudu_ticks() + sleepers_milliseconds(1) * i / 10;

		do
			status = i % 2 == 0 ? pudu_park_if((uint64_t)&word, 0, until).status
					    : pudu_accept(0, 0, until).status;
		while (status == PUDU_OK || status == PUDU_ERR_EVENT);
		CHECK_EQUAL(status, PUDU_ERR_DEADLINE);
		CHECK(pudu_ticks() >= until);
	}
}

/* The order in which they wait is not that of their deadlines. */
static void deadlines_end_waits_in_their_order(void)
{
	uint64_t from = pudu_ticks() + sleepers_milliseconds(30);

	order = 0;
	for (unsigned i = 0; i < SLEEPERS; i++)
		sleepers_start(i, from + sleepers_milliseconds(1) * (i * 37 % SLEEPERS));
	for (unsigned i = 0; i < SLEEPERS; i++)
		check_await_state(TEST_HANDLE(i),
				  i % 2 == 0 ? PUDU_STATE_PARKED : PUDU_STATE_ACCEPTING);
	CHECK(pudu_ticks() < from); /* or this shows nothing */
	sleepers_await(SLEEPERS);
	for (unsigned i = 0; i < SLEEPERS; i++) {
		sleepers_check_deadline(i);
		CHECK_EQUAL(sleeper[i].waits, 1); /* the wait itself said so */
		if (pudu_info()->harts == 1)
			CHECK_EQUAL(sleeper[i].place, i * 37 % SLEEPERS);
	}
	sleepers_close(SLEEPERS);
}

static void equal_deadlines_all_end_waits(void)
{
	uint64_t until = pudu_ticks() + sleepers_milliseconds(10);

	order = 0;
	for (unsigned i = 0; i < SLEEPERS; i++)
		sleepers_start(i, until);
	sleepers_await(SLEEPERS);
	for (unsigned i = 0; i < SLEEPERS; i++)
		sleepers_check_deadline(i);
	sleepers_close(SLEEPERS);
}

/* What if the deadline of a wait that an unpark has ended came for the next wait? */
static void an_unpark_takes_the_deadline_away(void)
{
	uint64_t early = pudu_ticks() + sleepers_milliseconds(20),
		 late = early + sleepers_milliseconds(20);

	order = 0;
	for (unsigned i = 0; i < SLEEPERS; i++)
		sleepers_start(i, early);
	for (unsigned i = 0; i < SLEEPERS; i++) {
		sleeper[i].deadline = late; /* read anew by the next wait */
		CHECK_OK(pudu_unpark(TEST_HANDLE(i)));
	}
	sleepers_await(SLEEPERS);
	for (unsigned i = 0; i < SLEEPERS; i++) {
		CHECK_EQUAL(sleeper[i].status, PUDU_ERR_DEADLINE);
		/* accept is begun anew with the deadline that it had */
		CHECK(sleeper[i].time >= (i % 2 == 0 && sleeper[i].waits > 1 ? late : early));
	}
	sleepers_close(SLEEPERS);
}

/* The same, and the word has changed: that is the answer. */
static void a_changed_word_comes_before_the_deadline(void)
{
	order = 0;
	for (unsigned i = 0; i < SLEEPERS; i++)
		sleepers_start(i, NEVER - i);
	for (unsigned i = 0; i < SLEEPERS; i++) {
		check_await_state(TEST_HANDLE(i),
				  i % 2 == 0 ? PUDU_STATE_PARKED : PUDU_STATE_ACCEPTING);
		sleeper[i].word = 1;
		CHECK_OK(pudu_unpark(TEST_HANDLE(i)));
	}
	sleepers_await(SLEEPERS);
	for (unsigned i = 0; i < SLEEPERS; i++)
		CHECK_EQUAL(sleeper[i].status, i % 2 == 0 ? PUDU_OK : PUDU_ERR_VALUE);
	sleepers_close(SLEEPERS);
}

/* The time comes while it is stopped: it is told when it is started. */
static void a_stopped_one_is_told_later(void)
{
	uint64_t until = pudu_ticks() + sleepers_milliseconds(10);

	order = 0;
	for (unsigned i = 0; i < 2; i++) {
		sleepers_start(i, until);
		check_await_state(TEST_HANDLE(i),
				  i % 2 == 0 ? PUDU_STATE_PARKED : PUDU_STATE_ACCEPTING);
		CHECK_OK(pudu_executor_stop(TEST_HANDLE(i)));
	}
	sleepers_sleep_until(until);
	for (unsigned i = 0; i < 2; i++)
		CHECK(check_await_state(TEST_HANDLE(i), PUDU_STATE_STOPPED));
	CHECK_EQUAL(order, 0);
	for (unsigned i = 0; i < 2; i++)
		CHECK_OK(pudu_executor_start(TEST_HANDLE(i)));
	sleepers_await(2);
	sleepers_check_deadline(0);
	sleepers_check_deadline(1);
	sleepers_close(2);
}

/* What if one that ends stayed in the heap, or took others out with it? */
static void the_end_takes_a_deadline_along(void)
{
	uint64_t until = pudu_ticks() + sleepers_milliseconds(30);

	order = 0;
	for (unsigned i = 0; i < SLEEPERS; i++)
		sleepers_start(i, until + i % 7 * sleepers_milliseconds(1));
	for (unsigned i = 0; i < SLEEPERS; i++)
		check_await_state(TEST_HANDLE(i),
				  i % 2 == 0 ? PUDU_STATE_PARKED : PUDU_STATE_ACCEPTING);
	for (unsigned i = 0; i < SLEEPERS; i += 3)
		CHECK_OK(pudu_terminate(TEST_HANDLE(i), 9));
	for (unsigned i = 0; i < SLEEPERS; i += 3)
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(i), PUDU_PAGE_SIZE));
	sleepers_await(SLEEPERS - (SLEEPERS + 2) / 3);
	for (unsigned i = 0; i < SLEEPERS; i++)
		if (i % 3 != 0)
			sleepers_check_deadline(i);
	sleepers_close(SLEEPERS);
}

/* Without a handle it goes on at its deadline; but if it is stopped, nobody can start it. */
static void one_that_nothing_names_goes_on_at_its_deadline_or_ends(void)
{
	uint64_t frames = check_frames();

	order = 0;
	for (unsigned i = 0; i < 4; i++) {
		sleepers_start(i, i < 2 ? pudu_ticks() + sleepers_milliseconds(20) : NEVER);
		check_await_state(TEST_HANDLE(i),
				  i % 2 == 0 ? PUDU_STATE_PARKED : PUDU_STATE_ACCEPTING);
	}
	CHECK_OK(pudu_executor_stop(TEST_HANDLE(2)));
	CHECK_OK(pudu_executor_stop(TEST_HANDLE(3)));
	sleepers_close(4);
	sleepers_await(2);
	sleepers_check_deadline(0);
	sleepers_check_deadline(1);
	check_frames_settle(frames);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_deadline_in_the_past_is_told_at_once),
		CASE(no_wait_ends_before_its_deadline),
		CASE(deadlines_end_waits_in_their_order),
		CASE(equal_deadlines_all_end_waits),
		CASE(an_unpark_takes_the_deadline_away),
		CASE(a_changed_word_comes_before_the_deadline),
		CASE(a_stopped_one_is_told_later),
		CASE(the_end_takes_a_deadline_along),
		CASE(one_that_nothing_names_goes_on_at_its_deadline_or_ends),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
