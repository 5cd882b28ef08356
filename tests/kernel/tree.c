/* SPDX-License-Identifier: MIT */
/*
 * tree.c - trees of address spaces end, in every way and while they run: when vas_destroy has
 * answered, every page of their budgets is back.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pudu/spawn.h>

#include "check.h"
#include "raw.h"

#define RW	 (PUDU_R | PUDU_W)
#define SLOT(i)	 TEST_HANDLE(i)
#define CHILDREN 64 /* of a wide tree, */
#define EACH	 2  /* executors of each child */
#define LITTLE	 24 /* pages: the budget of one of them */
#define BUDGET	 8000
#define LEVEL	 160 /* pages that a level of the chain keeps */
#define ROUNDS	 ((unsigned)check_argument("rounds", 4))

/* What a tree tells the one who made it, in memory that all of it shares. */
struct report {
	_Atomic uint32_t levels;     /* programs of the chain that have started */
	_Atomic int32_t last_status; /* what the deepest was answered */
	_Atomic uint32_t built;	     /* 1: all is there */
	_Atomic uint64_t work;	     /* that the executors do */
};

static struct report *report;

/* A child of this address space with one page and executors there that never wait. */
static void make_child(uint64_t vas, uint64_t executors, void (*code)(void))
{
	CHECK_OK(pudu_vas_create(vas, LITTLE, 'w', 0));
	CHECK_OK(pudu_map(vas, (uint64_t)raw_page, PUDU_PAGE_SIZE, PUDU_OWN_VAS, (uint64_t)raw_page,
			  PUDU_R | PUDU_X | PUDU_MAP_SHARE));
	CHECK_OK(pudu_map(vas, TEST_MEMORY, PUDU_PAGE_SIZE, 0, 0, RW | PUDU_MAP_FRESH));
	for (unsigned i = 0; i < EACH; i++) {
		uint64_t slot = executors + i * PUDU_PAGE_SIZE;

		CHECK_OK(pudu_executor_create(slot, vas, 0, (uint64_t)code, 0, TEST_MEMORY));
		CHECK_OK(pudu_executor_start(slot));
	}
}

static void make_wide(void (*code)(void))
{
	for (unsigned i = 0; i < CHILDREN; i++)
		make_child(SLOT(i), SLOT(CHILDREN + EACH * i), code);
}

static void share_handle(uint64_t vas, uint64_t slot, uint64_t handle)
{
	CHECK_OK(pudu_map(vas, slot, PUDU_PAGE_SIZE, PUDU_OWN_VAS, handle, RW | PUDU_MAP_SHARE));
}

/* Two that name each other and wait for ever; nobody else names them. */
static void make_cycle(void)
{
	for (unsigned i = 0; i < 2; i++)
		make_child(SLOT(i), SLOT(2 + EACH * i), raw_park);
	for (unsigned i = 0; i < 2; i++) {
		share_handle(SLOT(i), SLOT(10), SLOT(1 - i));
		for (unsigned e = 0; e < 2 * EACH; e++)
			share_handle(SLOT(i), SLOT(11 + e), SLOT(2 + e));
	}
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, SLOT(0), 16 * PUDU_PAGE_SIZE));
}

static int64_t spawn_role(const char *role, uint64_t budget, struct pudu_process *process)
{
	char word[16];
	char *argv[] = { "tree", word, NULL };
	struct pudu_spawn_options options = { .path = "tree",
					      .argv = argv,
					      .budget = budget,
					      .shared = report,
					      .shared_size = PUDU_PAGE_SIZE };

	snprintf(word, sizeof word, "role=%s", role);
	return pudu_spawn(&options, process);
}

/* One level: as many below it as there may be. The deepest says why it has none. */
static void make_chain(void)
{
	struct pudu_process next;
	uint64_t left = pudu_pages_left();
	int64_t status = PUDU_ERR_MEMORY;

	atomic_fetch_add(&report->levels, 1);
	if (left > LEVEL)
		status = spawn_role("chain", left - LEVEL, &next);
	if (status == PUDU_OK)
		return;
	report->last_status = (int32_t)status;
	report->built = 1;
}

/* What a program of a tree does, by its role; then it runs on until it is ended. */
_Noreturn static void play(const char *role)
{
	report = pudu_start()->shared;
	if (strcmp(role, "chain") == 0) {
		make_chain();
	} else {
		if (strcmp(role, "cycle") == 0)
			make_cycle();
		else
			make_wide(raw_count_yield);
		report->built = 1;
	}
	if (strcmp(role, "fault") == 0)
		((void (*)(void))TEST_MEMORY)(); /* nothing is there */
	if (strcmp(role, "itself") == 0)
		pudu_vas_destroy(PUDU_OWN_VAS);
	for (;;)
		pudu_yield();
}

/* Wait until what was begun has given all of the budget back. */
static void budget_settles(uint64_t expected)
{
	for (unsigned i = 0; i < 20000 && pudu_pages_left() != expected; i++)
		check_nap();
	CHECK_EQUAL(pudu_pages_left(), expected);
}

/* A tree of that role, which is all there. */
static bool grow(const char *role, struct pudu_process *process)
{
	memset(report, 0, sizeof *report);
	if (!CHECK_EQUAL(spawn_role(role, BUDGET, process), PUDU_OK)) {
		printf("    %s\n", process->error);
		return false;
	}
	while (!report->built)
		pudu_yield();
	return true;
}

