/* SPDX-License-Identifier: MIT */
/*
 * calls_hammer.c - callers and servers are stopped, started, ended and replaced at any point of
 * their calls: each call ends with its own answer or a named error, and all memory comes back. A
 * call that is forgotten is a hang, which the kernel's watchdog tells.
 *
 *	calls_hammer [rounds=N] [ends=N] [seed=N]
 */
#include <stdalign.h>
#include <stdio.h>

#include "calls_hammer_raw.h"
#include "check.h"

#define CALLERS	   8
#define SERVERS	   3
#define PEERS	   (CALLERS + SERVERS)
#define HANDLE(i)  TEST_HANDLE(i) /* the callers, then the servers */
#define CHILDREN   2
#define CHILD(i)   TEST_HANDLE(PEERS + (i))
#define RW	   (PUDU_R | PUDU_W)
#define TABLE_SIZE ((sizeof table + PUDU_PAGE_SIZE - 1) & ~(uint64_t)(PUDU_PAGE_SIZE - 1))

/* Given to other address spaces, at the same addresses. */
static alignas(4096) struct peer table[PEERS];
static alignas(4096) char behind_the_table[4096];

static uint64_t seed;
static unsigned stopped; /* bits: who may be */

static unsigned below(unsigned n)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(seed >> 33) % n;
}

/* A new one, in an address space; its counts go on. */
static void run(unsigned i, uint64_t vas)
{
	bool calls = i < CALLERS;
	struct peer *p = &table[i];

	p->index = i;
	p->handles = calls ? HANDLE(CALLERS) : HANDLE(0);
	p->others = calls ? SERVERS : CALLERS;
	p->wait = pudu_info()->timebase / 5000;
	CHECK_OK(pudu_executor_create(HANDLE(i), vas, pudu_thread_self(),
				      (uint64_t)(calls ? hammer_caller : hammer_server), 0,
				      (uint64_t)p));
	CHECK_OK(pudu_executor_start(HANDLE(i)));
}

static void close(unsigned i)
{
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, HANDLE(i), PUDU_PAGE_SIZE));
}

static void start_all(void)
{
	seed = check_argument("seed", 1);
	stopped = 0;
	for (unsigned i = 0; i < PEERS; i++) {
		table[i] = (struct peer){ 0 };
		run(i, PUDU_OWN_VAS);
	}
}

/* Let the others run for a moment, at random. */
static void pause(void)
{
	static const uint32_t zero;

	if (below(4) == 0)
		pudu_park_if((uint64_t)&zero, 0, pudu_ticks() + below(1000));
	else
		pudu_yield();
}

/* Callers end by themselves when their calls are over; servers are ended. */
static void end_all(unsigned first)
{
	uint64_t answered = 0, refused = 0, kept = 0;

	for (unsigned i = 0; i < PEERS; i++)
		table[i].stop = 1;
	for (unsigned i = first; i < PEERS; i++) {
		int64_t status = pudu_executor_start(HANDLE(i)).status;

		/* A caller that is not stopped may have ended by now. */
		CHECK(status == PUDU_OK || (status == PUDU_ERR_DEAD && i < CALLERS));
	}
	for (unsigned i = first; i < CALLERS; i++)
		CHECK_EQUAL(check_await_end(HANDLE(i)), 1);
	for (unsigned i = CALLERS; i < PEERS; i++) {
		CHECK_OK(pudu_terminate(HANDLE(i), 3));
		CHECK_EQUAL(check_await_end(HANDLE(i)), 3);
		kept += table[i].answered;
	}
	for (unsigned i = 0; i < PEERS; i++) {
		CHECK_EQUAL(table[i].bad, 0);
		if (i < CALLERS)
			answered += table[i].answered;
		refused += table[i].refused;
	}
	printf("  %llu calls answered, %llu of them later, by handle; %llu refused\n",
	       (unsigned long long)answered, (unsigned long long)kept, (unsigned long long)refused);
	CHECK(answered != 0);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, HANDLE(0), PEERS * PUDU_PAGE_SIZE));
}

