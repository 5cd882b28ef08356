/* SPDX-License-Identifier: MIT */
/*
 * calls_fp.c - floating-point registers over switches of executors that have written theirs once
 * and only look at them since: each finds its own, and nothing of the other.
 */
#include <stdatomic.h>

#include "check.h"

#define ROUNDS	   200
#define CALLER	   0x1111000000000000ull /* what each has in fN is its own, plus N */
#define CALLEE	   0x2222000000000000ull
#define ROUND_UP   3 /* rounding modes, in fcsr */
#define ROUND_DOWN 2

#define EACH_F(do)                                                                                                     \
	do                                                                                                             \
	(0) do(1) do(2) do(3) do(4) do(5) do(6) do(7) do(8) do(9) do(10) do(11) do(12) do(13) do(14) do(15) do(16) do( \
		17) do(18) do(19) do(20) do(21) do(22) do(23) do(24) do(25) do(26) do(27) do(28) do(29) do(30) do(31)

#define FILL(n) __asm__ volatile("fmv.d.x f" #n ", %0" ::"r"(mine + n));
#define LOOK(n) __asm__ volatile("fmv.x.d %0, f" #n : "=r"(value[n]));

static void fill(uint64_t mine, uint64_t mode)
{
	EACH_F(FILL)
	__asm__ volatile("fsrm %0" ::"r"(mode));
}

/* Registers that hold what they should: all of the saved ones, and no other holds what it should
 * not. */
static bool holds(uint64_t mine, uint64_t mode)
{
	uint64_t value[32], rounding;

	__asm__ volatile("frrm %0" : "=r"(rounding));
	EACH_F(LOOK)
	for (unsigned n = 0; n < 32; n++) {
		bool saved = n == 8 || n == 9 || (n >= 18 && n <= 27);

		if (value[n] != mine + n && (saved || value[n] != 0))
			return false;
	}
	return rounding == mode;
}

static _Atomic uint64_t wrong;
static _Atomic uint32_t ball;
static uint64_t self;

static int64_t serve(void *argument)
{
	struct pudu_words in = pudu_accept(0, 0, PUDU_FOREVER);

	(void)argument;
	fill(CALLEE, ROUND_DOWN);
	for (unsigned i = 0; i < ROUNDS && in.status > 0; i++) {
		wrong += !holds(CALLEE, ROUND_DOWN);
		in = pudu_reply_accept(0, i, 0, 0, 0, PUDU_FOREVER, 0);
	}
	wrong += !holds(CALLEE, ROUND_DOWN);
	return pudu_reply(0, 0, 0, 0, 0).status;
}

static void calls_keep_them_apart(void)
{
	struct pudu_thread *thread;

	wrong = 0;
	CHECK_EQUAL(pudu_thread_create(&thread, serve, NULL), PUDU_OK);
	fill(CALLER, ROUND_UP);
	for (unsigned i = 0; i <= ROUNDS; i++) {
		CHECK_EQUAL(pudu_call(pudu_thread_executor(thread), i, 0, 0, 0, 0, 0).status,
			    PUDU_OK);
		wrong += !holds(CALLER, ROUND_UP);
	}
	CHECK_EQUAL(wrong, 0);
	pudu_thread_join(thread, NULL);
}

/* Parks, and yields in between. */
static void wait_for(uint32_t value, uint64_t mine, uint64_t mode)
{
	while (ball != value) {
		pudu_park_if((uint64_t)&ball, ball == value ? value + 1 : value - 1, PUDU_FOREVER);
		wrong += !holds(mine, mode);
		pudu_yield();
		wrong += !holds(mine, mode);
	}
}

static int64_t play(void *argument)
{
	(void)argument;
	fill(CALLEE, ROUND_DOWN);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		wait_for(2 * i + 1, CALLEE, ROUND_DOWN);
		ball = 2 * i + 2;
		pudu_unpark(self);
	}
	return 0;
}

static void parks_and_yields_keep_them_apart(void)
{
	struct pudu_thread *thread;

	wrong = 0;
	ball = 0;
	self = pudu_thread_self();
	CHECK_EQUAL(pudu_thread_create(&thread, play, NULL), PUDU_OK);
	fill(CALLER, ROUND_UP);
	for (uint32_t i = 0; i < ROUNDS; i++) {
		ball = 2 * i + 1;
		pudu_unpark(pudu_thread_executor(thread));
		wait_for(2 * i + 2, CALLER, ROUND_UP);
	}
	CHECK_EQUAL(wrong, 0);
	pudu_thread_join(thread, NULL);
}

/* What if one that has never written any found those of another? All of its own are 0. */
static int64_t never_written(void *argument)
{
	(void)argument;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct pudu_words in = pudu_accept(0, 0, PUDU_FOREVER);
		uint64_t value[32];

		EACH_F(LOOK)
		for (unsigned n = 0; n < 32; n++)
			wrong += value[n] != 0;
		pudu_reply(0, in.word[0], 0, 0, 0);
	}
	return 0;
}

static void one_that_wrote_none_finds_zeros(void)
{
	struct pudu_thread *thread;

	wrong = 0;
	CHECK_EQUAL(pudu_thread_create(&thread, never_written, NULL), PUDU_OK);
	fill(CALLER, ROUND_UP);
	for (unsigned i = 0; i < ROUNDS; i++) {
		CHECK_EQUAL(pudu_call(pudu_thread_executor(thread), i, 0, 0, 0, 0, 0).status,
			    PUDU_OK);
		wrong += !holds(CALLER, ROUND_UP);
	}
	CHECK_EQUAL(wrong, 0);
	pudu_thread_join(thread, NULL);
	__asm__ volatile("fsrm zero");
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(calls_keep_them_apart),
		CASE(parks_and_yields_keep_them_apart),
		CASE(one_that_wrote_none_finds_zeros),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
