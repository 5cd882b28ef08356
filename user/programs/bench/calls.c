/* SPDX-License-Identifier: MIT */
/* calls.c - what system calls cost that only switch, park or wake. */
#include "bench.h"

#include <stdatomic.h>
#include <stddef.h>

#include <pudu/calls.h>
#include <pudu/memory.h>
#include <pudu/spawn.h>
#include <pudu/start.h>
#include <pudu/thread.h>

#include "abi/executor.h"

#define NO_CALL 4095 /* a number that is not assigned */

static _Atomic uint32_t stop, turn_here, turn_there;
static uint64_t here; /* handle of the measuring thread */

static inline int64_t no_call(void)
{
	register uint64_t number __asm__("a7") = NO_CALL;
	register int64_t status __asm__("a0");

	__asm__ volatile("ecall"
			 : "=r"(status), "+r"(number)::"a1", "a2", "a3", "a4", "a5", "a6", "t0",
			   "t1", "t2", "t3", "t4", "t5", "t6", "memory");
	return status;
}

static void bench_alone(void)
{
	static const uint32_t word = 1;
	struct pudu_thread *idle;

	BENCH_MEASURE(no_call());
	bench_print("null_syscall");
	BENCH_MEASURE(pudu_yield());
	bench_print("yield_alone");
	BENCH_MEASURE(pudu_park_if((uint64_t)&word, 0, PUDU_FOREVER));
	bench_print("park_mismatch");

	if (pudu_thread_prepare(&idle, NULL, NULL, PUDU_PAGE_SIZE) != PUDU_OK) {
		bench_fail("wake_nowaiter", "no memory for a thread");
		return;
	}
	uint64_t executor = pudu_thread_executor(idle);

	BENCH_MEASURE(pudu_unpark(executor));
	bench_print("wake_nowaiter");
	pudu_terminate(executor, 0);
	pudu_thread_join(idle, NULL);
}

static void yield_until(_Atomic uint32_t *flag)
{
	while (!atomic_load_explicit(flag, memory_order_relaxed))
		pudu_yield();
}

static int64_t yield_thread(void *argument)
{
	(void)argument;
	yield_until(&stop);
	return 0;
}

int bench_partner(void)
{
	yield_until(pudu_start()->shared);
	return 0;
}

static void bench_yield_same(void)
{
	struct pudu_thread *thread;

	if (pudu_thread_create(&thread, yield_thread, NULL) != PUDU_OK) {
		bench_fail("yield_rt_same_as", "no memory for a thread");
		return;
	}
	BENCH_MEASURE(pudu_yield());
	bench_print("yield_rt_same_as");
	stop = 1;
	pudu_thread_join(thread, NULL);
}

static void bench_yield_cross(void)
{
	static char name[] = "bench", option[] = "--partner";
	char *argv[] = { name, option, NULL };
	_Atomic uint32_t *flag = pudu_pages_take(PUDU_PAGE_SIZE);
	struct pudu_spawn_options options = {
		.path = name,
		.argv = argv,
		.shared = flag,
		.shared_size = PUDU_PAGE_SIZE,
	};
	struct pudu_process partner;

	if (flag == NULL || pudu_spawn(&options, &partner) != PUDU_OK) {
		bench_fail("yield_rt_cross_as", flag == NULL ? "no memory" : partner.error);
		return;
	}
	for (int i = 0; i < 100; i++)
		pudu_yield(); /* it has started by then */
	BENCH_MEASURE(pudu_yield());
	bench_print("yield_rt_cross_as");
	*flag = 1;
	pudu_wait(&partner, NULL);
	pudu_release(&partner);
	pudu_pages_give(flag, PUDU_PAGE_SIZE);
}

/* Wait until a turn is not what it was. */
static inline void await(_Atomic uint32_t *turn, uint32_t seen)
{
	while (atomic_load_explicit(turn, memory_order_acquire) == seen)
		pudu_park_if((uint64_t)turn, seen, PUDU_FOREVER);
}

