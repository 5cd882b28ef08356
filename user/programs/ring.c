/* SPDX-License-Identifier: MIT */
/*
 * ring.c - ring INDEX: one member of a token ring through several address spaces. Started by demo.
 *
 * The kernel is entered to sleep and to wake the next; it knows nothing of the ring.
 */
#include "ring.h"

#include <stdio.h>
#include <stdlib.h>

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/start.h>

#include "abi/executor.h"

#define REPORTS_PER_SECOND 10

static void pass(struct ring *ring, unsigned index)
{
	atomic_fetch_add(&ring->member[(index + 1) % RING_MEMBERS].turn, 1);
	pudu_unpark(PUDU_GRANTED(0));
}

/* Wait for the token. seen: the turn before. */
static void await(struct ring *ring, unsigned index, uint32_t seen)
{
	while (atomic_load(&ring->member[index].turn) == seen)
		pudu_park_if((uint64_t)&ring->member[index].turn, seen, PUDU_FOREVER);
}

static void report(struct ring *ring, uint64_t laps)
{
	atomic_store(&ring->laps, laps);
	atomic_fetch_add(&ring->reports, 1);
	pudu_unpark(pudu_start()->parent);
}

/* Member 0 makes the token, counts the laps and ends the ring. */
static void lead(struct ring *ring)
{
	uint64_t every = pudu_info()->timebase / REPORTS_PER_SECOND, last = pudu_ticks();
	uint64_t laps = 0;

	while (!atomic_load(&ring->stop)) {
		pass(ring, 0);
		await(ring, 0, (uint32_t)laps);
		laps++;
		if (pudu_ticks() - last >= every) {
			last = pudu_ticks();
			report(ring, laps);
		}
	}
	atomic_store(&ring->ending, 1);
	report(ring, laps);
	pass(ring, 0);
}

static void follow(struct ring *ring, unsigned index)
{
	uint32_t seen = 0, ending;

	do {
		await(ring, index, seen++);
		/* Only who has the token may look: without it, the last one may be yet to come. */
		ending = atomic_load(&ring->ending);
		pass(ring, index);
	} while (!ending);
}

int main(int argc, char **argv)
{
	struct ring *ring = pudu_start()->shared;
	unsigned long index = argc == 2 ? strtoul(argv[1], NULL, 10) : RING_MEMBERS;

	if (ring == NULL || index >= RING_MEMBERS || pudu_start()->n_granted == 0) {
		printf("usage: ring INDEX\nA member of the token ring that demo starts, 0 to %d.\n",
		       RING_MEMBERS - 1);
		return 2;
	}
	if (index == 0)
		lead(ring);
	else
		follow(ring, (unsigned)index);
	return 0;
}
