/* SPDX-License-Identifier: MIT */
/* calls_call.c - call, accept, reply and reply_accept do what they promise: words, order, who is
 * answered when. */
#include "check.h"
#include "raw.h"
#include "server.h"

static uint64_t id_of_self;

static void words_go_both_ways(void)
{
	struct pudu_words out;

	if (!start_server())
		return;
	for (uint64_t i = 0; i < 100; i++) {
		out = pudu_call(server.handle, ADD, i, 2 * i, ~i, i << 60, 5);
		CHECK_EQUAL(out.status, PUDU_OK);
		CHECK_EQUAL(out.word[0], 3 * i);
		CHECK_EQUAL(out.word[1], ~i);
		CHECK_EQUAL(out.word[2], i << 60);
		CHECK_EQUAL(out.word[3], 5);
	}
	CHECK_EQUAL(server.served, 100);
	stop_server(9);
}

/* What if who calls could say who it is? */
static void the_badge_is_the_callers_id(void)
{
	struct pudu_result raw;

	if (!start_server())
		return;
	raw = check_raw(TEST_HANDLE(0), raw_end, 0);
	CHECK_OK(raw);
	pudu_call(server.handle, ADD, 1, 1, 1, 1, 1);
	id_of_self = server.last_caller;
	CHECK(id_of_self != 0 && id_of_self < raw.value);
	pudu_call(server.handle, ADD, 1, 1, 1, 1, 1);
	CHECK_EQUAL(server.last_caller, id_of_self);
	stop_server(9);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), PUDU_PAGE_SIZE));
}

static void bad_arguments_are_refused(void)
{
	static uint32_t word = 1;
	uint64_t w = (uint64_t)&word;

	EXPECT(pudu_call(0, 0, 0, 0, 0, 0, 0), PUDU_ERR_HANDLE);
	EXPECT(pudu_call(TEST_HANDLE(3), 0, 0, 0, 0, 0, 0), PUDU_ERR_HANDLE);
	EXPECT(pudu_call(PUDU_OWN_VAS, 0, 0, 0, 0, 0, 0), PUDU_ERR_KIND);
	EXPECT(pudu_call(pudu_thread_self(), 0, 0, 0, 0, 0, 0), PUDU_ERR_STATE);
	EXPECT(pudu_reply(0, 0, 0, 0, 0), PUDU_ERR_STATE);
	EXPECT(pudu_reply(TEST_HANDLE(3), 0, 0, 0, 0), PUDU_ERR_HANDLE);
	EXPECT(pudu_reply(PUDU_OWN_VAS, 0, 0, 0, 0), PUDU_ERR_KIND);
	EXPECT(pudu_reply(pudu_thread_self(), 0, 0, 0, 0), PUDU_ERR_STATE);
	EXPECT(pudu_reply_accept(0, 0, 0, 0, 0, 0, 0), PUDU_ERR_STATE);
	EXPECT(pudu_reply_accept(2, 0, 0, 0, 0, 0, 0), PUDU_ERR_ADDRESS);
	EXPECT(accept_on(w + 2, 1, PUDU_FOREVER), PUDU_ERR_ADDRESS);
	EXPECT(accept_on(PUDU_HANDLES, 1, PUDU_FOREVER), PUDU_ERR_ADDRESS);
	EXPECT(accept_on(TEST_PAGE(0), 1, PUDU_FOREVER), PUDU_ERR_ADDRESS);
	EXPECT(accept_on(w, 0, PUDU_FOREVER), PUDU_ERR_VALUE);
	EXPECT(accept_on(0, 0, 0), PUDU_ERR_DEADLINE);
	EXPECT(accept_on(w, 1, 5), PUDU_ERR_DEADLINE);
	CHECK_EQUAL(check_state(pudu_thread_self()), PUDU_STATE_OWNED);
}

static void callers_are_served_in_the_order_in_which_they_came(void)
{
	struct pudu_thread_end end;

	start_late_server(0);
	let_late_server_begin();
	for (unsigned i = 0; i < CALLERS; i++) {
		CHECK_EQUAL(server.order[i], i + 1);
		pudu_thread_join(server.caller[i], &end);
		CHECK_EQUAL(end.code, 0);
	}
}

static void kept_callers_are_answered_by_their_handles(void)
{
	struct pudu_thread *thread[3];
	struct pudu_thread_end end;

	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQUAL(
			pudu_thread_create(&thread[i], call_and_end, (void *)pudu_thread_self()),
			PUDU_OK);
		CHECK(accept_on(0, 0, PUDU_FOREVER).status > 0);
	}
	EXPECT(accept_on(0, 0, 1), PUDU_ERR_DEADLINE); /* keeps the last */
	EXPECT(pudu_reply(0, 0, 0, 0, 0), PUDU_ERR_STATE);
	for (unsigned i = 1; i < 4; i++) {
		uint64_t handle = pudu_thread_executor(thread[i % 3]);

		CHECK_EQUAL(check_state(handle), PUDU_STATE_CALLING);
		CHECK_OK(pudu_reply(handle, 0, 0, 0, 0));
		CHECK(pudu_reply(handle, 0, 0, 0, 0).status != PUDU_OK); /* once is enough */
		pudu_thread_join(thread[i % 3], &end);
		CHECK_EQUAL(end.code, PUDU_OK);
	}
}

static int64_t ring(void *handle)
{
	check_await_state((uint64_t)handle, PUDU_STATE_ACCEPTING);
	server.bell++;
	return pudu_unpark((uint64_t)handle).status;
}

static void accept_wakes_for_its_word(void)
{
	struct pudu_thread *thread;

	server.bell = 0;
	CHECK_EQUAL(pudu_thread_create(&thread, ring, (void *)pudu_thread_self()), PUDU_OK);
	EXPECT(accept_on((uint64_t)&server.bell, 0, PUDU_FOREVER), PUDU_ERR_VALUE);
	CHECK_EQUAL(server.bell, 1);
	pudu_thread_join(thread, NULL);
}

/* The same unpark, but the word is not watched: it does not end the wait. */
static void accept_without_a_word_is_not_woken_by_an_unpark(void)
{
	uint64_t until = pudu_ticks() + pudu_info()->timebase / 50;
	struct pudu_thread *thread;

	server.bell = 0;
	CHECK_EQUAL(pudu_thread_create(&thread, ring, (void *)pudu_thread_self()), PUDU_OK);
	while (server.bell == 0 || pudu_ticks() < until) {
		int64_t status = pudu_accept(0, 0, until).status;

		CHECK(status == PUDU_ERR_DEADLINE || status == PUDU_ERR_EVENT);
		if (pudu_ticks() >= until && server.bell == 0)
			until += pudu_info()->timebase / 50;
	}
	pudu_thread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(words_go_both_ways),
		CASE(the_badge_is_the_callers_id),
		CASE(bad_arguments_are_refused),
		CASE(callers_are_served_in_the_order_in_which_they_came),
		CASE(kept_callers_are_answered_by_their_handles),
		CASE(accept_wakes_for_its_word),
		CASE(accept_without_a_word_is_not_woken_by_an_unpark),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
