/* SPDX-License-Identifier: MIT */
/*
 * canary.c - after unmap, protect or a move has returned, no hart reads the page, over and over,
 *with every hart going from one address space to another all the time.
 *
 *	canary [rounds=N] [others=N] [bits=N]
 *
 * others (0: nobody yields): executors of a second address space, which yield for ever. bits: of
 *address-space ids that must be in use.
 */
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>

#include "check.h"
#include "raw.h"

#define RW	    (PUDU_R | PUDU_W)
#define PAGE	    TEST_PAGE(0)
#define CANARY	    0x600dc0de
#define NEVER	    0xffffffff /* in no page: park_if never parks */
#define READERS_MAX PUDU_MAX_HARTS
#define OTHERS_MAX  16
#define VAS	    TEST_HANDLE(0)
#define OTHER(i)    TEST_HANDLE(1 + (i))

/* Rounds: the page is taken away after taken was counted up, and given after given was. */
static _Atomic uint64_t taken, given;
static _Atomic bool enough;
static uint64_t others; /* that all have to yield to */

static struct {
	alignas(64) _Atomic uint64_t read, refused, stale;
} seen[READERS_MAX];

/*
 * Let the kernel read the page, as this hart sees it: by park_if, which tells a page that can't be
 * read by an error. If no page was given from before the call until after it, it must be one.
 */
static int64_t read_page(void *argument)
{
	uint64_t i = (uint64_t)argument;

	for (uint64_t n = 0; !enough; n++) {
		uint64_t before = taken;
		int64_t status = pudu_park_if(PAGE, NEVER, PUDU_FOREVER).status;

		if (status == PUDU_ERR_VALUE && given == before)
			seen[i].stale++;
		if (status == PUDU_ERR_VALUE)
			seen[i].read++;
		else if (status == PUDU_ERR_ADDRESS)
			seen[i].refused++;
		if (n % 4 == 0 && others != 0)
			pudu_yield();
	}
	return 0;
}

static void give(uint64_t round)
{
	given = round + 1;
	CHECK_OK(pudu_map(PUDU_OWN_VAS, PAGE, PUDU_PAGE_SIZE, 0, 0, RW | PUDU_MAP_FRESH));
	*(volatile uint64_t *)PAGE = CANARY;
}

/* One of three ways. The frame gets another use at once, where it has lost its old one. */
static void take(uint64_t round)
{
	uint64_t elsewhere = TEST_PAGE(64);

	switch (round % 3) {
	case 0:
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, PAGE, PUDU_PAGE_SIZE));
		taken = round + 1;
		CHECK_OK(pudu_map(PUDU_OWN_VAS, elsewhere, PUDU_PAGE_SIZE, 0, 0,
				  RW | PUDU_MAP_FRESH));
		break;
	case 1:
		CHECK_OK(pudu_map(PUDU_OWN_VAS, elsewhere, PUDU_PAGE_SIZE, PUDU_OWN_VAS, PAGE,
				  RW | PUDU_MAP_MOVE));
		taken = round + 1;
		CHECK_EQUAL(*(volatile uint64_t *)elsewhere, CANARY);
		break;
	default:
		CHECK_OK(pudu_protect(PUDU_OWN_VAS, PAGE, PUDU_PAGE_SIZE, PUDU_X));
		taken = round + 1;
		CHECK_OK(pudu_map(PUDU_OWN_VAS, elsewhere, PUDU_PAGE_SIZE, 0, 0,
				  RW | PUDU_MAP_FRESH));
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, PAGE, PUDU_PAGE_SIZE));
	}
	*(volatile uint64_t *)elsewhere = 0xdead;
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, elsewhere, PUDU_PAGE_SIZE));
}

/* A second address space, so that harts change between two. */
static void start_others(void)
{
	CHECK_OK(pudu_vas_create(VAS, 256, 0, 0));
	CHECK_OK(pudu_map(VAS, (uint64_t)raw_page, PUDU_PAGE_SIZE, PUDU_OWN_VAS, (uint64_t)raw_page,
			  PUDU_R | PUDU_X | PUDU_MAP_SHARE));
	CHECK_OK(pudu_map(VAS, PAGE, PUDU_PAGE_SIZE, 0, 0, RW | PUDU_MAP_FRESH));
	for (uint64_t i = 0; i < others; i++) {
		CHECK_OK(pudu_executor_create(OTHER(i), VAS, pudu_thread_self(),
					      (uint64_t)raw_count_yield, 0, PAGE));
		CHECK_OK(pudu_executor_start(OTHER(i)));
	}
}

static void end_others(void)
{
	for (uint64_t i = 0; i < others; i++)
		CHECK_OK(pudu_terminate(OTHER(i), 0));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, VAS, (1 + others) * PUDU_PAGE_SIZE));
}

static void what_is_taken_away_is_never_read_again(void)
{
	unsigned readers = (unsigned)pudu_info()->harts - 1;
	uint64_t rounds = check_argument("rounds", 1000);
	uint64_t read = 0, refused = 0, stale = 0, start = pudu_ticks();
	struct pudu_thread *thread[READERS_MAX];

	if (readers == 0)
		readers = 1;
	others = check_argument("others", 2);
	others = others > OTHERS_MAX ? OTHERS_MAX : others;
	start_others();
	for (unsigned i = 0; i < readers; i++)
		CHECK_EQUAL(pudu_thread_create(&thread[i], read_page, (void *)(uintptr_t)i),
			    PUDU_OK);
	for (uint64_t round = 0; round < rounds; round++) {
		give(round);
		if (round % 16 == 0 && others != 0)
			pudu_yield();
		take(round);
		if (round % 16 == 8 && others != 0)
			pudu_yield();
	}
	/* To the end, each reader reads what is there, and is refused what is not. */
	give(rounds);
	for (unsigned i = 0; i < readers; i++)
		for (uint64_t before = seen[i].read; seen[i].read == before;)
			pudu_yield();
	take(rounds);
	for (unsigned i = 0; i < readers; i++)
		for (uint64_t before = seen[i].refused; seen[i].refused == before;)
			pudu_yield();
	enough = true;
	for (unsigned i = 0; i < readers; i++) {
		pudu_thread_join(thread[i], NULL);
		read += seen[i].read;
		refused += seen[i].refused;
		stale += seen[i].stale;
	}
	end_others();
	CHECK_EQUAL(stale, 0);
	printf("  %llu rounds in %llu ms: read %llu times, refused %llu times\n",
	       (unsigned long long)rounds,
	       (unsigned long long)((pudu_ticks() - start) / (pudu_info()->timebase / 1000)),
	       (unsigned long long)read, (unsigned long long)refused);
}

static void the_ids_in_use_are_those_asked_for(void)
{
	CHECK_EQUAL(pudu_info()->asid_bits, check_argument("bits", 16));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(the_ids_in_use_are_those_asked_for),
		CASE(what_is_taken_away_is_never_read_again),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
