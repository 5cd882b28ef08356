/* SPDX-License-Identifier: MIT */
/* calls_executor.c - executors are created, started, stopped, changed and ended as promised. */
#include <stdatomic.h>
#include <string.h>

#include "check.h"
#include "raw.h"

#define SLOT(i) TEST_HANDLE(i)
#define STOPPED PUDU_STATE_STOPPED
#define PARKED	PUDU_STATE_PARKED

struct fp {
	uint64_t f[32];
	uint64_t fcsr;
};

static struct pudu_result regs(uint64_t slot, uint64_t operation, void *buffer)
{
	return pudu_executor_regs(slot, operation, (uint64_t)buffer,
				  operation >= PUDU_REGS_READ_FP ? 264 : 256);
}

static void drop(uint64_t n)
{
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, SLOT(0), n * PUDU_PAGE_SIZE));
}

static void a_new_one_is_stopped_and_clean(void)
{
	uint64_t x[32], id = 0;
	struct fp fp;

	for (unsigned i = 0; i < 3; i++) {
		struct pudu_result made = pudu_executor_create(SLOT(i), PUDU_OWN_VAS, 0,
							       (uint64_t)raw_end, 0x1234, 99 + i);

		CHECK_EQUAL(made.status, PUDU_OK);
		CHECK(made.value > id);
		id = made.value;
		CHECK_EQUAL(check_state(SLOT(i)), STOPPED);
		memset(x, 0xff, sizeof x);
		CHECK_OK(regs(SLOT(i), PUDU_REGS_READ, x));
		CHECK_EQUAL(x[0], raw_end);
		for (unsigned n = 1; n < 32; n++)
			CHECK_EQUAL(x[n], n == 2 ? 0x1234 : n == 10 ? 99 + i : 0);
		memset(&fp, 0xff, sizeof fp);
		CHECK_OK(regs(SLOT(i), PUDU_REGS_READ_FP, &fp));
		for (unsigned n = 0; n < 32; n++)
			CHECK_EQUAL(fp.f[n], 0);
		CHECK_EQUAL(fp.fcsr, 0);
		CHECK_OK(pudu_terminate(SLOT(i), 0));
	}
	drop(3);
}

static void it_runs_when_started_and_its_code_is_told(void)
{
	static const int64_t code[] = { 0, 1, -1, INT64_MIN, INT64_MAX, 0x123456789abcdef };

	for (unsigned i = 0; i < sizeof code / sizeof code[0]; i++) {
		CHECK_OK(check_raw(SLOT(0), raw_end, (uint64_t)code[i]));
		CHECK_OK(pudu_executor_start(SLOT(0)));
		CHECK_EQUAL(check_await_end(SLOT(0)), code[i]);
		EXPECT(pudu_executor_start(SLOT(0)), PUDU_ERR_DEAD);
		EXPECT(pudu_executor_stop(SLOT(0)), PUDU_ERR_DEAD);
		EXPECT(pudu_terminate(SLOT(0), 5), PUDU_ERR_DEAD);
		CHECK_EQUAL(check_await_end(SLOT(0)), code[i]);
		drop(1);
	}
}

static void registers_can_be_written(void)
{
	uint64_t x[32], back[32];

	CHECK_OK(check_raw(SLOT(0), raw_spin, 0));
	for (unsigned n = 0; n < 32; n++)
		x[n] = 0x0101010101010101 * (uint64_t)n;
	x[0] = (uint64_t)raw_end;
	x[10] = 42;
	CHECK_OK(regs(SLOT(0), PUDU_REGS_WRITE, x));
	CHECK_OK(regs(SLOT(0), PUDU_REGS_READ, back));
	CHECK(memcmp(x, back, sizeof x) == 0);
	CHECK_OK(pudu_executor_start(SLOT(0)));
	CHECK_EQUAL(check_await_end(SLOT(0)), 42);
	EXPECT(regs(SLOT(0), PUDU_REGS_READ, x), PUDU_ERR_DEAD);
	drop(1);
}

