/* SPDX-License-Identifier: MIT */
/* calls_end.c - what either side of a call is told when the other one ends or is stopped, and what
 * becomes of registers meanwhile. */
#include "check.h"
#include "raw.h"
#include "server.h"

/* The same line, from which those in the middle and at both ends are taken by their death. */
static void a_dead_caller_leaves_the_line(void)
{
	struct pudu_thread_end end;

	start_late_server(CALLERS - 2); /* as many as will be served */
	for (unsigned i = 0; i < CALLERS; i += 2)
		CHECK_OK(pudu_terminate(pudu_thread_executor(server.caller[i]), 5));
	for (unsigned i = 0; i < CALLERS; i += 2) {
		pudu_thread_join(server.caller[i], &end);
		CHECK_EQUAL(end.code, 5);
	}
	let_late_server_begin();
	CHECK_EQUAL(server.order[3], 2);
	CHECK_EQUAL(server.order[4], 4);
	for (unsigned i = 1; i < CALLERS; i += 2) {
		pudu_thread_join(server.caller[i], &end);
		CHECK_EQUAL(end.code, 0);
	}
}

/* All who wait for an answer are told: the one that is served, those kept, those in line. */
static void the_end_of_the_callee_is_told_to_all(void)
{
	struct pudu_thread *thread[4];
	struct pudu_thread_end end;

	if (!start_server())
		return;
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQUAL(pudu_thread_create(&thread[i], call_once, (void *)KEEP), PUDU_OK);
		check_await_state(pudu_thread_executor(thread[i]), PUDU_STATE_CALLING);
	}
	check_await_state(server.handle, PUDU_STATE_ACCEPTING);
	CHECK_OK(pudu_executor_stop(server.handle));
	CHECK_EQUAL(pudu_thread_create(&thread[3], call_once, (void *)KEEP), PUDU_OK);
	check_await_state(pudu_thread_executor(thread[3]), PUDU_STATE_CALLING);
	CHECK_EQUAL(server.served, 3);
	stop_server(9);
	for (unsigned i = 0; i < 4; i++) {
		pudu_thread_join(thread[i], &end);
		CHECK_EQUAL(end.code, PUDU_ERR_DEAD);
	}
}

static void a_call_to_a_dead_one_is_refused(void)
{
	CHECK_OK(check_raw(TEST_HANDLE(0), raw_end, 3));
	CHECK_OK(pudu_executor_start(TEST_HANDLE(0)));
	CHECK_EQUAL(check_await_end(TEST_HANDLE(0)), 3);
	EXPECT(pudu_call(TEST_HANDLE(0), 0, 0, 0, 0, 0, 0), PUDU_ERR_DEAD);
	EXPECT(pudu_call(TEST_HANDLE(0), 0, 0, 0, 0, 0, 0), PUDU_ERR_DEAD);
	CHECK_EQUAL(check_state(pudu_thread_self()), PUDU_STATE_OWNED);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), PUDU_PAGE_SIZE));
}

/* This thread serves: its caller ends while it is served. */
static void the_end_of_the_caller_is_told_by_the_reply(void)
{
	struct pudu_thread *thread;

	for (unsigned again = 0; again < 2; again++) {
		CHECK_EQUAL(pudu_thread_create(&thread, call_and_end, (void *)pudu_thread_self()),
			    PUDU_OK);
		CHECK(accept_on(0, 0, PUDU_FOREVER).status > 0);
		CHECK_EQUAL(check_state(pudu_thread_executor(thread)), PUDU_STATE_CALLING);
		pudu_terminate(pudu_thread_executor(thread), 4);
		if (again)
			pudu_thread_join(thread, NULL);
		EXPECT(pudu_reply_accept(0, 1, 2, 3, 4, PUDU_FOREVER, 0), PUDU_ERR_DEAD);
		EXPECT(pudu_reply(0, 0, 0, 0, 0), PUDU_ERR_STATE);
		if (!again) {
			EXPECT(pudu_reply(pudu_thread_executor(thread), 0, 0, 0, 0), PUDU_ERR_DEAD);
			pudu_thread_join(thread, NULL);
		}
	}
}

