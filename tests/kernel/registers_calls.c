/* SPDX-License-Identifier: MIT */
/*
 * registers_calls.c - nothing crosses from one executor to another but the words that it sent: both
 * sides of call, accept, reply, reply_accept, park_if, unpark and yield fill all registers with a
 * pattern of their own, and look for any other afterwards.
 */
#include <stdatomic.h>

#include <pudu/calls.h>

#include "check.h"
#include "registers_check.h"

#define ROUNDS	   24
#define TURNS	   6 /* each waits for a slice of one that computes */

#define WORDS(...) ((const uint64_t[7]){ __VA_ARGS__ })
#define CALL(seed, name, arguments, results)                                                       \
	registers_check_call((seed), PUDU_SYSCALL_##name, (arguments), (results))

/* What is sent: words that are in no pattern. */
static uint64_t word(uint64_t round, unsigned n)
{
	return 0x600d000000000000 + round * 0x100 + n + 1;
}

static _Atomic uint64_t ready; /* rounds that the server has begun */
static _Atomic uint32_t bell;
static struct pudu_thread *other;

#define MESSAGE(r)                                                                                 \
	WORDS(ANY, word(r, 0), word(r, 1), word(r, 2), word(r, 3), word(r, 4), word(r, 5))
#define REPLY(r) word(r, 6), word(r, 7), word(r, 8), word(r, 9)

/* Accept, then reply, for so many rounds. */
static int64_t accept_and_reply(void *argument)
{
	(void)argument;
	for (uint64_t r = 0; r < ROUNDS; r++) {
		ready = r + 1;
		CALL(1000 + r, accept, WORDS(0, 0, PUDU_FOREVER), MESSAGE(r));
		CALL(2000 + r, reply, WORDS(0, REPLY(r)), WORDS(0));
	}
	return 1;
}

/* Both by one call. */
static int64_t reply_and_accept(void *argument)
{
	(void)argument;
	ready = 1;
	CALL(1000, accept, WORDS(0, 0, PUDU_FOREVER), MESSAGE(0));
	for (uint64_t r = 1; r < ROUNDS; r++) {
		ready = r + 1;
		CALL(2000 + r, reply_accept, WORDS(0, REPLY(r - 1), PUDU_FOREVER, 0), MESSAGE(r));
	}
	CALL(3000, reply, WORDS(0, REPLY(ROUNDS - 1)), WORDS(0));
	return 1;
}

/* Call the server; in some rounds when it waits, in some when it does not. */
static void call_server(int64_t (*server)(void *))
{
	struct pudu_thread_end end;

	ready = 0;
	CHECK_EQUAL(pudu_thread_create(&other, server, NULL), PUDU_OK);
	for (uint64_t r = 0; r < ROUNDS; r++) {
		if (r % 4 == 0)
			check_await_state(pudu_thread_executor(other), PUDU_STATE_ACCEPTING);
		if (r % 4 == 1)
			CHECK_OK(pudu_executor_stop(pudu_thread_executor(other)));
		if (r % 4 == 1)
			CHECK_OK(pudu_executor_start(pudu_thread_executor(other)));
		CALL(4000 + r, call,
		     WORDS(pudu_thread_executor(other), word(r, 0), word(r, 1), word(r, 2),
			   word(r, 3), word(r, 4), word(r, 5)),
		     WORDS(0, REPLY(r)));
	}
	pudu_thread_join(other, &end);
	CHECK_EQUAL(end.code, 1);
}

static void nothing_crosses_a_call_but_its_words(void)
{
	call_server(accept_and_reply);
}

static void nothing_crosses_reply_accept_but_its_words(void)
{
	call_server(reply_and_accept);
}

static int64_t call_both(void *argument)
{
	(void)argument;
	call_server(accept_and_reply);
	call_server(reply_and_accept);
	return 1;
}

/* Executors that have never used floating point: the short ways go from one to the other. */
static void nothing_crosses_a_call_without_floating_point(void)
{
	struct pudu_thread *client;
	struct pudu_thread_end end;

	registers_with_fp = false;
	CHECK_EQUAL(pudu_thread_create(&client, call_both, NULL), PUDU_OK);
	pudu_thread_join(client, &end);
	CHECK_EQUAL(end.code, 1);
	registers_with_fp = true;
}

/* Callers that stand in line: their words are taken from them when they are accepted. */
static struct pudu_thread *in_line[3];

static int64_t stand_in_line(void *argument)
{
	uint64_t r = (uint64_t)argument;

	CALL(5000 + r, call,
	     WORDS(pudu_thread_executor(other), word(r, 0), word(r, 1), word(r, 2), word(r, 3),
		   word(r, 4), word(r, 5)),
	     WORDS(0, REPLY(r)));
	return 1;
}

static int64_t serve_the_line(void *argument)
{
	(void)argument;
	while (bell == 0)
		pudu_park_if((uint64_t)&bell, 0, PUDU_FOREVER);
	CALL(6000, accept, WORDS(0, 0, PUDU_FOREVER), MESSAGE(0));
	CALL(6001, reply_accept, WORDS(0, REPLY(0), PUDU_FOREVER, 0), MESSAGE(1));
	CALL(6002, accept, WORDS(0, 0, PUDU_FOREVER), MESSAGE(2)); /* the one before is kept */
	CALL(6003, reply, WORDS(pudu_thread_executor(in_line[1]), REPLY(1)), WORDS(0));
	CALL(6004, reply, WORDS(0, REPLY(2)), WORDS(0));
	return 1;
}

static void nothing_crosses_a_line_of_callers(void)
{
	struct pudu_thread_end end;

	bell = 0;
	CHECK_EQUAL(pudu_thread_create(&other, serve_the_line, NULL), PUDU_OK);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQUAL(pudu_thread_create(&in_line[i], stand_in_line, (void *)(uintptr_t)i),
			    PUDU_OK);
		check_await_state(pudu_thread_executor(in_line[i]), PUDU_STATE_CALLING);
	}
	bell = 1;
	pudu_unpark(pudu_thread_executor(other));
	pudu_thread_join(other, &end);
	CHECK_EQUAL(end.code, 1);
	for (unsigned i = 0; i < 3; i++) {
		pudu_thread_join(in_line[i], &end);
		CHECK_EQUAL(end.code, 1);
	}
}

