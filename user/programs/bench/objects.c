/* SPDX-License-Identifier: MIT */
/* objects.c - what executors and address spaces cost, in instructions and in bytes. */
#include "bench.h"

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/start.h>

#include "abi/executor.h"
#include "abi/status.h"

#define MANY 64 /* executors, to see what one takes */

/* All that the measured executors do: end. It uses no stack, gp or tp, and fits in one page. */
extern char bench_end[];
__asm__(".section .text.bench_end, \"ax\"\n"
	".balign 64\n"
	".globl bench_end\n"
	"bench_end:\n"
	"	li	a0, 0\n"
	"	li	a1, 0\n"
	"	li	a7, 19\n"
	"	ecall\n"
	".previous");
_Static_assert(PUDU_SYSCALL_terminate == 19, "bench_end");

/*
 * Create an executor, let it run until it ends, and release it. It runs while the caller yields,
 * because it is the only one that is ready.
 */
static void bench_executor(uint64_t handle)
{
	struct pudu_results state;

	BENCH_MEASURE(pudu_executor_create(handle, PUDU_OWN_VAS, 0, (uint64_t)bench_end, 0, 0);
		      pudu_executor_start(handle); pudu_yield();
		      if (bench_i == 0) state = pudu_executor_state(handle);
		      pudu_unmap(PUDU_OWN_VAS, handle, PUDU_PAGE_SIZE));
	if (state.status == PUDU_OK && (state.value[0] & PUDU_STATE_DEAD))
		bench_print("executor_create_run_exit");
	else
		bench_fail("executor_create_run_exit", "it did not run");
}

/* The same in an address space of its own with one page of text. */
static void bench_vas(uint64_t vas)
{
	uint64_t handle = vas + PUDU_PAGE_SIZE;
	uint64_t text = (uint64_t)bench_end & ~(uint64_t)(PUDU_PAGE_SIZE - 1);
	struct pudu_results state;

	BENCH_MEASURE(pudu_vas_create(vas, 256, 'b', 0);
		      pudu_map(vas, text, PUDU_PAGE_SIZE, PUDU_OWN_VAS, text,
			       PUDU_R | PUDU_X | PUDU_MAP_SHARE);
		      pudu_executor_create(handle, vas, 0, (uint64_t)bench_end, 0, 0);
		      pudu_executor_start(handle); pudu_yield();
		      if (bench_i == 0) state = pudu_executor_state(handle);
		      pudu_unmap(PUDU_OWN_VAS, vas, 2 * PUDU_PAGE_SIZE));
	if (state.status == PUDU_OK && (state.value[0] & PUDU_STATE_DEAD))
		bench_print("vas_create_start_exit");
	else
		bench_fail("vas_create_start_exit", "it did not run");
}

static void bench_bytes(uint64_t slot)
{
	uint64_t before = pudu_free_frames(), made = 0;

	while (made < MANY && pudu_executor_create(PUDU_HANDLE(slot + made), PUDU_OWN_VAS, 0,
						   (uint64_t)bench_end, 0, 0)
					      .status == PUDU_OK)
		made++;
	if (made == MANY)
		bench_print_value("bytes_per_executor",
				  (before - pudu_free_frames()) * PUDU_PAGE_SIZE / MANY, "bytes");
	else
		bench_fail("bytes_per_executor", "no memory for executors");
	for (uint64_t i = 0; i < made; i++)
		pudu_terminate(PUDU_HANDLE(slot + i), 0);
	if (made != 0)
		pudu_unmap(PUDU_OWN_VAS, PUDU_HANDLE(slot), made * PUDU_PAGE_SIZE);
}

void bench_objects(void)
{
	uint64_t slot = pudu_slots_take(MANY);

	if (slot == 0) {
		bench_fail("executor_create_run_exit", "no slots are free");
		return;
	}
	bench_executor(PUDU_HANDLE(slot));
	bench_vas(PUDU_HANDLE(slot));
	bench_bytes(slot);
	pudu_slots_give(slot, MANY);
}
