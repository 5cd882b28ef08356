/* SPDX-License-Identifier: MIT */
/*
 * ring.c - a token ring through four address spaces, and a program that crashes beside it.
 *
 * The members are programs of the initrd (ring.c of the folder above). They share one page with
 * this program, and each holds a handle to the next one's executor and nothing else of it.
 */
#include "../ring.h"

#include <stdio.h>

#include <pudu/calls.h>
#include <pudu/memory.h>
#include <pudu/spawn.h>
#include <pudu/start.h>
#include <pudu/status.h>

#include "abi/executor.h"
#include "demo.h"
#include "table.h"

#define RUN_MS	 1500 /* how long the ring turns */
#define CRASH_MS 500  /* when the other program is started */

static struct ring *ring;
static struct pudu_process members[RING_MEMBERS], crash;
static enum { CRASH_LATER, CRASH_RUNS, CRASH_OVER } crash_stage;
static uint64_t begun, crash_laps;

static uint64_t elapsed_ms(void)
{
	return pudu_microseconds(pudu_ticks() - begun) / 1000;
}

/* Start all members, and let them run once each has its handle. Result: 1 if they do. */
static int members_start(void)
{
	static const struct pudu_grant later = { 0, 0 };

	for (unsigned i = 0; i < RING_MEMBERS; i++) {
		char index[4];
		char *argv[] = { "ring", index, NULL };
		struct pudu_spawn_options options = {
			.path = "ring",
			.argv = argv,
			.grants = &later,
			.n_grants = 1,
			.shared = ring,
			.shared_size = sizeof(*ring),
			.stopped = 1,
		};

		snprintf(index, sizeof(index), "%u", i);
		if (pudu_spawn(&options, &members[i]) != PUDU_OK) {
			table_set(ROW_RING, ROW_FAILED, "%s", members[i].error);
			return 0;
		}
	}
	for (unsigned i = 0; i < RING_MEMBERS; i++)
		pudu_process_grant(&members[i], 0, members[(i + 1) % RING_MEMBERS].executor,
				   PUDU_R);
	begun = pudu_ticks();
	for (unsigned i = 0; i < RING_MEMBERS; i++)
		pudu_process_start(&members[i]);
	return 1;
}

static void crash_start(void)
{
	struct pudu_spawn_options options = { .path = "crash", .hide_initrd = 1 };

	crash_stage = CRASH_RUNS;
	crash_laps = atomic_load(&ring->laps);
	if (pudu_spawn(&options, &crash) != PUDU_OK) {
		crash_stage = CRASH_OVER;
		table_set(ROW_CRASH, ROW_FAILED, "%s", crash.error);
	}
}

static void crash_report(const struct pudu_exit *end)
{
	crash_stage = CRASH_OVER;
	table_again(); /* the kernel has logged the fault below it */
	if (end->faulted)
		table_set(ROW_CRASH, ROW_DONE, "%s at 0x%llx", pudu_fault_name(end->cause),
			  (unsigned long long)end->address);
	else
		table_set(ROW_CRASH, ROW_FAILED, "it exited with %lld", (long long)end->code);
	pudu_release(&crash);
}

/* A member that ends before it is told to is a failure. Result: 1 if one has. */
static int member_lost(void)
{
	struct pudu_exit end;

	for (unsigned i = 0; i < RING_MEMBERS; i++)
		if (pudu_process_ended(&members[i], &end)) {
			table_set(ROW_RING, ROW_FAILED, "member %u ended: %s", i,
				  end.faulted ? pudu_fault_name(end.cause) : "exit");
			return 1;
		}
	return 0;
}

/* Follow the reports of member 0 until the time is over. Result: 1 if the ring still turns. */
static int ring_follow(void)
{
	uint32_t reports = 0;
	struct pudu_exit end;

	while (elapsed_ms() < RUN_MS || crash_stage != CRASH_OVER) {
		pudu_park_if((uint64_t)&ring->reports, reports, PUDU_FOREVER);
		reports = atomic_load(&ring->reports);
		if (member_lost())
			return 0;
		if (crash_stage == CRASH_LATER && elapsed_ms() >= CRASH_MS)
			crash_start();
		if (crash_stage == CRASH_RUNS && pudu_process_ended(&crash, &end))
			crash_report(&end);
		if (crash_stage != CRASH_RUNS)
			table_set(ROW_RING, ROW_RUNS, "%llu hops",
				  (unsigned long long)atomic_load(&ring->laps) * RING_MEMBERS);
	}
	return 1;
}

static void ring_stop(void)
{
	struct pudu_exit end;
	uint64_t hops, us;
	int good = atomic_load(&ring->laps) > crash_laps;

	atomic_store(&ring->stop, 1);
	pudu_wait(&members[0], &end);
	us = pudu_microseconds(pudu_ticks() - begun);
	for (unsigned i = 0; i < RING_MEMBERS; i++) {
		pudu_wait(&members[i], &end);
		good &= !end.faulted && end.code == 0;
	}
	hops = atomic_load(&ring->laps) * RING_MEMBERS;
	table_set(ROW_RING, good ? ROW_DONE : ROW_FAILED, "%llu hops, %llu a second",
		  (unsigned long long)hops, (unsigned long long)(hops * 1000000 / (us + !us)));
}

void demo_ring(void)
{
	ring = pudu_pages_take(sizeof(*ring));
	if (ring == NULL) {
		table_set(ROW_RING, ROW_FAILED, "no memory");
		return;
	}
	table_set(ROW_RING, ROW_RUNS, "%d programs are started", RING_MEMBERS);
	if (members_start() && ring_follow())
		ring_stop();
	for (unsigned i = 0; i < RING_MEMBERS; i++)
		if (members[i].vas != 0)
			pudu_release(&members[i]);
	pudu_release(&crash);
	pudu_pages_give(ring, sizeof(*ring));
}