/* One of the things that others may do to a peer. */
static void disturb(unsigned i, unsigned ends)
{
	switch (below(6)) {
	case 0:
	case 1:
		pudu_executor_stop(HANDLE(i));
		stopped |= 1u << i;
		return;
	case 2:
		pudu_unpark(HANDLE(i));
		return;
	case 3:
		if (below(8) >= ends)
			return;
		CHECK_OK(pudu_terminate(HANDLE(i), 4));
		close(i);
		run(i, PUDU_OWN_VAS);
		return;
	case 4:
		/* A server that nothing names ends when it waits. */
		if (i < CALLERS || below(8) >= ends)
			return;
		close(i);
		run(i, PUDU_OWN_VAS);
		return;
	default:
		return;
	}
}

static void play(unsigned ends)
{
	start_all();
	for (uint64_t round = 0; round < check_argument("rounds", 3000); round++) {
		disturb(below(PEERS), ends);
		if (stopped != 0 && below(2)) {
			unsigned i = below(PEERS);

			if (stopped >> i & 1)
				pudu_executor_start(HANDLE(i));
			stopped &= ~(1u << i);
		}
		pause();
	}
	end_all(0);
}

static void stops_and_starts_lose_no_call(void)
{
	play(0);
}

static void ends_of_both_sides_lose_no_call(void)
{
	play(4);
}

/* Callers 0 to 3 and server 0 stay; the others live in one of two address spaces. */
static uint64_t home(unsigned i)
{
	bool stays = i < CALLERS / 2 || i == CALLERS;

	return stays ? (uint64_t)PUDU_OWN_VAS : CHILD(i % CHILDREN);
}

static void make_child(uint64_t vas)
{
	CHECK_OK(pudu_vas_create(vas, 200, 0x6c6c6163, 0));
	CHECK_OK(pudu_map(vas, (uint64_t)hammer_page, PUDU_PAGE_SIZE, PUDU_OWN_VAS,
			  (uint64_t)hammer_page, PUDU_R | PUDU_X | PUDU_MAP_SHARE));
	CHECK_OK(pudu_map(vas, (uint64_t)table, TABLE_SIZE, PUDU_OWN_VAS, (uint64_t)table,
			  RW | PUDU_MAP_SHARE));
}

/* Each address space gets handles of all. */
static void give_handles(uint64_t vas)
{
	CHECK_OK(pudu_map(vas, HANDLE(0), PEERS * PUDU_PAGE_SIZE, PUDU_OWN_VAS, HANDLE(0),
			  PUDU_R | PUDU_MAP_SHARE));
}

/* Whole address spaces go in the middle of calls into them, out of them and between them. */
static void the_end_of_an_address_space_loses_no_call(void)
{
	seed = check_argument("seed", 1);
	for (unsigned round = 0; round < check_argument("ends", 20); round++) {
		for (unsigned i = 0; i < CHILDREN; i++)
			make_child(CHILD(i));
		for (unsigned i = 0; i < PEERS; i++) {
			table[i] = (struct peer){ 0 };
			run(i, home(i));
		}
		for (unsigned i = 0; i < CHILDREN; i++)
			give_handles(CHILD(i));
		for (unsigned n = below(60); n != 0; n--)
			pause();
		CHECK_OK(pudu_vas_destroy(CHILD(round % CHILDREN)));
		for (unsigned n = below(20); n != 0; n--)
			pause();
		CHECK_OK(pudu_vas_destroy(CHILD((round + 1) % CHILDREN)));
		for (unsigned i = 0; i < PEERS; i++)
			table[i].stop = 1;
		for (unsigned i = 0; i < PEERS; i++) {
			if (i == CALLERS)
				CHECK_OK(pudu_terminate(HANDLE(i), 3));
			int64_t code = check_await_end(HANDLE(i));

			/* One of a child may have come to its end by itself. */
			if (home(i) == (uint64_t)PUDU_OWN_VAS)
				CHECK_EQUAL(code, i == CALLERS ? 3 : 1);
			CHECK_EQUAL(table[i].bad, 0);
		}
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, HANDLE(0), (PEERS + CHILDREN) * PUDU_PAGE_SIZE));
	}
	CHECK_EQUAL(behind_the_table[0], 0);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(stops_and_starts_lose_no_call),
		CASE(ends_of_both_sides_lose_no_call),
		CASE(the_end_of_an_address_space_loses_no_call),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
