/* SPDX-License-Identifier: MIT */
/* calls_birth.c - executors without a supervisor: made, started, ended and dropped, again and
 * again. */
#include <stdatomic.h>
#include <string.h>

#include "check.h"
#include "raw.h"

#define SLOT(i) TEST_HANDLE(0x200 + (i)) /* in a table that check.c leaves alone */
#define MANY	40 /* more than wait for a grace period, and than a hart keeps pages */

/* Ends with 0, and its argument in fa0. */
void birth_convert(void);
__asm__(".text\n"
	".balign 4\n"
	"birth_convert:\n"
	"	fcvt.d.l fa0, a0\n"
	"	li	a0, 0\n"
	"	li	a1, 0\n"
	"	li	a7, 19\n"
	"	ecall\n");
_Static_assert(PUDU_SYSCALL_terminate == 19, "birth_convert");

struct fp {
	uint64_t f[32];
	uint64_t fcsr;
};

static struct pudu_result regs(uint64_t slot, uint64_t operation, void *buffer)
{
	return pudu_executor_regs(slot, operation, (uint64_t)buffer,
				  operation >= PUDU_REGS_READ_FP ? 264 : 256);
}

static struct pudu_result make(uint64_t slot, void (*code)(void), uint64_t argument)
{
	return pudu_executor_create(slot, PUDU_OWN_VAS, 0, (uint64_t)code, 0x1234, argument);
}

static void drop(uint64_t first, uint64_t n)
{
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, SLOT(first), n * PUDU_PAGE_SIZE));
}

/* Yield until it has ended. Result: its code. */
static uint64_t await_end(uint64_t slot)
{
	struct pudu_results state = pudu_executor_state(slot);

	while (state.status == PUDU_OK && (state.value[0] & PUDU_STATE_DEAD) == 0) {
		pudu_yield();
		state = pudu_executor_state(slot);
	}
	CHECK_EQUAL(state.status, PUDU_OK);
	return state.value[1];
}

/* Fill a page with what nobody may see, and give it back. */
static void leave_traces(void)
{
	struct fp fp;
	uint64_t x[32];

	for (unsigned n = 0; n < 32; n++)
		x[n] = 0x5a5a5a5a5a5a5a00 + n;
	x[0] = (uint64_t)raw_end;
	for (unsigned n = 0; n < 32; n++)
		fp.f[n] = 0x4045000000000000 + n; /* 42 and a little more */
	fp.fcsr = 0x20;
	CHECK_OK(make(SLOT(0), raw_end, 0));
	CHECK_OK(regs(SLOT(0), PUDU_REGS_WRITE, x));
	CHECK_OK(regs(SLOT(0), PUDU_REGS_WRITE_FP, &fp));
	CHECK_OK(pudu_terminate(SLOT(0), 0x77));
	drop(0, 1);
}

static void nothing_is_seen_of_who_had_the_page(void)
{
	for (uint64_t i = 0; i < MANY; i++) {
		struct fp fp;
		uint64_t x[32];

		leave_traces();
		CHECK_OK(make(SLOT(0), raw_double, i % 2));
		memset(x, 0xff, sizeof x);
		CHECK_OK(regs(SLOT(0), PUDU_REGS_READ, x));
		for (unsigned n = 1; n < 32; n++)
			CHECK_EQUAL(x[n], n == 2 ? 0x1234 : n == 10 ? i % 2 : 0);
		if (i % 4 < 2) {
			memset(&fp, 0xff, sizeof fp);
			CHECK_OK(regs(SLOT(0), PUDU_REGS_READ_FP, &fp));
			for (unsigned n = 0; n < 32; n++)
				CHECK_EQUAL(fp.f[n], 0);
			CHECK_EQUAL(fp.fcsr, 0);
		}
		CHECK_OK(pudu_executor_start(SLOT(0)));
		CHECK_EQUAL(await_end(SLOT(0)), 0);
		CHECK_EQUAL(pudu_executor_state(SLOT(0)).value[2], 0);
		drop(0, 1);
	}
}

/* Floating-point registers of the caller: written, so that they are saved when another one runs. */
static void write_fp(uint64_t value)
{
	__asm__ volatile("fcvt.d.l fa0, %0" ::"r"(value) : "fa0");
}

