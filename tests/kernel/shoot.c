/* SPDX-License-Identifier: MIT */
/*
 * shoot.c - when unmap, protect or a move returns, no hart uses the old mapping any more.
 *
 *	shoot [rounds=N]
 */
#include <stdatomic.h>

#include "check.h"
#include "raw.h"

#define RW	    (PUDU_R | PUDU_W)
#define CANARY	    0x600dc0de
#define LOAD_FAULT  (-(13 + 1))
#define STORE_FAULT (-(15 + 1))
#define READERS_MAX (PUDU_MAX_HARTS + 1)

static _Atomic uint64_t reads[READERS_MAX];
static _Atomic uint64_t strange;
static volatile bool enough; /* never set: only a fault ends a reader */

/* Read the page for ever; it may fault, but never find anything but the canary. */
static int64_t read_page(void *argument)
{
	_Atomic uint64_t *count = argument;
	const volatile uint64_t *page = (const volatile uint64_t *)TEST_PAGE(0);

	while (!enough) {
		uint64_t value = *page;

		if (value != CANARY)
			strange = value == 0 ? ~0ull : value;
		(*count)++;
	}
	return 0;
}

static int64_t write_page(void *argument)
{
	_Atomic uint64_t *count = argument;
	volatile uint64_t *page = (volatile uint64_t *)TEST_PAGE(0);

	while (!enough)
		*page = ++*count;
	return 0;
}

static unsigned readers(void)
{
	return (unsigned)pudu_info()->harts;
}

static void map_canary(void)
{
	CHECK_OK(pudu_map(PUDU_OWN_VAS, TEST_PAGE(0), PUDU_PAGE_SIZE, 0, 0, RW | PUDU_MAP_FRESH));
	*(volatile uint64_t *)TEST_PAGE(0) = CANARY;
}

/* Start the readers, and wait until each has read. */
static void start(struct pudu_thread **thread, int64_t (*function)(void *))
{
	for (unsigned i = 0; i < readers(); i++) {
		reads[i] = 0;
		CHECK_EQUAL(pudu_thread_create(&thread[i], function, (void *)&reads[i]), PUDU_OK);
	}
	for (unsigned i = 0; i < readers(); i++)
		while (reads[i] == 0)
			pudu_yield();
}

static void join(struct pudu_thread **thread, int64_t expected)
{
	struct pudu_thread_end end;

	for (unsigned i = 0; i < readers(); i++) {
		pudu_thread_join(thread[i], &end);
		CHECK_EQUAL(end.code, expected);
		CHECK_EQUAL(end.address, TEST_PAGE(0));
	}
	CHECK_EQUAL(strange, 0);
}

/* The frame is taken again at once, for another use: who still saw it would see that. */
static void no_hart_reads_an_unmapped_page(void)
{
	struct pudu_thread *thread[READERS_MAX];

	for (uint64_t round = 0; round < check_argument("rounds", 10); round++) {
		uint64_t pages = 16;

		strange = 0;
		map_canary();
		start(thread, read_page);
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_PAGE(0), PUDU_PAGE_SIZE));
		CHECK_OK(pudu_map(PUDU_OWN_VAS, TEST_PAGE(64), pages * PUDU_PAGE_SIZE, 0, 0,
				  RW | PUDU_MAP_FRESH));
		for (uint64_t i = 0; i < pages; i++)
			*(volatile uint64_t *)TEST_PAGE(64 + i) = 0xdead;
		join(thread, LOAD_FAULT);
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_PAGE(64), pages * PUDU_PAGE_SIZE));
	}
}

static void no_hart_writes_a_page_that_is_read_only_now(void)
{
	struct pudu_thread *thread[READERS_MAX];

	for (uint64_t round = 0; round < check_argument("rounds", 10); round++) {
		volatile uint64_t *page = (volatile uint64_t *)TEST_PAGE(0);
		uint64_t last;

		strange = 0;
		map_canary();
		start(thread, write_page);
		CHECK_OK(pudu_protect(PUDU_OWN_VAS, TEST_PAGE(0), PUDU_PAGE_SIZE, PUDU_R));
		last = *page;
		join(thread, STORE_FAULT);
		CHECK_EQUAL(*page, last);
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_PAGE(0), PUDU_PAGE_SIZE));
	}
}

static void no_hart_reads_a_page_that_was_moved_away(void)
{
	struct pudu_thread *thread[READERS_MAX];

	for (uint64_t round = 0; round < check_argument("rounds", 10); round++) {
		strange = 0;
		map_canary();
		start(thread, read_page);
		CHECK_OK(pudu_map(PUDU_OWN_VAS, TEST_PAGE(64), PUDU_PAGE_SIZE, PUDU_OWN_VAS,
				  TEST_PAGE(0), RW | PUDU_MAP_MOVE));
		*(volatile uint64_t *)TEST_PAGE(64) = 0xdead;
		join(thread, LOAD_FAULT);
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_PAGE(64), PUDU_PAGE_SIZE));
	}
}

static _Atomic bool gone;

/* What if a hart remembered a handle that is gone, and the kernel followed it there? */
static int64_t use_handle(void *argument)
{
	_Atomic uint64_t *count = argument;

	while (pudu_unpark(TEST_HANDLE(0)).status == PUDU_OK)
		(*count)++;
	/* Until unmap returns, another hart, where this may run next, may still remember it. */
	while (!gone)
		pudu_yield();
	return pudu_unpark(TEST_HANDLE(0)).status;
}

static void no_hart_follows_a_handle_that_is_gone(void)
{
	struct pudu_thread *thread[READERS_MAX];
	struct pudu_thread_end end;

	for (uint64_t round = 0; round < check_argument("rounds", 10); round++) {
		gone = false;
		CHECK_OK(check_raw(TEST_HANDLE(0), raw_end, 0));
		start(thread, use_handle);
		CHECK_OK(pudu_terminate(TEST_HANDLE(0), 0));
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), PUDU_PAGE_SIZE));
		gone = true;
		for (unsigned i = 0; i < readers(); i++) {
			pudu_thread_join(thread[i], &end);
			CHECK_EQUAL(end.code, PUDU_ERR_HANDLE);
		}
	}
}

/* A page that is new, or got a right, need not be told to the harts: they look again. */
static void a_new_page_is_seen_by_all(void)
{
	for (uint64_t round = 0; round < check_argument("rounds", 10); round++) {
		map_canary();
		for (unsigned i = 0; i < readers(); i++) {
			CHECK_OK(check_raw(TEST_HANDLE(i), raw_load, TEST_PAGE(0)));
			CHECK_OK(pudu_executor_start(TEST_HANDLE(i)));
		}
		for (unsigned i = 0; i < readers(); i++)
			CHECK_EQUAL(check_await_end(TEST_HANDLE(i)), 6);
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), readers() * PUDU_PAGE_SIZE));
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_PAGE(0), PUDU_PAGE_SIZE));
	}
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(no_hart_reads_an_unmapped_page),
		CASE(no_hart_writes_a_page_that_is_read_only_now),
		CASE(no_hart_reads_a_page_that_was_moved_away),
		CASE(no_hart_follows_a_handle_that_is_gone),
		CASE(a_new_page_is_seen_by_all),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