static inline void pass(_Atomic uint32_t *turn, uint32_t value, uint64_t executor)
{
	atomic_store_explicit(turn, value, memory_order_release);
	pudu_unpark(executor);
}

static int64_t answer_thread(void *argument)
{
	(void)argument;
	for (uint32_t seen = 0; seen < BENCH_SAMPLES + BENCH_WARM_UP; seen++) {
		await(&turn_there, seen);
		pass(&turn_here, seen + 1, here);
	}
	return 0;
}

static void bench_park_wake(void)
{
	struct pudu_thread *thread;
	uint32_t round = 0;
	uint64_t there;

	here = pudu_thread_self();
	if (pudu_thread_create(&thread, answer_thread, NULL) != PUDU_OK) {
		bench_fail("park_wake_rt_same_as", "no memory for a thread");
		return;
	}
	there = pudu_thread_executor(thread);
	pudu_yield();
	BENCH_MEASURE(pass(&turn_there, round + 1, there); await(&turn_here, round); round++);
	bench_print("park_wake_rt_same_as");
	pudu_thread_join(thread, NULL);
}

/* Serve one who only calls, until it calls with 1. */
static int64_t serve(void *argument)
{
	struct pudu_words in = pudu_accept(0, 0, PUDU_FOREVER);

	(void)argument;
	while (in.status > 0 && in.word[0] == 0)
		in = pudu_reply_accept(0, 0, 0, 0, 0, PUDU_FOREVER, 0);
	return pudu_reply(0, 0, 0, 0, 0).status;
}

int bench_server(void)
{
	return serve(NULL) != PUDU_OK;
}

/* Call a server that accepts, and return from its reply. */
static void bench_call(uint64_t server, const char *name)
{
	struct pudu_words out;

	BENCH_MEASURE(out = pudu_call(server, 0, 1, 2, 3, 4, 5));
	if (out.status == PUDU_OK)
		bench_print(name);
	else
		bench_fail(name, "the call was refused");
	pudu_call(server, 1, 0, 0, 0, 0, 0);
}

static void bench_call_same(void)
{
	struct pudu_thread *thread;

	if (pudu_thread_create(&thread, serve, NULL) != PUDU_OK) {
		bench_fail("call_rt_same_as", "no memory for a thread");
		return;
	}
	bench_call(pudu_thread_executor(thread), "call_rt_same_as");
	pudu_thread_join(thread, NULL);
}

/* Floating-point registers of its own: all of them are loaded whenever it goes on. */
static inline void have_fp(uint64_t value)
{
	__asm__ volatile("fmv.d.x fs0, %0" ::"r"(value));
}

static int64_t serve_with_fp(void *argument)
{
	have_fp(1);
	return serve(argument);
}

void bench_call_fp(void)
{
	struct pudu_thread *thread;

	if (pudu_thread_create(&thread, serve_with_fp, NULL) != PUDU_OK) {
		bench_fail("call_rt_fp", "no memory for a thread");
		return;
	}
	have_fp(2);
	bench_call(pudu_thread_executor(thread), "call_rt_fp");
	pudu_thread_join(thread, NULL);
}

static void bench_call_cross(void)
{
	static char name[] = "bench", option[] = "--server";
	char *argv[] = { name, option, NULL };
	struct pudu_spawn_options options = { .path = name, .argv = argv };
	struct pudu_process server;

	if (pudu_spawn(&options, &server) != PUDU_OK) {
		bench_fail("call_rt_cross_as", server.error);
		return;
	}
	bench_call(server.executor, "call_rt_cross_as");
	pudu_wait(&server, NULL);
	pudu_release(&server);
}

void bench_calls(void)
{
	bench_alone();
	bench_yield_same();
	bench_yield_cross();
	bench_park_wake();
	bench_call_same();
	bench_call_cross();
}
