/* SPDX-License-Identifier: MIT */
/*
 * registers.c - no register carries anything of the kernel or of another executor to a program, and
 * none that must survive is lost.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "raw.h"
#include "registers.h"

#define SP 2
#define A0 10
#define A7 17

static uint64_t pattern(unsigned seed, unsigned n)
{
	return 0xabad1dea00000000 + (uint64_t)seed * 0x10000 + n * 0x101;
}

static void fill(struct registers *block, unsigned seed)
{
	for (unsigned n = 0; n < 32; n++) {
		block->x[n] = pattern(seed, n);
		block->f[n] = pattern(seed, n + 32);
	}
	block->fcsr = 0x20 * (1 + seed % 4) + (seed & 0x1f);
}

/* gp, tp and s0 to s11; sp is compared apart. */
static bool survives(unsigned n)
{
	return n == SP || n == 3 || n == 4 || n == 8 || n == 9 || (n >= 18 && n <= 27);
}

/* May register n have this value after the call? The first results of it may be anything. */
static bool is_clean(const struct registers *before, const struct registers *after, unsigned n,
		     unsigned results)
{
	if (survives(n))
		return after->x[n] == before->x[n];
	if (n >= A0 && n < A0 + results)
		return true;
	return after->x[n] == 0 || after->x[n] == before->x[n];
}

/* Make a call with a7 and the arguments that differ from the pattern. Result: its status. */
static int64_t call(uint64_t number, const uint64_t argument[6], unsigned results)
{
	static unsigned seed;
	struct registers before, after;

	fill(&before, seed++);
	memcpy(&before.x[A0], argument, 6 * sizeof argument[0]);
	before.x[A7 - 1] = 0;
	before.x[A7] = number;
	after = before;
	registers_call(&after);
	before.x[SP] = after.x[SP];
	for (unsigned n = 1; n < 32; n++) {
		if (!CHECK(is_clean(&before, &after, n, results)))
			printf("    call %llu: x%u was 0x%llx, is 0x%llx\n",
			       (unsigned long long)number, n, (unsigned long long)before.x[n],
			       (unsigned long long)after.x[n]);
		if (after.f[n] != before.f[n])
			CHECK_EQUAL(after.f[n], 0);
	}
	if (after.fcsr != before.fcsr)
		CHECK_EQUAL(after.fcsr, 0);
	return (int64_t)after.x[A0];
}

#define CALL(results, number, ...) call((number), (const uint64_t[6]){ __VA_ARGS__ }, (results))

static void every_call_keeps_what_it_must_and_leaks_nothing(void)
{
	static _Atomic uint32_t word = 1;
	static uint64_t regs[33];
	uint64_t rw = PUDU_R | PUDU_W, slot = TEST_HANDLE(0), page = TEST_PAGE(0);
	uint64_t at = (uint64_t)&word, buffer = (uint64_t)regs;

	CHECK_EQUAL(CALL(2, 0, 0), PUDU_OK);
	CHECK_EQUAL(CALL(2, 1, at, 0, PUDU_FOREVER), PUDU_ERR_VALUE);
	CHECK_EQUAL(CALL(2, 1, 1, 0, PUDU_FOREVER), PUDU_ERR_ADDRESS);
	CHECK_EQUAL(CALL(2, 2, PUDU_MAIN_EXECUTOR), PUDU_OK);
	CHECK_EQUAL(CALL(2, 2, slot), PUDU_ERR_HANDLE);
	CHECK_EQUAL(CALL(2, 2, PUDU_OWN_VAS), PUDU_ERR_KIND);
	CHECK_EQUAL(CALL(2, 7, PUDU_OWN_VAS, page, 0x100000, 0, 0, rw | PUDU_MAP_FRESH), PUDU_OK);
	CHECK_EQUAL(CALL(2, 9, PUDU_OWN_VAS, page, 0x100000, PUDU_R), PUDU_OK);
	CHECK_EQUAL(CALL(4, 10, PUDU_OWN_VAS, page), PUDU_OK);
	CHECK_EQUAL(CALL(2, 8, PUDU_OWN_VAS, page, 0x100000), PUDU_OK);
	CHECK_EQUAL(CALL(2, 11, slot, 'a', 0), PUDU_OK);
	CHECK_EQUAL(CALL(2, 14, slot + 4096, PUDU_OWN_VAS, 0, (uint64_t)raw_end, 0, 0), PUDU_OK);
	CHECK_EQUAL(CALL(2, 17, slot + 4096, 0, buffer, 256), PUDU_OK);
	CHECK_EQUAL(CALL(2, 17, slot + 4096, 2, buffer, 264), PUDU_OK);
	CHECK_EQUAL(CALL(4, 18, slot + 4096), PUDU_OK);
	CHECK_EQUAL(CALL(2, 15, slot + 4096), PUDU_OK);
	check_await_state(slot + 4096, PUDU_STATE_DEAD | PUDU_STATE_OWNED);
	CHECK_EQUAL(CALL(2, 16, slot + 4096), PUDU_ERR_DEAD);
	CHECK_EQUAL(CALL(2, 19, slot + 4096, 0), PUDU_ERR_DEAD);
	CHECK_EQUAL(CALL(2, 23, (uint64_t) "", 0), PUDU_OK);
	CHECK_EQUAL(CALL(2, 24, PUDU_OWN_VAS, 0, 0), PUDU_ERR_KIND);
	CHECK_EQUAL(CALL(2, 20, 0), PUDU_ERR_SYSCALL);
	CHECK_EQUAL(CALL(2, ~0ull, 0), PUDU_ERR_SYSCALL);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, slot, 2 * PUDU_PAGE_SIZE));
}

