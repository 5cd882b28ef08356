/* SPDX-License-Identifier: MIT */
/*
 * exhaustion.c - the budget is used up in every way it can: each time the error says so, the rest
 * goes on, and all of it comes back to the last page.
 */
#include <stdio.h>

#include "check.h"
#include "raw.h"

#include <pudu/memory.h>

#define FRESH	 (PUDU_R | PUDU_W | PUDU_MAP_FRESH)
#define MEGAPAGE (2 << 20)
#define LARGE	 (64 << 20) /* bytes mapped in one call at first */
#define GIB	 (1ull << 30)

/* Map from a place on until nothing is left. Result: where it ended. */
static uint64_t take_all(uint64_t at)
{
	struct pudu_result result;
	uint64_t length = LARGE;

	for (;;) {
		result = pudu_map(PUDU_OWN_VAS, at, length, 0, 0, FRESH);
		CHECK(result.value <= length && result.value % PUDU_PAGE_SIZE == 0);
		at += result.value;
		if (result.status == PUDU_OK)
			continue;
		if (!CHECK_EQUAL(result.status, PUDU_ERR_MEMORY) || length == PUDU_PAGE_SIZE)
			return at;
		length = PUDU_PAGE_SIZE;
	}
}

/* The tables of the last two levels for so many pages from TEST_MEMORY on; a leaf of 2 MiB needs
 * none. */
static uint64_t tables(uint64_t pages)
{
	uint64_t end = TEST_MEMORY + pages * PUDU_PAGE_SIZE, n = 0;

	for (uint64_t at = TEST_MEMORY; at < end; at += MEGAPAGE)
		n += PUDU_LEVEL(pudu_query(PUDU_OWN_VAS, at).value[0]) == 0;
	return n + ((end - 1) >> 30) - (TEST_MEMORY >> 30) + 1;
}

/* All of it is memory: each frame is written and read, and is there once. None is left over. */
static void the_whole_budget_can_be_used_and_comes_back(void)
{
	uint64_t before = pudu_pages_left(), frames = check_frames(), end, got;

	for (unsigned round = 0; round < 2; round++) {
		end = take_all(TEST_MEMORY);
		got = (end - TEST_MEMORY) / PUDU_PAGE_SIZE;
		/* The last one is of no use where the next page needs a table, too. */
		CHECK(pudu_pages_left() <= (end % MEGAPAGE == 0));
		CHECK_EQUAL(got + tables(got) + pudu_pages_left(), before);
		for (uint64_t i = 0; i < got; i++) {
			if (!CHECK(*(volatile uint64_t *)TEST_PAGE(i) == 0))
				break;
			*(volatile uint64_t *)TEST_PAGE(i) = i * 3 + 1;
		}
		for (uint64_t i = 0; i < got; i++)
			if (!CHECK(*(volatile uint64_t *)TEST_PAGE(i) == i * 3 + 1))
				break;
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_MEMORY, end - TEST_MEMORY));
		CHECK_EQUAL(pudu_pages_left(), before);
		check_frames_settle(frames);
	}
	printf("  %llu pages were used, of %llu free frames\n", (unsigned long long)got,
	       (unsigned long long)frames);
}

/* Each lazy page that fits is there when it is touched, whoever keeps the last free frames. */
static void lazy_pages_use_up_memory_and_come_back(void)
{
	uint64_t left = pudu_pages_left(), frames = check_frames(), n = 0;

	CHECK_OK(pudu_map(PUDU_OWN_VAS, TEST_MEMORY, left * PUDU_PAGE_SIZE, 0, 0,
			  PUDU_R | PUDU_W | PUDU_MAP_LAZY));
	/* A page, and a table or two for it. */
	for (; pudu_pages_left() > 3; n++)
		*(volatile uint64_t *)TEST_PAGE(n) = n;
	CHECK(n + n / 512 + 8 > left);
	for (uint64_t i = 0; i < n; i++)
		if (!CHECK(*(volatile uint64_t *)TEST_PAGE(i) == i))
			break;
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_MEMORY, left * PUDU_PAGE_SIZE));
	CHECK_EQUAL(pudu_pages_left(), left);
	check_frames_settle(frames);
}

