/* SPDX-License-Identifier: MIT */
/*
 * bad_programs.c - whatever a program does wrong ends that executor alone, with the cause and the
 * address told.
 */
#include <stdio.h>

#include "check.h"

enum {
	CAUSE_ILLEGAL = 2,
	CAUSE_BREAKPOINT = 3,
	CAUSE_FETCH = 12,
	CAUSE_LOAD = 13,
	CAUSE_STORE = 15,
};

#define KERNEL_TEXT   0xffffffff80000000
#define DIRECT_MAP    0xffffffd080000000
#define NON_CANONICAL 0x1000000000000000
#define UNMAPPED      (TEST_MEMORY + 0x123456000)

/* Any instruction, in a thread. */
#define BAD(name, ...)                                                                             \
	static int64_t name(void *argument)                                                        \
	{                                                                                          \
		register uint64_t a0 __asm__("a0") = (uint64_t)argument;                           \
		__asm__ volatile(__VA_ARGS__ : "+r"(a0)::"memory", "t0", "ra");                    \
		return 0;                                                                          \
	}

BAD(do_load, "ld t0, 0(a0)")
BAD(do_load_byte, "lb t0, 0(a0)")
BAD(do_store, "sd zero, 0(a0)")
BAD(do_jump, "jr a0")
BAD(do_atomic, "amoadd.w zero, zero, (a0)")
BAD(do_illegal, ".word 0xffffffff")
BAD(do_illegal_0, ".half 0")
BAD(do_sret, "sret")
BAD(do_wfi, "wfi")
BAD(do_mret, "mret")
BAD(do_sfence, "sfence.vma")
BAD(do_read_csr, "csrr t0, sstatus")
BAD(do_write_csr, "csrw sepc, zero")
BAD(do_read_satp, "csrr t0, satp")
BAD(do_set_cycle, "csrw cycle, zero")
BAD(do_ebreak, "ebreak")
BAD(do_vector, ".word 0x02000007") /* vle8.v v0, (zero) */

static volatile unsigned depth_limit = ~0u;

static __attribute__((noinline)) int64_t recurse(volatile char *before, unsigned depth)
{
	volatile char frame[512];

	frame[0] = before[0];
	return depth == depth_limit ? 0 : recurse(frame, depth + 1) + frame[0];
}

static int64_t do_overflow(void *argument)
{
	volatile char first = 0;

	(void)argument;
	return recurse(&first, 0);
}

struct bad {
	const char *what;
	int64_t (*function)(void *);
	uint64_t argument;
	uint64_t cause;
	uint64_t address; /* ANY: not compared */
};

#define ANY 0x5555

static char text_page[1] __attribute__((section(".text.bad"), aligned(64))) = { 0 };
static const uint64_t constant = 5;
static uint64_t data = 0x00008067; /* ret */

static const struct bad bads[] = {
	{ "loads from 0", do_load, 0, CAUSE_LOAD, 0 },
	{ "stores to 0", do_store, 0, CAUSE_STORE, 0 },
	{ "jumps to 0", do_jump, 0, CAUSE_FETCH, 0 },
	{ "loads from the end of page 0", do_load, 0xff8, CAUSE_LOAD, 0xff8 },
	{ "loads what is not mapped", do_load, UNMAPPED, CAUSE_LOAD, UNMAPPED },
	{ "stores to what is not mapped", do_store, UNMAPPED, CAUSE_STORE, UNMAPPED },
	{ "jumps to what is not mapped", do_jump, UNMAPPED, CAUSE_FETCH, UNMAPPED },
	{ "loads kernel text", do_load, KERNEL_TEXT, CAUSE_LOAD, KERNEL_TEXT },
	{ "stores to the kernel", do_store, KERNEL_TEXT, CAUSE_STORE, KERNEL_TEXT },
	{ "jumps into the kernel", do_jump, KERNEL_TEXT, CAUSE_FETCH, KERNEL_TEXT },
	{ "loads by the direct map", do_load, DIRECT_MAP, CAUSE_LOAD, DIRECT_MAP },
	{ "stores by the direct map", do_store, DIRECT_MAP, CAUSE_STORE, DIRECT_MAP },
	{ "jumps into the direct map", do_jump, DIRECT_MAP, CAUSE_FETCH, DIRECT_MAP },
	{ "loads the last byte", do_load_byte, ~0ull, CAUSE_LOAD, ~0ull },
	{ "loads no address", do_load, NON_CANONICAL, CAUSE_LOAD, NON_CANONICAL },
	{ "stores to no address", do_store, NON_CANONICAL, CAUSE_STORE, NON_CANONICAL },
	{ "jumps to no address", do_jump, NON_CANONICAL, CAUSE_FETCH, NON_CANONICAL },
	{ "loads a handle", do_load, PUDU_OWN_VAS, CAUSE_LOAD, PUDU_OWN_VAS },
	{ "stores to a handle", do_store, PUDU_OWN_VAS, CAUSE_STORE, PUDU_OWN_VAS },
	{ "jumps to a handle", do_jump, PUDU_OWN_VAS, CAUSE_FETCH, PUDU_OWN_VAS },
	{ "loads an executor", do_load, PUDU_MAIN_EXECUTOR + 8, CAUSE_LOAD,
	  PUDU_MAIN_EXECUTOR + 8 },
	{ "loads an empty slot", do_load, TEST_HANDLE(9), CAUSE_LOAD, TEST_HANDLE(9) },
	{ "stores to the info page", do_store, PUDU_INFO_PAGE, CAUSE_STORE, PUDU_INFO_PAGE },
	{ "jumps to the info page", do_jump, PUDU_INFO_PAGE, CAUSE_FETCH, PUDU_INFO_PAGE },
	{ "stores to text", do_store, (uint64_t)text_page, CAUSE_STORE, (uint64_t)text_page },
	{ "stores to a constant", do_store, (uint64_t)&constant, CAUSE_STORE, (uint64_t)&constant },
	{ "runs data", do_jump, (uint64_t)&data, CAUSE_FETCH, (uint64_t)&data },
	{ "overflows its stack", do_overflow, 0, CAUSE_STORE, ANY },
	{ "runs no instruction", do_illegal, 0, CAUSE_ILLEGAL, ANY },
	{ "runs a zero", do_illegal_0, 0, CAUSE_ILLEGAL, ANY },
	{ "returns from a trap", do_sret, 0, CAUSE_ILLEGAL, ANY },
	{ "returns to M-mode", do_mret, 0, CAUSE_ILLEGAL, ANY },
	{ "flushes the TLB", do_sfence, 0, CAUSE_ILLEGAL, ANY },
	{ "reads sstatus", do_read_csr, 0, CAUSE_ILLEGAL, ANY },
	{ "writes sepc", do_write_csr, 0, CAUSE_ILLEGAL, ANY },
	{ "reads satp", do_read_satp, 0, CAUSE_ILLEGAL, ANY },
	{ "writes a counter", do_set_cycle, 0, CAUSE_ILLEGAL, ANY },
	{ "uses vectors", do_vector, 0, CAUSE_ILLEGAL, ANY },
	{ "breaks", do_ebreak, 0, CAUSE_BREAKPOINT, ANY },
};