/* Two that park, wake each other and yield, with another one that only computes. */
static _Atomic uint32_t turn;

static int64_t take_turns(void *argument)
{
	uint64_t handle = (uint64_t)argument;

	for (uint32_t r = 0; r < TURNS; r++) {
		while (turn != 2 * r + 1)
			registers_check_call(7000 + r, PUDU_SYSCALL_park_if,
					     WORDS((uint64_t)&turn, 2 * r, PUDU_FOREVER),
					     WORDS(ANY));
		turn++;
		CALL(7100 + r, unpark, WORDS(handle), WORDS(0));
		CALL(7200 + r, yield, WORDS(0), WORDS(0));
	}
	return 1;
}

static void nothing_crosses_a_wake_up(void)
{
	static struct registers spin;
	struct pudu_thread_end end;
	uint32_t zero = 0;

	turn = 0;
	registers_fill(&spin, 99);
	CHECK_OK(pudu_executor_create(TEST_HANDLE(0), PUDU_OWN_VAS, 0, (uint64_t)registers_spin, 0,
				      (uint64_t)&spin));
	CHECK_OK(pudu_executor_start(TEST_HANDLE(0)));
	CHECK_EQUAL(pudu_thread_create(&other, take_turns, (void *)pudu_thread_self()), PUDU_OK);
	for (uint32_t r = 0; r < TURNS; r++) {
		while (turn != 2 * r)
			registers_check_call(8000 + r, PUDU_SYSCALL_park_if,
					     WORDS((uint64_t)&turn, 2 * r - 1, PUDU_FOREVER),
					     WORDS(ANY));
		turn++;
		CALL(8100 + r, unpark, WORDS(pudu_thread_executor(other)), WORDS(0));
		CALL(8200 + r, yield, WORDS(0), WORDS(0));
		registers_check_call(
			8300 + r, PUDU_SYSCALL_park_if,
			WORDS((uint64_t)&zero, 0, pudu_ticks() + pudu_info()->timebase / 5000),
			WORDS(ANY));
		registers_check_call(8400 + r, PUDU_SYSCALL_accept,
				     WORDS(0, 0, pudu_ticks() + pudu_info()->timebase / 5000),
				     WORDS(ANY));
	}
	pudu_thread_join(other, &end);
	CHECK_EQUAL(end.code, 1);
	CHECK_OK(pudu_terminate(TEST_HANDLE(0), 0));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), PUDU_PAGE_SIZE));
}

/* What if a caller whose callee ended found the callee's registers in its own? */
static int64_t accept_and_end(void *argument)
{
	(void)argument;
	CALL(9000, accept, WORDS(0, 0, PUDU_FOREVER), MESSAGE(0));
	return 1;
}

static void nothing_crosses_the_end_of_the_callee(void)
{
	struct pudu_thread_end end;

	CHECK_EQUAL(pudu_thread_create(&other, accept_and_end, NULL), PUDU_OK);
	check_await_state(pudu_thread_executor(other), PUDU_STATE_ACCEPTING);
	for (unsigned i = 0; i < 2; i++)
		CALL(9100 + i, call,
		     WORDS(pudu_thread_executor(other), word(0, 0), word(0, 1), word(0, 2),
			   word(0, 3), word(0, 4), word(0, 5)),
		     WORDS((uint64_t)PUDU_ERR_DEAD));
	pudu_thread_join(other, &end);
	CHECK_EQUAL(end.code, 1);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(nothing_crosses_a_call_but_its_words),
		CASE(nothing_crosses_a_call_without_floating_point),
		CASE(nothing_crosses_reply_accept_but_its_words),
		CASE(nothing_crosses_a_line_of_callers),
		CASE(nothing_crosses_a_wake_up),
		CASE(nothing_crosses_the_end_of_the_callee),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
