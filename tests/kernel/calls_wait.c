/* SPDX-License-Identifier: MIT */
/* calls_wait.c - yield, park_if, unpark, log_write and unknown numbers do what they promise. */
#include <stdatomic.h>
#include <string.h>

#include "check.h"
#include "raw.h"

static uint64_t word_address(const _Atomic uint32_t *word)
{
	return (uint64_t)word;
}

static void yield_answers_ok_and_zero(void)
{
	struct pudu_result result = pudu_yield();

	CHECK_EQUAL(result.status, PUDU_OK);
	CHECK_EQUAL(result.value, 0);
}

/* What if yield let only some of those run that are ready? With one hart it can be counted. */
static void yield_lets_all_others_run_first(void)
{
	static _Atomic uint64_t count[3];

	if (pudu_info()->harts != 1)
		return;
	for (unsigned i = 0; i < 3; i++) {
		CHECK_OK(check_raw(TEST_HANDLE(i), raw_count_yield, (uint64_t)&count[i]));
		CHECK_OK(pudu_executor_start(TEST_HANDLE(i)));
	}
	for (unsigned round = 1; round <= 5; round++) {
		pudu_yield();
		for (unsigned i = 0; i < 3; i++)
			CHECK_EQUAL(count[i], round);
	}
	for (unsigned i = 0; i < 3; i++)
		CHECK_OK(pudu_terminate(TEST_HANDLE(i), 0));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), 3 * PUDU_PAGE_SIZE));
}

static void park_if_looks_at_the_low_32_bits(void)
{
	static _Atomic uint32_t word[2] = { 5, 6 };

	EXPECT(pudu_park_if(word_address(&word[0]), 4, PUDU_FOREVER), PUDU_ERR_VALUE);
	EXPECT(pudu_park_if(word_address(&word[0]), 6, PUDU_FOREVER), PUDU_ERR_VALUE);
	EXPECT(pudu_park_if(word_address(&word[1]), 5ull << 32 | 5, PUDU_FOREVER), PUDU_ERR_VALUE);
	EXPECT(pudu_park_if(word_address(&word[1]), 5, PUDU_FOREVER), PUDU_ERR_VALUE);
}

static int64_t park_with_high_bits(void *word)
{
	return pudu_park_if((uint64_t)word, 0xdeadbeef00000005, PUDU_FOREVER).status;
}

static void a_parked_one_sleeps_until_unpark(void)
{
	static _Atomic uint32_t word = 5;
	struct pudu_thread_end end;
	struct pudu_thread *thread;

	if (!CHECK_EQUAL(pudu_thread_create(&thread, park_with_high_bits, &word), PUDU_OK))
		return;
	check_await_state(pudu_thread_executor(thread), PUDU_STATE_PARKED);
	word = 6; /* a change alone wakes nobody */
	check_nap();
	CHECK_EQUAL(check_state(pudu_thread_executor(thread)), PUDU_STATE_PARKED);
	CHECK_OK(pudu_unpark(pudu_thread_executor(thread)));
	pudu_thread_join(thread, &end);
	CHECK_EQUAL(end.code, PUDU_OK);
}

static void an_unpark_is_not_remembered(void)
{
	static _Atomic uint32_t word;

	CHECK_OK(pudu_unpark(pudu_thread_self()));
	CHECK_OK(check_raw(TEST_HANDLE(0), raw_park, (uint64_t)&word));
	CHECK_OK(pudu_unpark(TEST_HANDLE(0))); /* stopped, not parked */
	CHECK_EQUAL(check_state(TEST_HANDLE(0)), PUDU_STATE_STOPPED);
	CHECK_OK(pudu_executor_start(TEST_HANDLE(0)));
	check_await_state(TEST_HANDLE(0), PUDU_STATE_PARKED);
	CHECK_OK(pudu_unpark(TEST_HANDLE(0))); /* the word is still 0: it parks again */
	check_await_state(TEST_HANDLE(0), PUDU_STATE_PARKED);
	word = 77;
	CHECK_OK(pudu_unpark(TEST_HANDLE(0)));
	CHECK_EQUAL(check_await_end(TEST_HANDLE(0)), 77);
	CHECK_OK(pudu_unpark(TEST_HANDLE(0))); /* also when it has ended */
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), PUDU_PAGE_SIZE));
}