/* The library's own memory and the tables of its slots are there from here on. */
static void warm_up(void)
{
	struct pudu_process process;

	report = pudu_pages_take(PUDU_PAGE_SIZE);
	if (!grow("cycle", &process))
		exit(1);
	pudu_release(&process);
	/* Its pages are free a little later. */
	for (uint64_t start = pudu_ticks(); pudu_ticks() - start < pudu_info()->timebase / 20;)
		pudu_yield();
}

/* All that vas_destroy leaves are the pages that the two handles name. */
static void destroyed_at_once(const char *role)
{
	uint64_t left = pudu_pages_left(), frames = check_frames();
	struct pudu_process process;

	for (unsigned round = 0; round < ROUNDS; round++) {
		if (!grow(role, &process))
			return;
		CHECK_OK(pudu_vas_destroy(process.vas));
		CHECK_EQUAL(check_state(process.executor) & PUDU_STATE_DEAD, PUDU_STATE_DEAD);
		EXPECT(pudu_vas_destroy(process.vas), PUDU_ERR_DEAD);
		EXPECT(pudu_vas_budget(process.vas, PUDU_BUDGET_KEEP), PUDU_ERR_DEAD);
		pudu_handle_close(process.executor);
		pudu_handle_close(process.vas);
		CHECK_EQUAL(pudu_pages_left(), left);
		check_frames_settle(frames);
	}
}

static void a_chain_as_deep_as_can_be_is_destroyed(void)
{
	destroyed_at_once("chain");
	/* init's is the first level, this program's the second. */
	CHECK_EQUAL(report->levels, PUDU_VAS_DEPTH - 2);
	CHECK_EQUAL(report->last_status, PUDU_ERR_DEPTH);
}

static void a_wide_tree_is_destroyed_while_it_runs(void)
{
	destroyed_at_once("wide");
}

static void cycles_that_wait_for_ever_go_with_their_parent(void)
{
	destroyed_at_once("cycle");
}

/* Nobody calls vas_destroy, or nobody outside. */
static void ends_by_itself(const char *role, bool faults)
{
	uint64_t left = pudu_pages_left();
	struct pudu_process process;
	struct pudu_exit end;

	for (unsigned round = 0; round < ROUNDS; round++) {
		if (!grow(role, &process))
			return;
		pudu_wait(&process, &end);
		CHECK_EQUAL(end.faulted, faults);
		pudu_handle_close(process.executor);
		pudu_handle_close(process.vas);
		budget_settles(left);
	}
}

static void a_parent_that_faults_takes_its_tree_along(void)
{
	ends_by_itself("fault", true);
}

static void who_destroys_its_own_tree_is_ended_with_it(void)
{
	ends_by_itself("itself", false);
}

static struct pudu_process victim;
static _Atomic uint32_t begun;

static int64_t destroy_victim(void *unused)
{
	(void)unused;
	begun = 1;
	return pudu_vas_destroy(victim.vas).status;
}

static void a_destroyer_that_dies_half_way_is_not_missed(void)
{
	uint64_t left = pudu_pages_left();
	struct pudu_thread_end end;
	struct pudu_thread *thread;
	unsigned half_way = 0;

	for (unsigned round = 0; round < 4 * ROUNDS; round++) {
		if (!grow("wide", &victim))
			return;
		begun = 0;
		if (!CHECK_EQUAL(pudu_thread_create(&thread, destroy_victim, NULL), PUDU_OK))
			return;
		while (!begun || pudu_vas_budget(victim.vas, PUDU_BUDGET_KEEP).status == PUDU_OK)
			pudu_yield();
		for (unsigned i = 0; i < round; i++)
			pudu_yield();
		pudu_terminate(pudu_thread_executor(thread), 77);
		pudu_thread_join(thread, &end);
		half_way += end.code == 77;
		pudu_handle_close(victim.executor);
		pudu_handle_close(victim.vas);
		budget_settles(left);
	}
	CHECK(half_way > 0);
	printf("  %u of %u destroyers died half-way\n", half_way, 4 * ROUNDS);
}

/* A handle of the same number may be anything, and a wild a6 is of no use. */
static void a_wild_progress_word_does_no_harm(void)
{
	const uint64_t destroy = 12, argument[6] = { SLOT(0) };

	CHECK_OK(pudu_vas_create(SLOT(0), LITTLE, 'p', 0));
	CHECK_EQUAL(raw_call(destroy, argument, 1).status, PUDU_ERR_HANDLE);
	CHECK_EQUAL(raw_call(destroy, argument, ~0ull).status, PUDU_ERR_HANDLE);
	CHECK_OK(pudu_vas_budget(SLOT(0), PUDU_BUDGET_KEEP));
	CHECK_OK(pudu_vas_destroy(SLOT(0)));
	CHECK_EQUAL(raw_call(destroy, argument, 1).status, PUDU_ERR_HANDLE);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, SLOT(0), PUDU_PAGE_SIZE));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_chain_as_deep_as_can_be_is_destroyed),
		CASE(a_wide_tree_is_destroyed_while_it_runs),
		CASE(cycles_that_wait_for_ever_go_with_their_parent),
		CASE(a_parent_that_faults_takes_its_tree_along),
		CASE(who_destroys_its_own_tree_is_ended_with_it),
		CASE(a_destroyer_that_dies_half_way_is_not_missed),
		CASE(a_wild_progress_word_does_no_harm),
	};

	if (argc > 1 && strncmp(argv[1], "role=", 5) == 0)
		play(argv[1] + 5);
	warm_up();
	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