/* Everything that needs a frame answers so, and what needs none still works. */
static void without_memory_every_call_says_so(void)
{
	uint64_t end = take_all(TEST_MEMORY), far = TEST_MEMORY + 32 * GIB;
	static _Atomic uint32_t word = 1;

	EXPECT(pudu_map(PUDU_OWN_VAS, end, PUDU_PAGE_SIZE, 0, 0, FRESH), PUDU_ERR_MEMORY);
	EXPECT(pudu_map(PUDU_OWN_VAS, far, PUDU_PAGE_SIZE, 0, 0, FRESH), PUDU_ERR_MEMORY);
	EXPECT(pudu_map(PUDU_OWN_VAS, far, PUDU_PAGE_SIZE, PUDU_OWN_VAS, TEST_MEMORY,
			PUDU_R | PUDU_MAP_SHARE),
	       PUDU_ERR_MEMORY);
	EXPECT(pudu_vas_create(TEST_HANDLE(0), 256, 'v', 0), PUDU_ERR_MEMORY);
	EXPECT(pudu_executor_create(TEST_HANDLE(0), PUDU_OWN_VAS, 0, (uint64_t)raw_end, 0, 0),
	       PUDU_ERR_MEMORY);
	EXPECT(pudu_map(PUDU_OWN_VAS, TEST_HANDLE(0), PUDU_PAGE_SIZE, PUDU_OWN_VAS, PUDU_OWN_VAS,
			PUDU_R | PUDU_MAP_SHARE),
	       PUDU_ERR_MEMORY);
	CHECK_EQUAL(check_query(PUDU_OWN_VAS, TEST_HANDLE(0), NULL), 0);
	CHECK_EQUAL(check_query(PUDU_OWN_VAS, far, NULL), 0);

	CHECK_OK(pudu_yield());
	check_nap();
	EXPECT(pudu_park_if((uint64_t)&word, 0, PUDU_FOREVER), PUDU_ERR_VALUE);
	CHECK_OK(pudu_protect(PUDU_OWN_VAS, TEST_MEMORY, end - TEST_MEMORY, PUDU_R));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, end - PUDU_PAGE_SIZE, PUDU_PAGE_SIZE));
	CHECK_OK(pudu_map(PUDU_OWN_VAS, end - PUDU_PAGE_SIZE, PUDU_PAGE_SIZE, 0, 0, FRESH));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_MEMORY, end - TEST_MEMORY));
}

/* Leave so many pages, so that objects of a kind need not be made by the hundred thousand. */
static uint64_t leave(uint64_t pages)
{
	uint64_t left = pudu_pages_left(), at = TEST_MEMORY;

	while (left > pages + 16) {
		uint64_t length = (left - pages) / 2 * PUDU_PAGE_SIZE;

		if (!CHECK_OK(pudu_map(PUDU_OWN_VAS, at, length, 0, 0, FRESH)))
			break;
		at += length;
		left = pudu_pages_left();
	}
	return at;
}

static void executors_use_up_memory_and_come_back(void)
{
	uint64_t end = leave(2000), n = 0;
	struct pudu_result result;

	for (;; n++) {
		result = pudu_executor_create(TEST_HANDLE(n), PUDU_OWN_VAS, 0, (uint64_t)raw_end, 0,
					      0);
		if (result.status != PUDU_OK)
			break;
		if (n % 2 == 0)
			CHECK_OK(pudu_executor_start(TEST_HANDLE(n)));
	}
	CHECK_EQUAL(result.status, PUDU_ERR_MEMORY);
	CHECK(n > 1800);
	for (uint64_t i = 0; i < n; i++)
		pudu_terminate(TEST_HANDLE(i), 0);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), n * PUDU_PAGE_SIZE));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_MEMORY, end - TEST_MEMORY));
}

static void address_spaces_use_up_memory_and_come_back(void)
{
	uint64_t end = leave(1000), n = 0;
	struct pudu_result result;

	while ((result = pudu_vas_create(TEST_HANDLE(n), 4, 'v', 0)).status == PUDU_OK) {
		result = pudu_map(TEST_HANDLE(n), TEST_MEMORY, PUDU_PAGE_SIZE, 0, 0, FRESH);
		n++;
		if (result.status != PUDU_OK)
			break;
	}
	CHECK_EQUAL(result.status, PUDU_ERR_MEMORY);
	CHECK(n > 150);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), n * PUDU_PAGE_SIZE));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_MEMORY, end - TEST_MEMORY));
}

/* One page in each gigabyte, then in each 2 MiB: most of it goes into page tables. */
static void page_tables_use_up_memory_and_come_back(void)
{
	uint64_t step = 2 << 20, filled = leave(1000), at = filled + GIB, first = at, n = 0;
	struct pudu_result result;

	for (;; at += step, n++) {
		result = pudu_map(PUDU_OWN_VAS, at, PUDU_PAGE_SIZE, 0, 0, FRESH);
		if (result.status != PUDU_OK)
			break;
	}
	CHECK_EQUAL(result.status, PUDU_ERR_MEMORY);
	CHECK_EQUAL(result.value, 0);
	CHECK(n > 300);
	CHECK_EQUAL(check_query(PUDU_OWN_VAS, at, NULL), 0);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, first, at - first));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_MEMORY, filled - TEST_MEMORY));
}

static int64_t end_at_once(void *argument)
{
	return (int64_t)(uintptr_t)argument;
}

/* The library above, too: threads until there is no memory, and again when there is. */
static void threads_fail_and_work_again(void)
{
	uint64_t end = leave(300);
	struct pudu_thread *thread[64];
	int64_t status = PUDU_OK;
	unsigned n = 0;

	while (n < 64 && (status = pudu_thread_create(&thread[n], end_at_once, NULL)) == PUDU_OK)
		n++;
	CHECK_EQUAL(status, PUDU_ERR_MEMORY);
	CHECK(n >= 8 && n < 64);
	for (unsigned i = 0; i < n; i++)
		pudu_thread_join(thread[i], NULL);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_MEMORY, end - TEST_MEMORY));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(the_whole_budget_can_be_used_and_comes_back),
		CASE(lazy_pages_use_up_memory_and_come_back),
		CASE(without_memory_every_call_says_so),
		CASE(executors_use_up_memory_and_come_back),
		CASE(address_spaces_use_up_memory_and_come_back),
		CASE(page_tables_use_up_memory_and_come_back),
		CASE(threads_fail_and_work_again),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
