/* SPDX-License-Identifier: MIT */
/*
 * calls_hammer_raw.h - raw executors that call, and that serve, for ever. All of their code lies in
 * one page that holds nothing else, so that other address spaces can be given it.
 */
#ifndef CALLS_HAMMER_RAW_H
#define CALLS_HAMMER_RAW_H

/* Offsets in struct peer, for assembly. */
#define PEER_INDEX	  0
#define PEER_SERIAL	  8
#define PEER_ANSWERED	  16
#define PEER_REFUSED	  24
#define PEER_HANDLES	  32
#define PEER_OTHERS	  40
#define PEER_WAIT	  48
#define PEER_BAD	  56
#define PEER_STOP	  64

#define PEER_MARK	  0x77 /* the last word of each answer */

#define PEER_ERR_HANDLE	  -2
#define PEER_ERR_KIND	  -3
#define PEER_ERR_STATE	  -11
#define PEER_ERR_DEAD	  -12
#define PEER_ERR_DEADLINE -15

#ifndef __ASSEMBLER__
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"

_Static_assert(PEER_ERR_HANDLE == PUDU_ERR_HANDLE && PEER_ERR_STATE == PUDU_ERR_STATE, "status");
_Static_assert(PEER_ERR_KIND == PUDU_ERR_KIND, "status");
_Static_assert(PEER_ERR_DEAD == PUDU_ERR_DEAD && PEER_ERR_DEADLINE == PUDU_ERR_DEADLINE, "status");

struct peer {
	uint64_t index;	   /* of a caller: which handle names it */
	uint64_t serial;   /* of its last call */
	uint64_t answered; /* calls that got the right answer; of a server: callers that it kept */
	uint64_t refused;  /* calls whose callee was dead or replaced */
	uint64_t handles;  /* the first of those to call, or to answer */
	uint64_t others;   /* how many there are */
	uint64_t wait;	   /* of a server: ticks until it answers who is kept */
	uint64_t bad;	   /* what should not have been: a status, or 1 for a wrong answer */
	_Atomic uint32_t stop;
	uint32_t pad[15];
};

_Static_assert(offsetof(struct peer, serial) == PEER_SERIAL, "calls_hammer_raw.S");
_Static_assert(offsetof(struct peer, answered) == PEER_ANSWERED, "calls_hammer_raw.S");
_Static_assert(offsetof(struct peer, refused) == PEER_REFUSED, "calls_hammer_raw.S");
_Static_assert(offsetof(struct peer, handles) == PEER_HANDLES, "calls_hammer_raw.S");
_Static_assert(offsetof(struct peer, others) == PEER_OTHERS, "calls_hammer_raw.S");
_Static_assert(offsetof(struct peer, wait) == PEER_WAIT, "calls_hammer_raw.S");
_Static_assert(offsetof(struct peer, bad) == PEER_BAD, "calls_hammer_raw.S");
_Static_assert(offsetof(struct peer, stop) == PEER_STOP, "calls_hammer_raw.S");

void hammer_page(void); /* where the page starts */

/* Calls one server after the other until stop; ends with 1, or with 2 if anything was bad. */
void hammer_caller(void);

/* Serves; keeps one of eight callers, if it keeps nobody yet, until after the next or until the
 * deadline. Ends with 2 if anything was bad. */
void hammer_server(void);
#endif

#endif