/* A stop is no end: whoever is stopped goes on with what came meanwhile. */
static void a_stopped_side_keeps_its_call(void)
{
	struct pudu_thread *thread;
	struct pudu_thread_end end;

	CHECK_EQUAL(pudu_thread_create(&thread, call_and_end, (void *)pudu_thread_self()), PUDU_OK);
	CHECK(accept_on(0, 0, PUDU_FOREVER).status > 0);
	CHECK_OK(pudu_executor_stop(pudu_thread_executor(thread)));
	CHECK_OK(pudu_reply(0, 0, 0, 0, 0));
	CHECK(check_await_state(pudu_thread_executor(thread), PUDU_STATE_STOPPED));
	CHECK_OK(pudu_executor_start(pudu_thread_executor(thread)));
	pudu_thread_join(thread, &end);
	CHECK_EQUAL(end.code, PUDU_OK);

	if (!start_server())
		return;
	CHECK_OK(pudu_executor_stop(server.handle));
	CHECK_EQUAL(pudu_thread_create(&thread, call_once, (void *)ADD), PUDU_OK);
	check_await_state(pudu_thread_executor(thread), PUDU_STATE_CALLING);
	check_nap();
	CHECK_EQUAL(server.served, 0);
	CHECK_OK(pudu_executor_start(server.handle));
	pudu_thread_join(thread, &end);
	CHECK_EQUAL(end.code, PUDU_OK);
	CHECK_EQUAL(server.served, 1);
	stop_server(9);
}

static void registers_of_one_that_waits_for_a_reply_are_not_written(void)
{
	struct pudu_thread *thread;
	struct pudu_thread_end end;
	uint64_t words[32];

	CHECK_EQUAL(pudu_thread_create(&thread, call_and_end, (void *)pudu_thread_self()), PUDU_OK);
	CHECK(accept_on(0, 0, PUDU_FOREVER).status > 0);
	uint64_t handle = pudu_thread_executor(thread);

	CHECK_OK(pudu_executor_regs(handle, PUDU_REGS_READ, (uint64_t)words, sizeof words));
	EXPECT(pudu_executor_regs(handle, PUDU_REGS_WRITE, (uint64_t)words, sizeof words),
	       PUDU_ERR_STATE);
	CHECK_OK(pudu_reply(0, 0, 0, 0, 0));
	pudu_thread_join(thread, &end);
	CHECK_EQUAL(end.code, PUDU_OK);
}

/* What one that accepts shows is its accept; one that is given new registers goes on with them. */
static void registers_of_one_that_accepts_may_be_replaced(void)
{
	uint64_t words[32];

	if (!start_server())
		return;
	CHECK_OK(pudu_executor_stop(server.handle));
	CHECK_OK(pudu_executor_regs(server.handle, PUDU_REGS_READ, (uint64_t)words, sizeof words));
	CHECK_EQUAL(words[17], PUDU_SYSCALL_accept);
	CHECK_EQUAL(words[10], 0);
	CHECK_EQUAL(words[12], PUDU_FOREVER);
	CHECK_EQUAL(words[13], 0);
	words[0] = (uint64_t)raw_end;
	words[10] = 21;
	CHECK_OK(pudu_executor_regs(server.handle, PUDU_REGS_WRITE, (uint64_t)words, sizeof words));
	CHECK_EQUAL(check_state(server.handle), PUDU_STATE_STOPPED);
	CHECK_OK(pudu_executor_start(server.handle));
	CHECK_EQUAL(check_await_end(server.handle), 21);
	stop_server(21);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_dead_caller_leaves_the_line),
		CASE(the_end_of_the_callee_is_told_to_all),
		CASE(a_call_to_a_dead_one_is_refused),
		CASE(the_end_of_the_caller_is_told_by_the_reply),
		CASE(a_stopped_side_keeps_its_call),
		CASE(registers_of_one_that_waits_for_a_reply_are_not_written),
		CASE(registers_of_one_that_accepts_may_be_replaced),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
