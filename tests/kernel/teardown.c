/* SPDX-License-Identifier: MIT */
/*
 * teardown.c - address spaces and executors end in every order, while others use them: all memory
 * comes back.
 */
#include <stdatomic.h>

#include "check.h"
#include "raw.h"

#define RW	(PUDU_R | PUDU_W)
#define SLOT(i) TEST_HANDLE(i)
#define PAGES	300
#define BUDGET	(PAGES + 100)
#define ROUNDS	((unsigned)check_argument("rounds", 20))

/* A new address space with the code of raw.S in it, and some memory. */
static void make_vas(uint64_t slot)
{
	CHECK_OK(pudu_vas_create(slot, BUDGET, 0x6e776f64, 0));
	CHECK_OK(pudu_map(slot, (uint64_t)raw_page, PUDU_PAGE_SIZE, PUDU_OWN_VAS,
			  (uint64_t)raw_page, PUDU_R | PUDU_X | PUDU_MAP_SHARE));
	CHECK_OK(pudu_map(slot, TEST_MEMORY, PAGES * PUDU_PAGE_SIZE, 0, 0, RW | PUDU_MAP_FRESH));
}

static void run_in(uint64_t slot, uint64_t vas, void (*code)(void), uint64_t argument)
{
	CHECK_OK(pudu_executor_create(slot, vas, pudu_thread_self(), (uint64_t)code, 0, argument));
	CHECK_OK(pudu_executor_start(slot));
}

static struct pudu_result give(uint64_t vas, uint64_t slot, uint64_t handle)
{
	return pudu_map(vas, slot, PUDU_PAGE_SIZE, PUDU_OWN_VAS, handle, RW | PUDU_MAP_SHARE);
}

static void drop(uint64_t first, uint64_t n)
{
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, SLOT(first), n * PUDU_PAGE_SIZE));
}

static void an_address_space_without_executors_goes_with_its_handle(void)
{
	make_vas(SLOT(0));
	drop(0, 1);
}

/* What if an address space had a handle to itself, and two had handles to each other? */
static void cycles_of_handles_keep_nothing_alive(void)
{
	for (unsigned i = 0; i < 2; i++) {
		make_vas(SLOT(i));
		run_in(SLOT(2 + i), SLOT(i), raw_park, TEST_MEMORY);
	}
	for (unsigned i = 0; i < 2; i++) {
		CHECK_OK(give(SLOT(i), SLOT(10), SLOT(i)));
		CHECK_OK(give(SLOT(i), SLOT(11), SLOT(1 - i)));
		CHECK_OK(give(SLOT(i), SLOT(12), SLOT(2 + i)));
		CHECK_OK(give(SLOT(i), SLOT(13), SLOT(3 - i)));
	}
	for (unsigned i = 0; i < 2; i++)
		CHECK_OK(pudu_terminate(SLOT(2 + i), 0));
	drop(0, 4);
}

/* Executors of one address space run on all harts when they are ended, in any order. */
static void executors_that_run_are_ended(void)
{
	unsigned n = 2 * (unsigned)pudu_info()->harts;

	for (unsigned round = 0; round < ROUNDS; round++) {
		make_vas(SLOT(0));
		for (unsigned i = 0; i < n; i++)
			run_in(SLOT(1 + i), SLOT(0), raw_count, TEST_MEMORY + i * 64);
		pudu_yield();
		for (unsigned i = 0; i < n; i++)
			CHECK_OK(pudu_terminate(SLOT(1 + (i * 3 + round) % n), i));
		for (unsigned i = 0; i < n; i++)
			check_await_end(SLOT(1 + i));
		drop(0, n + 1);
	}
}

/* Handles are dropped first, while their executors still run and have not seen that they ended. */
static void handles_go_before_their_executors_have_ended(void)
{
	unsigned n = (unsigned)pudu_info()->harts + 1;

	for (unsigned round = 0; round < ROUNDS; round++) {
		make_vas(SLOT(0));
		for (unsigned i = 0; i < n; i++)
			run_in(SLOT(1 + i), SLOT(0), raw_count_yield, TEST_MEMORY + i * 64);
		pudu_yield();
		for (unsigned i = 0; i < n; i++)
			CHECK_OK(pudu_terminate(SLOT(1 + i), 0));
		drop(0, n + 1);
	}
}

static _Atomic unsigned mapping, stop_mapping;

