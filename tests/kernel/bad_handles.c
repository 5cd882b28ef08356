/* SPDX-License-Identifier: MIT */
/*
 * bad_handles.c - every handle of every call: what is no handle, names nothing, names something
 * else or lacks the right is refused by name, and nothing changes.
 */
#include <stdio.h>
#include <string.h>

#include <pudu/status.h>

#include "check.h"
#include "raw.h"

enum kind { EXECUTOR, VAS, ROOT };

/* Objects that the calls may not touch, with all rights, with R alone, and a slot that is empty. */
#define E_RW   TEST_HANDLE(0)
#define E_R    TEST_HANDLE(1)
#define V_RW   TEST_HANDLE(2)
#define V_R    TEST_HANDLE(3)
#define EMPTY  TEST_HANDLE(5)
#define PAGE   TEST_PAGE(0)
#define NEXT   TEST_PAGE(1)
#define RW     (PUDU_R | PUDU_W)

#define BUDGET 256 /* pages of V_RW */

static uint64_t registers[33];

/* A handle argument of a call whose other arguments are all right. */
struct place {
	const char *name;
	uint64_t number;
	unsigned index;
	enum kind kind;
	uint64_t right;
	bool zero_is_good;
	uint64_t argument[6];
};

#define PLACE(name, number, index, kind, right, zero, ...)                                         \
	{                                                                                          \
		name, number, index, kind, right, zero,                                            \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

static const struct place places[] = {
	PLACE("unpark", 2, 0, EXECUTOR, PUDU_R, false, 0),
	PLACE("map, to", 7, 0, VAS, PUDU_W, false, 0, NEXT, 4096, 0, 0, PUDU_R | PUDU_MAP_FRESH),
	PLACE("map, lazy", 7, 0, VAS, PUDU_W, false, 0, NEXT, 4096, 0, 0, PUDU_R | PUDU_MAP_LAZY),
	PLACE("map, replaced", 7, 0, VAS, PUDU_W, false, 0, PAGE, 4096, 0, 0,
	      PUDU_R | PUDU_MAP_FRESH | PUDU_MAP_REPLACE),
	PLACE("map, shared to", 7, 0, VAS, PUDU_W, false, 0, NEXT, 4096, V_RW, PAGE,
	      PUDU_R | PUDU_MAP_SHARE),
	PLACE("map, copied to", 7, 0, VAS, PUDU_W, false, 0, NEXT, 4096, V_RW, PAGE,
	      PUDU_R | PUDU_MAP_COW),
	PLACE("map, shared from", 7, 3, VAS, PUDU_R, false, V_RW, NEXT, 4096, 0, PAGE,
	      PUDU_R | PUDU_MAP_SHARE),
	PLACE("map, moved from", 7, 3, VAS, PUDU_W, false, V_RW, NEXT, 4096, 0, PAGE,
	      PUDU_R | PUDU_MAP_MOVE),
	PLACE("map, copied from", 7, 3, VAS, PUDU_W, false, V_RW, NEXT, 4096, 0, PAGE,
	      RW | PUDU_MAP_COW),
	PLACE("unmap", 8, 0, VAS, PUDU_W, false, 0, PAGE, 4096),
	PLACE("protect", 9, 0, VAS, PUDU_W, false, 0, PAGE, 4096, PUDU_R),
	PLACE("query", 10, 0, VAS, PUDU_R, false, 0, PAGE),
	PLACE("vas_destroy", 12, 0, VAS, PUDU_W, false, 0),
	PLACE("vas_budget, tell", 13, 0, VAS, PUDU_R, false, 0, PUDU_BUDGET_KEEP),
	PLACE("vas_budget, lower", 13, 0, VAS, PUDU_W, false, 0, BUDGET - 1),
	PLACE("vas_budget, raise", 13, 0, VAS, PUDU_W, false, 0, BUDGET + 1),
	PLACE("vas_budget, as it is", 13, 0, VAS, PUDU_W, false, 0, BUDGET),
	PLACE("executor_create, in", 14, 1, VAS, PUDU_W, false, EMPTY, 0, 0, (uint64_t)raw_end, 0,
	      0),
	PLACE("executor_create, supervisor", 14, 2, EXECUTOR, PUDU_R, true, EMPTY, V_RW, 0,
	      (uint64_t)raw_end, 0, 0),
	PLACE("executor_start", 15, 0, EXECUTOR, PUDU_W, false, 0),
	PLACE("executor_stop", 16, 0, EXECUTOR, PUDU_W, false, 0),
	PLACE("executor_regs, read", 17, 0, EXECUTOR, PUDU_W, false, 0, PUDU_REGS_READ,
	      (uint64_t)registers, 256),
	PLACE("executor_regs, write", 17, 0, EXECUTOR, PUDU_W, false, 0, PUDU_REGS_WRITE,
	      (uint64_t)registers, 256),
	PLACE("executor_regs, read FP", 17, 0, EXECUTOR, PUDU_W, false, 0, PUDU_REGS_READ_FP,
	      (uint64_t)registers, 264),
	PLACE("executor_regs, write FP", 17, 0, EXECUTOR, PUDU_W, false, 0, PUDU_REGS_WRITE_FP,
	      (uint64_t)registers, 264),
	PLACE("executor_state", 18, 0, EXECUTOR, PUDU_R, false, 0),
	PLACE("terminate", 19, 0, EXECUTOR, PUDU_W, true, 0, 5),
	PLACE("system, dump", 24, 0, ROOT, PUDU_W, false, 0, PUDU_SYSTEM_DUMP, 0),
	PLACE("system, power", 24, 0, ROOT, PUDU_W, false, 0, PUDU_SYSTEM_POWER_OFF, 0),
	PLACE("dirty", 25, 0, VAS, PUDU_W, false, 0, PAGE, 4096, (uint64_t)registers),
};

#define N_PLACES (sizeof places / sizeof places[0])

static void set_up(void)
{
	memset(registers, 0, sizeof registers);
	registers[0] = (uint64_t)raw_end;
	CHECK_OK(pudu_vas_create(V_RW, BUDGET, 'v', 0));
	CHECK_OK(pudu_map(V_RW, PAGE, 4096, 0, 0, RW | PUDU_MAP_FRESH));
	CHECK_OK(check_raw(E_RW, raw_end, 0));
	CHECK_OK(pudu_map(PUDU_OWN_VAS, E_R, 4096, PUDU_OWN_VAS, E_RW, PUDU_R | PUDU_MAP_SHARE));
	CHECK_OK(pudu_map(PUDU_OWN_VAS, V_R, 4096, PUDU_OWN_VAS, V_RW, PUDU_R | PUDU_MAP_SHARE));
}

/* What calls that were refused may not have changed. */
static void check_unchanged(void)
{
	CHECK_EQUAL(check_state(E_RW), PUDU_STATE_STOPPED);
	CHECK_EQUAL(check_query(V_RW, PAGE, NULL), check_memory(RW));
	CHECK_EQUAL(check_query(V_RW, NEXT, NULL), 0);
	CHECK_EQUAL(pudu_vas_budget(V_R, PUDU_BUDGET_KEEP).value[0], BUDGET);
	CHECK_EQUAL(check_query(PUDU_OWN_VAS, EMPTY, NULL), 0);
	CHECK_EQUAL(registers[10], 0);
}

static void clear_up(void)
{
	CHECK_OK(pudu_terminate(E_RW, 0));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, E_RW, 6 * PUDU_PAGE_SIZE));
}