static void floating_point_begins_with_zeros(void)
{
	for (uint64_t i = 1; i <= 4; i++) {
		leave_traces();
		CHECK_OK(make(SLOT(0), raw_double, 0));
		write_fp(i);
		CHECK_OK(pudu_executor_start(SLOT(0)));
		CHECK_EQUAL(await_end(SLOT(0)), 0);
		drop(0, 1);

		/* One after the other on one hart, if there is only one. */
		CHECK_OK(make(SLOT(0), birth_convert, i));
		CHECK_OK(make(SLOT(1), raw_double, 0));
		CHECK_OK(pudu_executor_start(SLOT(0)));
		CHECK_OK(pudu_executor_start(SLOT(1)));
		CHECK_EQUAL(await_end(SLOT(1)), 0);
		CHECK_EQUAL(await_end(SLOT(0)), 0);
		drop(0, 2);
	}
}

/* Each gets its argument, an id of its own, and its page comes back. */
static int64_t make_and_drop(void *number)
{
	uint64_t n = (uint64_t)(uintptr_t)number, rounds = check_argument("rounds", 50), id = 0;

	for (uint64_t i = 0; i < rounds; i++) {
		struct pudu_result made = make(SLOT(n), raw_end, i);

		CHECK_EQUAL(made.status, PUDU_OK);
		CHECK(made.value > id);
		id = made.value;
		CHECK_OK(pudu_executor_start(SLOT(n)));
		if (i % 3 == 0)
			CHECK_EQUAL(await_end(SLOT(n)), i);
		else if (i % 3 == 1)
			pudu_yield();
		drop(n, 1);
	}
	return 0;
}

static void harts_make_and_drop_at_once(void)
{
	check_on_all_harts(make_and_drop);
}

static void one_that_nobody_can_start_is_gone(void)
{
	for (unsigned i = 0; i < MANY; i++) {
		if (i == MANY / 2)
			CHECK_OK(make(SLOT(1), raw_end, 0)); /* the table has another handle */
		CHECK_OK(make(SLOT(0), raw_end, 0));
		CHECK_EQUAL(check_state(SLOT(0)), PUDU_STATE_STOPPED);
		drop(0, 1);
		EXPECT(pudu_executor_state(SLOT(0)), PUDU_ERR_HANDLE);
	}
	drop(1, 1);
}

static void a_wild_count_of_what_is_done_is_refused(void)
{
	uint64_t argument[6] = { PUDU_OWN_VAS, SLOT(0), PUDU_PAGE_SIZE, 0, 0, 0 };

	CHECK_OK(make(SLOT(0), raw_end, 0));
	CHECK_OK(make(SLOT(1), raw_end, 0));
	CHECK_EQUAL(raw_call(PUDU_SYSCALL_unmap, argument, 1).status, PUDU_ERR_ARGUMENT);
	CHECK_EQUAL(check_state(SLOT(0)), PUDU_STATE_STOPPED);
	CHECK_EQUAL(raw_call(PUDU_SYSCALL_unmap, argument, 0).value[0], PUDU_PAGE_SIZE);
	EXPECT(pudu_executor_state(SLOT(0)), PUDU_ERR_HANDLE);
	drop(1, 1);
}

static void one_that_runs_goes_on_without_a_handle(void)
{
	static _Atomic uint64_t count;

	count = 0;
	CHECK_OK(make(SLOT(0), raw_count_yield, (uint64_t)&count));
	CHECK_OK(pudu_map(PUDU_OWN_VAS, SLOT(1), PUDU_PAGE_SIZE, PUDU_OWN_VAS, SLOT(0),
			  PUDU_R | PUDU_W | PUDU_MAP_SHARE));
	drop(0, 1);
	CHECK_OK(pudu_executor_start(SLOT(1)));
	EXPECT(pudu_executor_start(SLOT(0)), PUDU_ERR_HANDLE);
	while (count < 10)
		pudu_yield();
	CHECK_OK(pudu_terminate(SLOT(1), 5));
	CHECK_EQUAL(await_end(SLOT(1)), 5);
	drop(1, 1);
}

static void a_slot_in_use_is_left_as_it_is(void)
{
	struct pudu_result made = make(SLOT(0), raw_end, 7);

	CHECK_EQUAL(made.status, PUDU_OK);
	EXPECT(make(SLOT(0), raw_end, 8), PUDU_ERR_EXISTS);
	EXPECT(make(SLOT(0) + 8, raw_end, 8), PUDU_ERR_HANDLE);
	EXPECT(make(TEST_PAGE(0), raw_end, 8), PUDU_ERR_HANDLE);
	EXPECT(pudu_executor_create(SLOT(1), PUDU_OWN_VAS, 0, (uint64_t)raw_end + 1, 0, 0),
	       PUDU_ERR_ADDRESS);
	EXPECT(pudu_executor_create(SLOT(1), PUDU_OWN_VAS, 0, 0, 0, 0), PUDU_ERR_ADDRESS);
	EXPECT(pudu_executor_create(SLOT(1), PUDU_OWN_VAS, 0, PUDU_HANDLES, 0, 0),
	       PUDU_ERR_ADDRESS);
	EXPECT(pudu_executor_create(SLOT(1), SLOT(0), 0, (uint64_t)raw_end, 0, 0), PUDU_ERR_KIND);
	EXPECT(pudu_unmap(SLOT(0), SLOT(0), PUDU_PAGE_SIZE), PUDU_ERR_KIND);
	CHECK_EQUAL(pudu_unmap(PUDU_OWN_VAS, SLOT(1), PUDU_PAGE_SIZE).value, PUDU_PAGE_SIZE);
	CHECK_OK(pudu_executor_start(SLOT(0)));
	CHECK_EQUAL(await_end(SLOT(0)), 7);
	drop(0, 1);
}

