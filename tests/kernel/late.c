/* SPDX-License-Identifier: MIT */
/*
 * late.c - pages that outlive the tree of address spaces they were charged to: each goes back to
 * the first that lives, however deep it came from.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <pudu/spawn.h>

#include "check.h"

#define RW     (PUDU_R | PUDU_W)
#define LEVEL  160 /* pages that a level of the chain keeps */
#define BUDGET 8000
#define KEPT   8  /* pages at most that the library keeps once it has needed them */
#define PAGES  64 /* given to the test by the deepest */
#define TO     TEST_PAGE(0x9000)
#define OTHERS 48	       /* that die at the same time */
#define TESTER PUDU_GRANTED(0) /* the address space of the test, at every level */

/* What the chain tells the test. */
struct report {
	_Atomic uint32_t levels;   /* programs that have started */
	_Atomic uint32_t built;	   /* 1: all is there */
	_Atomic int32_t status[3]; /* of the last spawn, the pages, and that they are given */
};

static struct report *report;

/* The next level of the chain. @tester: this one's handle of the test's address space. */
static int64_t spawn_level(uint64_t tester, uint64_t budget, struct pudu_process *process)
{
	char *argv[] = { "late", "role=chain", NULL };
	struct pudu_spawn_options options = { .path = "late",
					      .argv = argv,
					      .budget = budget,
					      .shared = report,
					      .shared_size = PUDU_PAGE_SIZE,
					      .stopped = 1 };
	int64_t status = pudu_spawn(&options, process);

	if (status == PUDU_OK)
		status = pudu_process_grant(process, 0, tester, RW);
	if (status == PUDU_OK)
		status = pudu_process_start(process);
	return status;
}

/* One level: as many below it as there may be. The deepest gives pages of its own to the test. */
_Noreturn static void play(void)
{
	struct pudu_process next;

	report = pudu_start()->shared;
	atomic_fetch_add(&report->levels, 1);
	int64_t status = spawn_level(TESTER, pudu_pages_left() - LEVEL, &next);

	if (status != PUDU_OK) {
		report->status[0] = (int32_t)status;
		report->status[1] = (int32_t)pudu_map(PUDU_OWN_VAS, TO, PAGES * PUDU_PAGE_SIZE, 0,
						      0, RW | PUDU_MAP_FRESH)
					    .status;
		report->status[2] = (int32_t)pudu_map(TESTER, TO, PAGES * PUDU_PAGE_SIZE,
						      PUDU_OWN_VAS, TO, RW | PUDU_MAP_SHARE)
					    .status;
		report->built = 1;
	}
	for (;;)
		pudu_yield();
}

/* Wait until all is back, but for @kept pages at most. */
static void budget_settles(uint64_t expected, uint64_t kept)
{
	for (unsigned i = 0; i < 2000 && pudu_pages_left() + kept < expected; i++)
		check_nap();
	CHECK(pudu_pages_left() <= expected && pudu_pages_left() + kept >= expected);
}

static void pages_of_a_dead_chain_come_back(void)
{
	struct pudu_process process;
	uint64_t left, frames;

	report = pudu_pages_take(PUDU_PAGE_SIZE);
	for (unsigned round = 0; round < 3; round++) {
		/* The tables of the pages are there before and after. */
		CHECK_OK(pudu_map(PUDU_OWN_VAS, TO - PUDU_PAGE_SIZE, PUDU_PAGE_SIZE, 0, 0,
				  RW | PUDU_MAP_FRESH));
		left = pudu_pages_left();
		frames = check_frames();
		memset(report, 0, sizeof *report);
		if (!CHECK_EQUAL(spawn_level(PUDU_OWN_VAS, BUDGET, &process), PUDU_OK))
			return;
		while (!report->built)
			pudu_yield();
		CHECK_EQUAL(report->levels, PUDU_VAS_DEPTH - 2);
		CHECK_EQUAL(report->status[0], PUDU_ERR_DEPTH);
		CHECK_EQUAL(report->status[1], PUDU_OK);
		if (!CHECK_EQUAL(report->status[2], PUDU_OK))
			return;
		CHECK_OK(pudu_vas_destroy(process.vas));
		pudu_handle_close(process.executor);
		pudu_handle_close(process.vas);
		/* The pages, and what they hold: the address spaces they are charged to, all the
		 * way up. */
		CHECK(pudu_pages_left() < left - PAGES - report->levels);
		*(volatile uint64_t *)TO = 1;
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TO, PUDU_PAGE_SIZE));
		CHECK(pudu_pages_left() < left - report->levels);
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TO, PAGES * PUDU_PAGE_SIZE));
		budget_settles(left, round == 0 ? KEPT : 0);
		if (round > 0)
			check_frames_settle(frames);
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TO - PUDU_PAGE_SIZE, PUDU_PAGE_SIZE));
	}
	pudu_pages_give(report, PUDU_PAGE_SIZE);
}

/* An address space with some pages. */
static void make_one(uint64_t vas)
{
	CHECK_OK(pudu_vas_create(vas, 32, 'l', 0));
	CHECK_OK(pudu_map(vas, TEST_MEMORY, 24 * PUDU_PAGE_SIZE, 0, 0, RW | PUDU_MAP_FRESH));
}

static uint64_t ticks_of_destroy(uint64_t vas)
{
	uint64_t begun = pudu_ticks();

	CHECK_OK(pudu_vas_destroy(vas));
	return pudu_ticks() - begun;
}

/* Judged where time is counted in instructions only. */
static void who_waits_for_one_does_not_wait_for_others(void)
{
	uint64_t alone, beside;

	make_one(TEST_HANDLE(0));
	alone = ticks_of_destroy(TEST_HANDLE(0));
	for (unsigned i = 1; i <= OTHERS; i++)
		make_one(TEST_HANDLE(i));
	make_one(TEST_HANDLE(OTHERS + 1));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), (1 + OTHERS) * PUDU_PAGE_SIZE));
	beside = ticks_of_destroy(TEST_HANDLE(OTHERS + 1));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(OTHERS + 1), PUDU_PAGE_SIZE));
	printf("  destroyed in %llu ticks alone, in %llu beside %u that die\n",
	       (unsigned long long)alone, (unsigned long long)beside, OTHERS);
	if (check_argument("judge", 0))
		CHECK(beside <= 3 * alone);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(pages_of_a_dead_chain_come_back),
		CASE(who_waits_for_one_does_not_wait_for_others),
	};

	if (argc > 1 && strcmp(argv[1], "role=chain") == 0)
		play();
	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
