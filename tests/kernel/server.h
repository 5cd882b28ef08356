/* SPDX-License-Identifier: MIT */
/* server.h - servers for the tests of calls, and callers that stand in line before them. */
#ifndef SERVER_H
#define SERVER_H

#include <stdatomic.h>

#include "check.h"

#define CALLERS 5
#define ADD	1 /* requests, in m0 */
#define KEEP	2
#define QUIT	3

struct server {
	struct pudu_thread *thread;
	uint64_t handle;
	_Atomic uint64_t served, last_caller; /* calls that came; the id of the last */
	_Atomic uint32_t bell;		      /* the late one begins when it is not 0 */
	_Atomic uint64_t order[CALLERS];      /* whom the late one has served */
	_Atomic unsigned n_order;
	struct pudu_thread *caller[CALLERS];
};

extern struct server server;

/* Accept; an end that is told late is none of the answers that are looked for. */
struct pudu_words accept_on(uint64_t word, uint64_t expected, uint64_t deadline);

/* Start a server that adds, keeps callers, and quits with code 7. Result: does it accept? */
bool start_server(void);

/* End the server, with code 9, and claim that its code is this. */
void stop_server(int64_t code);

/* Start one that begins to serve when the bell rings, and CALLERS who stand in line before it. */
void start_late_server(unsigned n_order);

/* Ring the bell, and claim that it ends well. */
void let_late_server_begin(void);

/* Threads: call the server with this request; call the executor with this handle. The status. */
int64_t call_once(void *request);
int64_t call_and_end(void *handle);

#endif
