/* SPDX-License-Identifier: MIT */
/*
 * ring.h - what the members of a token ring and the program that started them share.
 *
 * A turn is a count. Member i waits until its own is one more than it was, then adds 1 to the turn
 * of the next and unparks it: its executor's handle is PUDU_GRANTED(0).
 */
#ifndef RING_H
#define RING_H

#include <stdatomic.h>
#include <stdint.h>

#define RING_MEMBERS 4

struct ring {
	_Atomic uint32_t stop;	  /* set by the starter: no further lap */
	_Atomic uint32_t ending;  /* set by member 0: pass the token on once and exit */
	_Atomic uint32_t reports; /* grows with every report; the starter waits for that */
	_Atomic uint64_t laps;	  /* at the last report */
	struct {
		_Alignas(64) _Atomic uint32_t turn;
	} member[RING_MEMBERS];
};

#endif