static void try(const struct bad *bad)
{
	struct pudu_thread_end end;
	struct pudu_thread *thread;
	int64_t status = pudu_thread_create(&thread, bad->function, (void *)bad->argument);

	if (!CHECK_EQUAL(status, PUDU_OK))
		return;
	pudu_thread_join(thread, &end);
	if (!CHECK(end.faulted) || !CHECK_EQUAL(end.code, -(bad->cause + 1)) ||
	    (bad->address != ANY && !CHECK_EQUAL(end.address, bad->address)))
		printf("    it %s\n", bad->what);
}

static void each_ends_with_its_cause(void)
{
	for (unsigned i = 0; i < sizeof bads / sizeof bads[0]; i++)
		try(&bads[i]);
}

/* The guard page is just below the stack, so the address says that it was an overflow. */
static void a_stack_overflow_hits_the_guard_page(void)
{
	struct pudu_thread_end end;
	struct pudu_thread *thread;
	uint64_t length;

	if (!CHECK_EQUAL(pudu_thread_create(&thread, do_overflow, NULL), PUDU_OK))
		return;
	pudu_thread_join(thread, &end);
	CHECK_EQUAL(end.code, -(CAUSE_STORE + 1));
	CHECK(end.address >= PUDU_ARENA_START && end.address < PUDU_ARENA_END);
	CHECK_EQUAL(check_query(PUDU_OWN_VAS, end.address & ~0xfffull, &length), 0);
}

/* QEMU tells a load where the specification has a store, at least where nothing is mapped. */
static void an_atomic_change_needs_the_right(void)
{
	static const uint64_t *const at[] = { NULL, &constant, (const uint64_t *)PUDU_OWN_VAS };
	struct pudu_thread_end end;
	struct pudu_thread *thread;

	for (unsigned i = 0; i < 3; i++) {
		if (!CHECK_EQUAL(pudu_thread_create(&thread, do_atomic, (void *)at[i]), PUDU_OK))
			return;
		pudu_thread_join(thread, &end);
		CHECK(end.code == -(CAUSE_STORE + 1) || end.code == -(CAUSE_LOAD + 1));
		CHECK_EQUAL(end.address, at[i]);
	}
}

/* wfi in user mode: QEMU may let it pass as a nop or call it illegal; it may not stop the hart. */
static void wfi_stops_no_hart(void)
{
	struct pudu_thread_end end;
	struct pudu_thread *thread;

	if (!CHECK_EQUAL(pudu_thread_create(&thread, do_wfi, NULL), PUDU_OK))
		return;
	pudu_thread_join(thread, &end);
	CHECK(!end.faulted || end.code == -(CAUSE_ILLEGAL + 1));
}

static _Atomic uint64_t worked;

static int64_t work(void *argument)
{
	for (volatile unsigned *stop = argument; !*stop; pudu_yield())
		worked++;
	return 17;
}

/* What if the end of one disturbed another of the same program? */
static void the_rest_goes_on(void)
{
	static volatile unsigned stop;
	struct pudu_thread_end end;
	struct pudu_thread *thread;
	uint64_t before;

	if (!CHECK_EQUAL(pudu_thread_create(&thread, work, (void *)&stop), PUDU_OK))
		return;
	for (unsigned i = 0; i < 10; i++)
		try(&bads[i]);
	before = worked;
	for (unsigned i = 0; i < 1000 && worked == before; i++)
		check_nap();
	CHECK(worked != before);
	stop = 1;
	pudu_thread_join(thread, &end);
	CHECK_EQUAL(end.code, 17);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(each_ends_with_its_cause),
		CASE(a_stack_overflow_hits_the_guard_page),
		CASE(an_atomic_change_needs_the_right),
		CASE(wfi_stops_no_hart),
		CASE(the_rest_goes_on),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
