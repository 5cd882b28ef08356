/* SPDX-License-Identifier: MIT */
/*
 * neighbours.c - programs that use up all they can, again and again: others, inside their budgets,
 * get all that they ask for, and their share of the time.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <pudu/spawn.h>

#include "check.h"
#include "raw.h"

#define RW	   (PUDU_R | PUDU_W)
#define FRESH	   (RW | PUDU_MAP_FRESH)
#define SLOT(i)	   TEST_HANDLE(i)
#define NEIGHBOURS 3
#define KEPT	   700 /* pages that this program keeps while they use up theirs */
#define ROUNDS	   check_argument("rounds", 40)

static uint64_t used(void)
{
	return pudu_vas_budget(PUDU_OWN_VAS, PUDU_BUDGET_KEEP).value[1];
}

static struct pudu_result map(uint64_t vas, uint64_t at, uint64_t pages, uint64_t from,
			      uint64_t source, uint64_t flags)
{
	return pudu_map(vas, at, pages * PUDU_PAGE_SIZE, from, source, flags);
}

static struct pudu_result unmap(uint64_t vas, uint64_t at, uint64_t pages)
{
	return pudu_unmap(vas, at, pages * PUDU_PAGE_SIZE);
}

/* A neighbour: use up all there is, of every kind, give it back, again, for ever. */
_Noreturn static void spam(void)
{
	_Atomic uint64_t *turns = pudu_start()->shared;
	const uint64_t at[] = { TEST_MEMORY, SLOT(1 << 16), SLOT(0) };

	for (uint64_t i, kind = 0;; kind = (kind + 1) % 3) {
		for (i = 0;; i++) {
			struct pudu_result result;

			if (kind == 0) /* every address: a table for each page */
				result = map(PUDU_OWN_VAS, at[kind] + (i << 21), 1, 0, 0, FRESH);
			else if (kind == 1) /* every slot */
				result = map(PUDU_OWN_VAS, at[kind] + (i << 21) % (1 << 29), 1,
					     PUDU_OWN_VAS, PUDU_OWN_VAS, RW | PUDU_MAP_SHARE);
			else if (i % 4 == 3)
				result = pudu_vas_create(at[kind] + i * PUDU_PAGE_SIZE, 1, 'x', 0);
			else
				result = pudu_executor_create(at[kind] + i * PUDU_PAGE_SIZE,
							      PUDU_OWN_VAS, 0, (uint64_t)raw_spin,
							      0, 0);
			if (result.status != PUDU_OK)
				break;
			/* Some of them are ended again at once, others when the handle goes. */
			if (kind == 2 && i % 8 == 0)
				pudu_terminate(at[kind] + i * PUDU_PAGE_SIZE, 0);
		}
		atomic_fetch_add(turns, 1);
		pudu_unmap(PUDU_OWN_VAS, TEST_MEMORY, 1ull << 35);
		pudu_unmap(PUDU_OWN_VAS, SLOT(0), PUDU_HANDLES_END - SLOT(0));
	}
}

static _Atomic uint64_t *turns; /* that neighbours have had at their limits */

static bool spawn_neighbour(struct pudu_process *process, uint64_t budget)
{
	char *argv[] = { "neighbours", "role=spam", NULL };
	struct pudu_spawn_options options = { .path = "neighbours",
					      .argv = argv,
					      .budget = budget,
					      .shared = (void *)turns,
					      .shared_size = PUDU_PAGE_SIZE,
					      .hide_initrd = 1 };

	if (CHECK_EQUAL(pudu_spawn(&options, process), PUDU_OK))
		return true;
	printf("    %s\n", process->error);
	return false;
}

/* One of everything, all of which has to work. */
static bool work(void)
{
	bool good = CHECK_OK(map(PUDU_OWN_VAS, TEST_MEMORY, 150, 0, 0, FRESH));

	good &= CHECK_OK(pudu_vas_create(SLOT(0), 30, 'w', 0));
	good &= CHECK_OK(map(SLOT(0), TEST_MEMORY, 28, 0, 0, FRESH));
	for (unsigned i = 1; i < 30; i++)
		good &= CHECK_OK(
			pudu_executor_create(SLOT(i), SLOT(0), 0, (uint64_t)raw_end, 0, 0));
	good &= CHECK_OK(pudu_vas_destroy(SLOT(0)));
	good &= CHECK_OK(unmap(PUDU_OWN_VAS, SLOT(0), 30));
	good &= CHECK_OK(unmap(PUDU_OWN_VAS, TEST_MEMORY, 150));
	return good;
}

/* The neighbours have all but KEPT pages of the machine, and use up theirs again and again. */
static void inside_the_budget_nothing_fails_for_memory(void)
{
	struct pudu_process neighbour[NEIGHBOURS];
	uint64_t before, rounds = 0, share;

	CHECK(work());
	before = used();
	for (unsigned i = 0; i < NEIGHBOURS; i++)
		if (!spawn_neighbour(&neighbour[i], 200))
			return;
	share = (pudu_pages_left() - KEPT) / NEIGHBOURS;
	for (unsigned i = 0; i < NEIGHBOURS; i++)
		CHECK_OK(pudu_vas_budget(neighbour[i].vas, 200 + share));
	atomic_store(turns, 0);
	while (rounds < ROUNDS || atomic_load(turns) < NEIGHBOURS) {
		if (!work())
			break;
		rounds++;
	}
	printf("  %llu rounds, while others were at their limits %llu times\n",
	       (unsigned long long)rounds, (unsigned long long)atomic_load(turns));
	for (unsigned i = 0; i < NEIGHBOURS; i++)
		pudu_release(&neighbour[i]);
	CHECK_EQUAL(used(), before);
}

/* Rounds of work in a time. */
static uint64_t speed(uint64_t ticks)
{
	uint64_t start = pudu_ticks(), rounds = 0;

	while (pudu_ticks() - start < ticks) {
		work();
		rounds++;
	}
	return rounds;
}

/*
 * Two programs share a hart in turns: with a neighbour that spams all it can this one must do half
 * of what it does alone, less what is done for the neighbour in its time. Judged where time is
 * counted in instructions only.
 */
static void a_spammer_takes_its_share_and_no_more(void)
{
	uint64_t time = pudu_info()->timebase / 2, before, alone, beside;
	struct pudu_process spammer;

	CHECK(work());
	before = used();
	alone = speed(time);
	if (!spawn_neighbour(&spammer, pudu_pages_left() - KEPT))
		return;
	beside = speed(time);
	pudu_release(&spammer);
	CHECK_EQUAL(used(), before);
	printf("  rounds of work alone %llu, beside a spammer %llu (%llu percent)\n",
	       (unsigned long long)alone, (unsigned long long)beside,
	       (unsigned long long)(beside * 100 / alone));
	if (check_argument("judge", 0))
		CHECK(beside * 100 >= alone * 40);
}

/* Until the pages of what has ended before the first case are free. */
static void rest(void)
{
	for (uint64_t start = pudu_ticks(); pudu_ticks() - start < pudu_info()->timebase / 20;)
		pudu_yield();
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(inside_the_budget_nothing_fails_for_memory),
		CASE(a_spammer_takes_its_share_and_no_more),
	};

	if (argc > 1 && strcmp(argv[1], "role=spam") == 0)
		spam();
	turns = pudu_pages_take(PUDU_PAGE_SIZE);
	struct pudu_process first; /* the library's own tables are there from here on */
	if (spawn_neighbour(&first, 200))
		pudu_release(&first);
	rest();
	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