static void fp_registers_can_be_written(void)
{
	double twenty_one = 21.0;
	struct fp fp, back;

	CHECK_OK(check_raw(SLOT(0), raw_double, 0));
	memset(&fp, 0, sizeof fp);
	for (unsigned n = 0; n < 32; n++)
		fp.f[n] = 0x4141414141414100 + n;
	memcpy(&fp.f[10], &twenty_one, 8);
	fp.fcsr = 0x20;
	CHECK_OK(regs(SLOT(0), PUDU_REGS_WRITE_FP, &fp));
	CHECK_OK(regs(SLOT(0), PUDU_REGS_READ_FP, &back));
	CHECK(memcmp(&fp, &back, sizeof fp) == 0);
	CHECK_OK(pudu_executor_start(SLOT(0)));
	CHECK_EQUAL(check_await_end(SLOT(0)), 42);
	drop(1);
}

static void registers_of_one_that_runs_are_refused(void)
{
	uint64_t x[32];

	CHECK_OK(check_raw(SLOT(0), raw_spin, 0));
	EXPECT(regs(pudu_thread_self(), PUDU_REGS_READ, x), PUDU_ERR_STATE);
	CHECK_OK(pudu_executor_start(SLOT(0)));
	EXPECT(regs(SLOT(0), PUDU_REGS_READ, x), PUDU_ERR_STATE);
	CHECK_OK(pudu_executor_stop(SLOT(0)));
	check_await_state(SLOT(0), STOPPED);
	CHECK_OK(regs(SLOT(0), PUDU_REGS_READ, x));
	CHECK_EQUAL(x[0], raw_spin);
	x[0] = (uint64_t)raw_end;
	x[10] = 8;
	CHECK_OK(regs(SLOT(0), PUDU_REGS_WRITE, x));
	CHECK_OK(pudu_executor_start(SLOT(0)));
	CHECK_EQUAL(check_await_end(SLOT(0)), 8);
	drop(1);
}

static void stop_and_park_are_two_reasons(void)
{
	static _Atomic uint32_t word;
	uint64_t x[32];

	word = 0;
	CHECK_OK(check_raw(SLOT(0), raw_park, (uint64_t)&word));
	CHECK_OK(pudu_executor_start(SLOT(0)));
	CHECK_OK(pudu_executor_start(SLOT(0))); /* twice is once */
	check_await_state(SLOT(0), PARKED);
	CHECK_OK(pudu_executor_stop(SLOT(0)));
	CHECK_OK(pudu_executor_stop(SLOT(0)));
	CHECK_EQUAL(check_state(SLOT(0)), PARKED | STOPPED);
	CHECK_OK(regs(SLOT(0), PUDU_REGS_READ, x));
	CHECK_EQUAL(x[8], &word);    /* s0 survived */
	CHECK_EQUAL(x[10], PUDU_OK); /* what park_if will answer */
	CHECK_EQUAL(x[5] | x[6] | x[7] | x[28] | x[29] | x[30] | x[31], 0);
	word = 21;
	CHECK_OK(pudu_unpark(SLOT(0)));
	CHECK_EQUAL(check_state(SLOT(0)), STOPPED);
	CHECK_OK(pudu_executor_start(SLOT(0)));
	CHECK_EQUAL(check_await_end(SLOT(0)), 21);
	drop(1);
}

static void one_can_stop_itself(void)
{
	CHECK_OK(check_raw(SLOT(0), raw_stop, SLOT(0)));
	CHECK_OK(pudu_executor_start(SLOT(0)));
	check_await_state(SLOT(0), STOPPED);
	CHECK_OK(pudu_executor_start(SLOT(0)));
	CHECK_EQUAL(check_await_end(SLOT(0)), 5);
	drop(1);
}

