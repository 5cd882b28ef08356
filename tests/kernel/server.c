/* SPDX-License-Identifier: MIT */
/* server.c - see server.h. */
#include "server.h"

struct server server;

struct pudu_words accept_on(uint64_t word, uint64_t expected, uint64_t deadline)
{
	struct pudu_words in;

	do
		in = pudu_accept(word, expected, deadline);
	while (in.status == PUDU_ERR_EVENT);
	return in;
}

static int64_t serve(void *argument)
{
	struct pudu_words in = pudu_accept(0, 0, PUDU_FOREVER);

	(void)argument;
	for (;;) {
		server.served++;
		if (in.status <= 0)
			return in.status;
		server.last_caller = PUDU_CALLER_ID(in.status);
		if (PUDU_CALLER_KIND(in.status) != PUDU_CALLER_CALL)
			return -1;
		if (in.word[0] == QUIT)
			return 7;
		if (in.word[0] == KEEP)
			in = pudu_accept(0, 0, PUDU_FOREVER);
		else
			in = pudu_reply_accept(0, in.word[1] + in.word[2], in.word[3], in.word[4],
					       in.word[5], PUDU_FOREVER, 0);
	}
}

bool start_server(void)
{
	server.served = 0;
	if (!CHECK_EQUAL(pudu_thread_create(&server.thread, serve, NULL), PUDU_OK))
		return false;
	server.handle = pudu_thread_executor(server.thread);
	return check_await_state(server.handle, PUDU_STATE_ACCEPTING);
}

/* End the server and claim that this was how. */
void stop_server(int64_t code)
{
	struct pudu_thread_end end;

	pudu_terminate(server.handle, 9);
	pudu_thread_join(server.thread, &end);
	CHECK_EQUAL(end.code, code);
}

int64_t call_once(void *request)
{
	return pudu_call(server.handle, (uint64_t)request, 1, 2, 3, 4, 5).status;
}

static int64_t call_in_line(void *argument)
{
	uint64_t me = (uint64_t)argument;
	struct pudu_words out = pudu_call(server.handle, ADD, me, 0, 0, 0, 0);

	return out.status == PUDU_OK && out.word[0] == me ? 0 : 1;
}

static int64_t serve_late(void *argument)
{
	struct pudu_words in;

	(void)argument;
	while (server.bell == 0)
		pudu_park_if((uint64_t)&server.bell, 0, PUDU_FOREVER);
	in = pudu_accept(0, 0, PUDU_FOREVER);
	for (;;) {
		if (in.status <= 0)
			return in.status;
		server.order[server.n_order] = in.word[1];
		if (++server.n_order == CALLERS)
			break;
		in = pudu_reply_accept(0, in.word[1], 0, 0, 0, PUDU_FOREVER, 0);
	}
	return pudu_reply(0, in.word[1], 0, 0, 0).status;
}

static void start_callers(void)
{
	for (uint64_t i = 0; i < CALLERS; i++) {
		CHECK_EQUAL(pudu_thread_create(&server.caller[i], call_in_line, (void *)(i + 1)),
			    PUDU_OK);
		check_await_state(pudu_thread_executor(server.caller[i]), PUDU_STATE_CALLING);
	}
}

int64_t call_and_end(void *handle)
{
	return pudu_call((uint64_t)handle, 1, 0, 0, 0, 0, 0).status;
}

void start_late_server(unsigned n_order)
{
	server.n_order = n_order;
	server.bell = 0;
	CHECK_EQUAL(pudu_thread_create(&server.thread, serve_late, NULL), PUDU_OK);
	server.handle = pudu_thread_executor(server.thread);
	start_callers();
}

void let_late_server_begin(void)
{
	struct pudu_thread_end end;

	server.bell = 1;
	CHECK_OK(pudu_unpark(server.handle));
	pudu_thread_join(server.thread, &end);
	CHECK_EQUAL(end.code, PUDU_OK);
}