static void try(const struct place *place, uint64_t handle, uint64_t done, int64_t expected)
{
	uint64_t argument[6], frames = pudu_free_frames();
	int64_t status;

	memcpy(argument, place->argument, sizeof argument);
	argument[place->index] = handle;
	status = raw_call(place->number, argument, done).status;
	if (!CHECK_EQUAL(status, expected))
		printf("    %s: 0x%llx answers %s, not %s\n", place->name,
		       (unsigned long long)handle, pudu_status_name(status),
		       pudu_status_name(expected));
	CHECK_EQUAL(pudu_free_frames(), frames);
}

static void what_is_no_handle_is_refused(void)
{
	static const uint64_t wild[] = {
		0,
		1,
		8,
		0xfff,
		0x1000,
		0x10000,
		PAGE,
		(uint64_t)registers,
		PUDU_INFO_PAGE,
		PUDU_HANDLES - 0x1000,
		PUDU_HANDLES_END,
		PUDU_HANDLES_END + 0x1000,
		E_RW + 1,
		E_RW + 8,
		E_RW + 0x800,
		E_RW + 0xfff,
		E_RW - 1,
		E_RW | 1ull << 63,
		E_RW | 1ull << 38 << 1,
		E_RW | 0xffffff8000000000,
		E_RW + (1ull << 30),
		E_RW - (1ull << 30),
		E_RW + (1ull << 48),
		0xffffffff80000000,
		0xffffffd080000000,
		0xffffffd080200000,
		0x8000000000000000,
		0x7fffffffffffffff,
		~0ull,
		~0xfffull,
		0x80200000,
		1ull << 32,
		1ull << 39,
		PUDU_HANDLES,
		PUDU_HANDLES_END - 0x1000,
		EMPTY,
	};

	set_up();
	for (unsigned p = 0; p < N_PLACES; p++)
		for (unsigned i = 0; i < sizeof wild / sizeof wild[0]; i++)
			if (wild[i] != 0 || !places[p].zero_is_good)
				try(&places[p], wild[i], 0, PUDU_ERR_HANDLE);
	check_unchanged();
	clear_up();
}

