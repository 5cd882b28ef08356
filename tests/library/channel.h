/* SPDX-License-Identifier: MIT */
/*
 * channel.h - for the tests of channels: the other side, a program in an address space of its own.
 *
 * The test starts itself with the words peer ROLE; it and the peer share one area of memory.
 */
#ifndef CHANNEL_TEST_H
#define CHANNEL_TEST_H

#include <pudu/channel.h>
#include <pudu/spawn.h>

#include "check.h"

#define AREA_PAGES 16
#define AREA	   (AREA_PAGES * PUDU_PAGE_SIZE)
#define LOST	   77 /* exit code of a peer that found something wrong */

/* The shared area: what the peer is to do, then the channel. */
struct area {
	struct pudu_channel_shape shape;
	uint32_t messages, batch;
	_Atomic uint32_t stop;
	_Alignas(64) uint8_t channel[];
};

/* Message number i of a sender: its first bytes tell, the others follow from them. */
static inline void message_fill(uint8_t *message, uint32_t size, uint32_t sender, uint32_t i)
{
	for (uint32_t at = 0; at < size; at++)
		message[at] = (uint8_t)(at < 4 ? i >> 8 * at : i * 31 + sender * 7 + at);
}

static inline bool message_is(const uint8_t *message, uint32_t size, uint32_t sender, uint32_t i)
{
	for (uint32_t at = 0; at < size; at++)
		if (message[at] != (uint8_t)(at < 4 ? i >> 8 * at : i * 31 + sender * 7 + at))
			return false;
	return true;
}

/* Start a peer. It gets a handle to wake the caller. */
static inline bool peer_start(struct pudu_process *process, const char *program, const char *role,
			      struct area *area)
{
	char *argv[] = { (char *)program, (char *)"peer", (char *)role, NULL };
	struct pudu_spawn_options options = {
		.path = program, .argv = argv, .shared = area, .shared_size = AREA, .stopped = 1
	};

	return CHECK_EQUAL(pudu_spawn(&options, process), PUDU_OK);
}

/* Wait for its end; it must have ended well, or with the code. */
static inline void peer_end(struct pudu_process *process, int64_t code)
{
	struct pudu_exit end;

	pudu_wait(process, &end);
	CHECK(!end.faulted);
	CHECK_EQUAL(end.code, code);
	pudu_release(process);
}

#endif