/* Map into an address space, from another thread, until it has been torn down. */
static int64_t map_into(void *unused)
{
	struct pudu_result result = { PUDU_OK, 0 };
	const uint64_t first = TEST_MEMORY + (1 << 30);
	uint64_t at = first;

	(void)unused;
	mapping = 1;
	while (result.status == PUDU_OK && !stop_mapping) {
		result = pudu_map(SLOT(0), at, 40 * PUDU_PAGE_SIZE, 0, 0, RW | PUDU_MAP_FRESH);
		if (result.status == PUDU_OK)
			result = pudu_unmap(SLOT(0), at + 4 * PUDU_PAGE_SIZE, 40 * PUDU_PAGE_SIZE);
		at += 4 * PUDU_PAGE_SIZE;
		if (result.status == PUDU_ERR_MEMORY) {
			result = pudu_unmap(SLOT(0), first, at + 40 * PUDU_PAGE_SIZE - first);
			at = first;
		}
	}
	return result.status;
}

static void a_dying_address_space_takes_no_more_memory(void)
{
	struct pudu_thread_end end;
	struct pudu_thread *thread;

	for (unsigned round = 0; round < ROUNDS; round++) {
		mapping = stop_mapping = 0;
		make_vas(SLOT(0));
		run_in(SLOT(1), SLOT(0), raw_count, TEST_MEMORY);
		if (!CHECK_EQUAL(pudu_thread_create(&thread, map_into, NULL), PUDU_OK))
			return;
		for (unsigned i = 0; i < 1000 && !mapping; i++)
			check_nap();
		CHECK_OK(pudu_terminate(SLOT(1), 0));
		check_await_end(SLOT(1));
		pudu_thread_join(thread, &end);
		CHECK_EQUAL(end.code, PUDU_ERR_DEAD);
		drop(0, 2);
	}
}

/* The first program's executor makes another program and ends before it. */
static void a_child_outlives_its_parent(void)
{
	static _Atomic uint32_t word;

	word = 0;
	make_vas(SLOT(0));
	make_vas(SLOT(1));
	run_in(SLOT(2), SLOT(0), raw_spin, 0);
	/* The child's supervisor is the parent. */
	CHECK_OK(pudu_map(SLOT(1), TEST_PAGE(1000), PUDU_PAGE_SIZE, PUDU_OWN_VAS,
			  (uint64_t)&word & ~0xfffull, RW | PUDU_MAP_SHARE));
	CHECK_OK(pudu_executor_create(SLOT(3), SLOT(1), SLOT(2), (uint64_t)raw_park, 0,
				      TEST_PAGE(1000) + ((uint64_t)&word & 0xfff)));
	CHECK_OK(pudu_executor_start(SLOT(3)));
	check_await_state(SLOT(3), PUDU_STATE_PARKED);
	CHECK_OK(pudu_terminate(SLOT(2), 0));
	check_await_end(SLOT(2));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, SLOT(2), PUDU_PAGE_SIZE));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, SLOT(0), PUDU_PAGE_SIZE));
	word = 9;
	CHECK_OK(pudu_unpark(SLOT(3)));
	for (unsigned i = 0; i < 1000 && !(check_state(SLOT(3)) & PUDU_STATE_DEAD); i++)
		check_nap();
	CHECK_EQUAL(pudu_executor_state(SLOT(3)).value[1], 9);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, SLOT(1), PUDU_PAGE_SIZE));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, SLOT(3), PUDU_PAGE_SIZE));
}

/* What if nobody could ever start, wake or end an executor again? */
static void an_executor_that_nobody_can_name_is_gone(void)
{
	static _Atomic uint32_t word;

	word = 0;
	CHECK_OK(check_raw(SLOT(0), raw_end, 0));		 /* stopped */
	CHECK_OK(check_raw(SLOT(1), raw_park, (uint64_t)&word)); /* parked */
	CHECK_OK(pudu_executor_start(SLOT(1)));
	check_await_state(SLOT(1), PUDU_STATE_PARKED);
	drop(0, 2);
	make_vas(SLOT(0));
	CHECK_OK(pudu_executor_create(SLOT(1), SLOT(0), 0, (uint64_t)raw_end, 0, 0));
	drop(0, 2);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(an_address_space_without_executors_goes_with_its_handle),
		CASE(cycles_of_handles_keep_nothing_alive),
		CASE(executors_that_run_are_ended),
		CASE(handles_go_before_their_executors_have_ended),
		CASE(a_dying_address_space_takes_no_more_memory),
		CASE(a_child_outlives_its_parent),
		CASE(an_executor_that_nobody_can_name_is_gone),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