/* In every state it can be in. */
static void terminate_ends_it_wherever_it_is(void)
{
	static _Atomic uint32_t word;
	static _Atomic uint64_t count;

	word = 0;
	CHECK_OK(check_raw(SLOT(0), raw_end, 0));		   /* stopped */
	CHECK_OK(check_raw(SLOT(1), raw_park, (uint64_t)&word));   /* parked */
	CHECK_OK(check_raw(SLOT(2), raw_count, (uint64_t)&count)); /* runs or is queued */
	CHECK_OK(check_raw(SLOT(3), raw_park, (uint64_t)&word));   /* both */
	for (unsigned i = 1; i < 4; i++)
		CHECK_OK(pudu_executor_start(SLOT(i)));
	check_await_state(SLOT(1), PARKED);
	check_await_state(SLOT(3), PARKED);
	CHECK_OK(pudu_executor_stop(SLOT(3)));
	for (unsigned i = 0; i < 4; i++) {
		CHECK_OK(pudu_terminate(SLOT(i), 100 + i));
		EXPECT(pudu_terminate(SLOT(i), 7), PUDU_ERR_DEAD);
		CHECK_EQUAL(check_await_end(SLOT(i)), 100 + i);
	}
	drop(4);
}

static int64_t end_by_null(void *unused)
{
	(void)unused;
	pudu_terminate(0, 31);
	return 1;
}

static void terminate_of_0_is_the_caller(void)
{
	struct pudu_thread_end end;
	struct pudu_thread *thread;

	if (!CHECK_EQUAL(pudu_thread_create(&thread, end_by_null, NULL), PUDU_OK))
		return;
	pudu_thread_join(thread, &end);
	CHECK_EQUAL(end.code, 31);
	CHECK(!end.faulted);
}

/* What if somebody still had a handle when the last executor of an address space ended? */
static void an_address_space_ends_with_its_last_executor(void)
{
	uint64_t fresh = PUDU_R | PUDU_MAP_FRESH;

	CHECK_OK(pudu_vas_create(SLOT(0), 256, 'v', 0));
	CHECK_OK(pudu_map(SLOT(0), TEST_PAGE(0), 2 * PUDU_PAGE_SIZE, 0, 0, fresh));
	for (unsigned i = 1; i < 3; i++)
		CHECK_OK(pudu_executor_create(SLOT(i), SLOT(0), pudu_thread_self(), 0x10000, 0, 0));
	CHECK_OK(pudu_terminate(SLOT(1), 0));
	check_await_end(SLOT(1));
	CHECK_OK(pudu_map(SLOT(0), TEST_PAGE(2), PUDU_PAGE_SIZE, 0, 0, fresh));
	CHECK_OK(pudu_terminate(SLOT(2), 0));
	for (unsigned i = 0; i < 1000 && pudu_query(SLOT(0), TEST_PAGE(0)).status == PUDU_OK; i++)
		check_nap();
	EXPECT(pudu_query(SLOT(0), TEST_PAGE(0)), PUDU_ERR_DEAD);
	EXPECT(pudu_map(SLOT(0), TEST_PAGE(3), PUDU_PAGE_SIZE, 0, 0, fresh), PUDU_ERR_DEAD);
	EXPECT(pudu_unmap(SLOT(0), TEST_PAGE(0), PUDU_PAGE_SIZE), PUDU_ERR_DEAD);
	EXPECT(pudu_protect(SLOT(0), TEST_PAGE(0), PUDU_PAGE_SIZE, PUDU_R), PUDU_ERR_DEAD);
	EXPECT(pudu_map(PUDU_OWN_VAS, TEST_PAGE(0), PUDU_PAGE_SIZE, SLOT(0), TEST_PAGE(0),
			PUDU_R | PUDU_MAP_SHARE),
	       PUDU_ERR_DEAD);
	EXPECT(pudu_executor_create(SLOT(3), SLOT(0), 0, 0x10000, 0, 0), PUDU_ERR_DEAD);
	drop(3);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_new_one_is_stopped_and_clean),
		CASE(it_runs_when_started_and_its_code_is_told),
		CASE(registers_can_be_written),
		CASE(fp_registers_can_be_written),
		CASE(registers_of_one_that_runs_are_refused),
		CASE(stop_and_park_are_two_reasons),
		CASE(one_can_stop_itself),
		CASE(terminate_ends_it_wherever_it_is),
		CASE(terminate_of_0_is_the_caller),
		CASE(an_address_space_ends_with_its_last_executor),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
