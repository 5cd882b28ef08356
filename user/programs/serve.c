/* SPDX-License-Identifier: MIT */
/*
 * serve.c - a server in an address space of its own that is called: it counts for each caller, and
 * tells it the sum of what that one has sent.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pudu/calls.h>
#include <pudu/spawn.h>
#include <pudu/start.h>
#include <pudu/status.h>

#include "abi/executor.h"

#define CALLERS_MAX 16
#define CALLS	    5000

enum request { ADD = 1, QUIT };

/* What the server knows of one who has called: the id can't be forged, and is never used again. */
struct account {
	uint64_t id, calls, sum;
};

static struct account *account_of(uint64_t id)
{
	static struct account accounts[CALLERS_MAX];

	for (unsigned i = 0; i < CALLERS_MAX; i++) {
		if (accounts[i].id == 0)
			accounts[i].id = id;
		if (accounts[i].id == id)
			return &accounts[i];
	}
	return NULL;
}

/* The loop of a server: accept, then answer and accept the next in one call. */
static int serve(void)
{
	struct pudu_words in = pudu_accept(0, 0, PUDU_FOREVER);

	while (in.status > 0 && in.word[0] == ADD) {
		struct account *account = account_of(PUDU_CALLER_ID(in.status));

		if (account == NULL) {
			in = pudu_reply_accept(0, 0, 0, 0, 0, PUDU_FOREVER, 0);
			continue;
		}
		account->calls++;
		account->sum += in.word[1];
		in = pudu_reply_accept(0, account->sum, account->calls, 0, 0, PUDU_FOREVER, 0);
	}
	return pudu_reply(0, 0, 0, 0, 0).status != PUDU_OK;
}

/* Call the server, and check what it answers. Result: did it? */
static int call_often(uint64_t server)
{
	uint64_t sum = 0, begun = pudu_ticks();

	for (uint64_t i = 1; i <= CALLS; i++) {
		struct pudu_words out = pudu_call(server, ADD, i, 0, 0, 0, 0);

		sum += i;
		if (out.status != PUDU_OK || out.word[0] != sum || out.word[1] != i) {
			printf("serve: call %llu: %s, sum %llu\n", (unsigned long long)i,
			       pudu_status_name(out.status), (unsigned long long)out.word[0]);
			return 0;
		}
	}
	printf("serve: %d calls to another address space, sum %llu, in %llu us\n", CALLS,
	       (unsigned long long)sum,
	       (unsigned long long)pudu_microseconds(pudu_ticks() - begun));
	return 1;
}

int main(int argc, char **argv)
{
	static char name[] = "serve", option[] = "--serve";
	char *words[] = { name, option, NULL };
	struct pudu_spawn_options options = { .path = name, .argv = words };
	struct pudu_process server;
	struct pudu_exit end;
	int good;

	if (argc == 2 && strcmp(argv[1], "--serve") == 0)
		return serve();
	if (argc != 1) {
		printf("usage: serve\nStarts itself as a server, calls it %d times, and ends it.\n",
		       CALLS);
		return strcmp(argv[1], "--help") == 0 ? 0 : 2;
	}
	if (pudu_spawn(&options, &server) != PUDU_OK) {
		printf("serve: %s\n", server.error);
		return 1;
	}
	good = call_often(server.executor);
	pudu_call(server.executor, QUIT, 0, 0, 0, 0, 0);
	pudu_wait(&server, &end);
	printf("serve: the server ended with %d\n", (int)end.code);
	pudu_release(&server);
	return !good || end.code != 0;
}