/* What if a supervisor looked, then parked, and the end came in between? */
static void an_end_that_was_missed_is_told_once(void)
{
	static _Atomic uint32_t word = 1;
	struct pudu_result park;

	CHECK_OK(check_raw(TEST_HANDLE(0), raw_end, 3));
	CHECK_OK(pudu_executor_start(TEST_HANDLE(0)));
	for (uint64_t limit = pudu_ticks() + 5 * pudu_info()->timebase; pudu_ticks() < limit;) {
		park = pudu_park_if(word_address(&word), 0, PUDU_FOREVER);
		if (park.status != PUDU_ERR_VALUE)
			break;
		pudu_yield();
	}
	CHECK_EQUAL(park.status, PUDU_ERR_EVENT);
	CHECK(check_state(TEST_HANDLE(0)) & PUDU_STATE_DEAD);
	EXPECT(pudu_park_if(word_address(&word), 0, PUDU_FOREVER), PUDU_ERR_VALUE);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), PUDU_PAGE_SIZE));
}

static bool is_a_call(uint64_t number)
{
	switch (number) {
#define SYSCALL(number, ...) case number:
#include "abi/syscalls.def"
#undef SYSCALL
		return true;
	default:
		return false;
	}
}

static void numbers_without_a_call_answer_so(void)
{
	static const uint64_t wild[] = {
		~0ull,
		1ull << 63,
		1ull << 32,
		0x100000000 + 7,
		0xfff,
		0x10000,
		0x7fffffff,
		0xffffffff,
		0x1000000000000000,
		0x0fffffffffffffff,
		0x8000000000000007,
	};
	static const uint64_t argument[6] = { 1, 2, 3, 4, 5, 6 };

	for (uint64_t number = 0; number < 300; number++)
		if (!is_a_call(number))
			CHECK_EQUAL(raw_call(number, argument, 9).status, PUDU_ERR_SYSCALL);
	for (unsigned i = 0; i < sizeof wild / sizeof wild[0]; i++)
		CHECK_EQUAL(raw_call(wild[i], argument, 9).status, PUDU_ERR_SYSCALL);
}

static void log_write_writes_any_length(void)
{
	static const uint64_t length[] = { 0, 1, 127, 128, 129, 300 };
	static char text[300];

	for (unsigned i = 0; i < sizeof length / sizeof length[0]; i++) {
		struct pudu_result result;

		memset(text, 'a' + (int)i, sizeof text);
		for (unsigned end = 63; end < sizeof text; end += 64)
			text[end] = '\n';
		if (length[i] != 0)
			text[length[i] - 1] = '\n';
		result = pudu_log_write((uint64_t)text, length[i]);
		CHECK_EQUAL(result.status, PUDU_OK);
		CHECK_EQUAL(result.value, length[i]);
	}
}

/* What if text runs into a hole? What was before it is written, and counted. */
static void log_write_stops_where_memory_ends(void)
{
	uint64_t at = TEST_PAGE(1) - 300;
	struct pudu_result result;

	CHECK_OK(pudu_map(PUDU_OWN_VAS, TEST_PAGE(0), PUDU_PAGE_SIZE, 0, 0,
			  PUDU_R | PUDU_W | PUDU_MAP_FRESH));
	memset((void *)at, '.', 300);
	memset((void *)(at + 299 - PUDU_LOG_LINE), '\n', 1);
	result = pudu_log_write(at, 1000);
	CHECK_EQUAL(result.status, PUDU_ERR_ADDRESS);
	CHECK(result.value >= 300 - PUDU_LOG_LINE && result.value <= 300);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_PAGE(0), PUDU_PAGE_SIZE));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(yield_answers_ok_and_zero),	 CASE(yield_lets_all_others_run_first),
		CASE(park_if_looks_at_the_low_32_bits),	 CASE(a_parked_one_sleeps_until_unpark),
		CASE(an_unpark_is_not_remembered),	 CASE(an_end_that_was_missed_is_told_once),
		CASE(numbers_without_a_call_answer_so),	 CASE(log_write_writes_any_length),
		CASE(log_write_stops_where_memory_ends),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