/* The same where the caller is switched away from: another one runs with other values meanwhile. */
static void a_switch_keeps_and_leaks_nothing(void)
{
	static struct registers other;
	static _Atomic uint64_t count;

	fill(&other, 99);
	CHECK_OK(check_raw(TEST_HANDLE(0), registers_spin, (uint64_t)&other));
	CHECK_OK(check_raw(TEST_HANDLE(1), raw_count_yield, (uint64_t)&count));
	CHECK_OK(pudu_executor_start(TEST_HANDLE(0)));
	CHECK_OK(pudu_executor_start(TEST_HANDLE(1)));
	for (unsigned i = 0; i < 6; i++)
		CHECK_EQUAL(CALL(2, 0, 0), PUDU_OK);
	CHECK_OK(pudu_terminate(TEST_HANDLE(0), 0));
	CHECK_OK(pudu_terminate(TEST_HANDLE(1), 0));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), 2 * PUDU_PAGE_SIZE));
}

/* What if a new executor found what the one before left in the hart's registers? */
static void a_new_executor_starts_with_zeros(void)
{
	static struct registers other, seen;

	fill(&other, 7);
	for (unsigned round = 0; round < 4; round++) {
		CHECK_OK(check_raw(TEST_HANDLE(0), registers_spin, (uint64_t)&other));
		CHECK_OK(check_raw(TEST_HANDLE(1), registers_store, (uint64_t)&seen));
		CHECK_OK(pudu_executor_start(TEST_HANDLE(0)));
		pudu_yield();
		pudu_yield();
		memset(&seen, 0xff, sizeof seen);
		CHECK_OK(pudu_executor_start(TEST_HANDLE(1)));
		CHECK_EQUAL(check_await_end(TEST_HANDLE(1)), 1);
		for (unsigned n = 1; n < 32; n++)
			CHECK_EQUAL(seen.x[n], n == A0 ? (uint64_t)&seen : n == 31 ? seen.x[n] : 0);
		for (unsigned n = 0; n < 32; n++)
			CHECK_EQUAL(seen.f[n], 0);
		CHECK_EQUAL(seen.fcsr, 0);
		CHECK_OK(pudu_terminate(TEST_HANDLE(0), 0));
		CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), 2 * PUDU_PAGE_SIZE));
	}
}

/* Stop a spinning executor and read its registers; let it go on if it has not had its turn yet. */
static void stop_when_it_has_run(uint64_t executor, uint64_t x[32])
{
	for (unsigned tries = 0; tries < 1000; tries++) {
		CHECK_OK(pudu_executor_stop(executor));
		check_await_state(executor, PUDU_STATE_STOPPED);
		CHECK_OK(pudu_executor_regs(executor, PUDU_REGS_READ, (uint64_t)x, 256));
		if (x[31] > 1000)
			return;
		CHECK_OK(pudu_executor_start(executor));
		check_nap();
	}
}

/* Spinning ones take turns by force; what they have is read when they are stopped. */
static void all_registers_survive_preemption(void)
{
	static struct registers block[PUDU_MAX_HARTS + 2];
	static uint64_t x[32], f[33];
	unsigned n_all = (unsigned)pudu_info()->harts + 2;
	uint64_t from = pudu_ticks();

	for (unsigned i = 0; i < n_all; i++) {
		fill(&block[i], i);
		CHECK_OK(check_raw(TEST_HANDLE(i), registers_spin, (uint64_t)&block[i]));
		CHECK_OK(pudu_executor_start(TEST_HANDLE(i)));
	}
	while (pudu_ticks() - from < 6 * pudu_info()->slice)
		pudu_yield();
	for (unsigned i = 0; i < n_all; i++) {
		stop_when_it_has_run(TEST_HANDLE(i), x);
		CHECK_OK(pudu_executor_regs(TEST_HANDLE(i), PUDU_REGS_READ_FP, (uint64_t)f, 264));
		for (unsigned n = 1; n < 31; n++)
			CHECK_EQUAL(x[n], block[i].x[n]);
		CHECK(x[31] > 100);
		CHECK(memcmp(f, block[i].f, sizeof f) == 0);
		CHECK_OK(pudu_terminate(TEST_HANDLE(i), 0));
	}
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), n_all * PUDU_PAGE_SIZE));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(every_call_keeps_what_it_must_and_leaks_nothing),
		CASE(a_switch_keeps_and_leaks_nothing),
		CASE(a_new_executor_starts_with_zeros),
		CASE(all_registers_survive_preemption),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