static void without_the_right_w_nothing_is_done(void)
{
	uint64_t read_only = SLOT(2), vas = SLOT(3);

	CHECK_OK(make(SLOT(0), raw_end, 7));
	CHECK_OK(pudu_map(PUDU_OWN_VAS, read_only, PUDU_PAGE_SIZE, PUDU_OWN_VAS, SLOT(0),
			  PUDU_R | PUDU_MAP_SHARE));
	CHECK_OK(pudu_map(PUDU_OWN_VAS, vas, PUDU_PAGE_SIZE, PUDU_OWN_VAS, PUDU_OWN_VAS,
			  PUDU_R | PUDU_MAP_SHARE));
	EXPECT(pudu_executor_start(read_only), PUDU_ERR_RIGHT);
	CHECK_EQUAL(check_state(SLOT(0)), PUDU_STATE_STOPPED);
	EXPECT(pudu_executor_create(SLOT(1), vas, 0, (uint64_t)raw_end, 0, 0), PUDU_ERR_RIGHT);
	EXPECT(pudu_executor_state(SLOT(1)), PUDU_ERR_HANDLE);
	EXPECT(pudu_unmap(vas, SLOT(0), PUDU_PAGE_SIZE), PUDU_ERR_RIGHT);
	CHECK_EQUAL(check_state(SLOT(0)), PUDU_STATE_STOPPED);
	drop(0, 4);
}

static uint64_t used(void)
{
	return pudu_vas_budget(PUDU_OWN_VAS, PUDU_BUDGET_KEEP).value[1];
}

/* What is used of the budget; all that has ended gives back what it has. */
static void each_costs_one_page_of_the_budget(void)
{
	CHECK_OK(make(SLOT(0), raw_end, 0)); /* and a table for the slots */
	uint64_t before = used();

	for (uint64_t i = 1; i <= MANY; i++) {
		CHECK_OK(make(SLOT(i), raw_end, 0));
		CHECK_EQUAL(used(), before + i);
	}
	for (uint64_t i = 1; i <= MANY; i++) {
		CHECK_OK(pudu_executor_start(SLOT(i)));
		await_end(SLOT(i));
	}
	check_nap(); /* they are buried */
	CHECK_EQUAL(used(), before + MANY);
	for (uint64_t i = MANY; i > 0; i--) {
		drop(i, 1);
		CHECK_EQUAL(used(), before + i - 1);
	}
	drop(0, 1);
}

/* The last case: a program can't raise its own budget again. */
static void what_the_budget_does_not_have_is_refused(void)
{
	CHECK_OK(make(SLOT(0), raw_end, 0)); /* and a table for the slots */
	CHECK_OK(pudu_vas_budget(PUDU_OWN_VAS, used() + 2));
	CHECK_OK(make(SLOT(1), raw_end, 0));
	CHECK_OK(make(SLOT(2), raw_end, 0));
	EXPECT(make(SLOT(3), raw_end, 0), PUDU_ERR_MEMORY);
	EXPECT(pudu_executor_state(SLOT(3)), PUDU_ERR_HANDLE);
	CHECK_OK(pudu_terminate(SLOT(2), 0));
	check_nap(); /* it is buried */
	drop(2, 1);
	CHECK_OK(make(SLOT(3), raw_end, 0));
	drop(0, 4);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(nothing_is_seen_of_who_had_the_page),
		CASE(floating_point_begins_with_zeros),
		CASE(harts_make_and_drop_at_once),
		CASE(one_that_nobody_can_start_is_gone),
		CASE(a_wild_count_of_what_is_done_is_refused),
		CASE(one_that_runs_goes_on_without_a_handle),
		CASE(a_slot_in_use_is_left_as_it_is),
		CASE(without_the_right_w_nothing_is_done),
		CASE(each_costs_one_page_of_the_budget),
		CASE(what_the_budget_does_not_have_is_refused),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