static void another_kind_of_object_is_refused(void)
{
	set_up();
	for (unsigned p = 0; p < N_PLACES; p++) {
		if (places[p].kind != EXECUTOR) {
			try(&places[p], E_RW, 0, PUDU_ERR_KIND);
			try(&places[p], E_R, 0, PUDU_ERR_KIND);
		}
		if (places[p].kind != VAS) {
			try(&places[p], V_RW, 0, PUDU_ERR_KIND);
			try(&places[p], V_R, 0, PUDU_ERR_KIND);
			try(&places[p], PUDU_OWN_VAS, 0, PUDU_ERR_KIND);
		}
	}
	check_unchanged();
	clear_up();
}

static void a_handle_without_the_right_is_refused(void)
{
	set_up();
	for (unsigned p = 0; p < N_PLACES; p++)
		if (places[p].right == PUDU_W && places[p].kind != ROOT)
			try(&places[p], places[p].kind == VAS ? V_R : E_R, 0, PUDU_ERR_RIGHT);
	check_unchanged();
	clear_up();
}

/* What if the table's entry was gone, and the hart's memory of it was not? */
static void a_freed_handle_is_refused_at_once(void)
{
	set_up();
	for (unsigned p = 0; p < N_PLACES; p++) {
		uint64_t from = places[p].kind == VAS ? V_RW : E_RW;

		if (places[p].kind == ROOT)
			continue;
		CHECK_OK(pudu_map(PUDU_OWN_VAS, TEST_HANDLE(7), 4096, PUDU_OWN_VAS, from,
				  RW | PUDU_MAP_SHARE));
		if (places[p].kind == VAS)
			CHECK_OK(pudu_query(TEST_HANDLE(7), PAGE));
		else
			CHECK_OK(pudu_unpark(TEST_HANDLE(7)));
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(7), 4096));
		try(&places[p], TEST_HANDLE(7), 0, PUDU_ERR_HANDLE);
	}
	check_unchanged();
	clear_up();
}

/* Programs see the count of what is done in a6, so they can write anything there. */
static void a_wild_a6_changes_no_answer(void)
{
	static const uint64_t done[] = { 1, 0x1000, 0x1001, 1ull << 63, ~0ull, ~0xfffull, 0x2000 };

	set_up();
	for (unsigned i = 0; i < sizeof done / sizeof done[0]; i++)
		for (unsigned p = 0; p < N_PLACES; p++)
			if (places[p].number != 7 || places[p].index == 0)
				try(&places[p], EMPTY, done[i], PUDU_ERR_HANDLE);
	check_unchanged();
	clear_up();
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(what_is_no_handle_is_refused),
		CASE(another_kind_of_object_is_refused),
		CASE(a_handle_without_the_right_is_refused),
		CASE(a_freed_handle_is_refused_at_once),
		CASE(a_wild_a6_changes_no_answer),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
