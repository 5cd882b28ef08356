/* SPDX-License-Identifier: MIT */
/*
 * bad_memory.c - every address, length and flag of every call: what is wrong is refused by name,
 * and nothing changes.
 */
#include <stdio.h>
#include <string.h>

#include <pudu/status.h>

#include "check.h"
#include "raw.h"

#define E	 TEST_HANDLE(0) /* a stopped executor */
#define EMPTY	 TEST_HANDLE(5)
#define OWN	 PUDU_OWN_VAS
#define PAGE	 TEST_PAGE(0) /* mapped RW */
#define READ	 TEST_PAGE(1) /* mapped R */
#define HOLE	 TEST_PAGE(2)
#define RW	 (PUDU_R | PUDU_W)
#define RX	 (PUDU_R | PUDU_X)
#define FRESH	 (RW | PUDU_MAP_FRESH)
#define SHARE	 (PUDU_R | PUDU_MAP_SHARE)
#define MOVE	 (PUDU_R | PUDU_MAP_MOVE)

#define ADDRESS	 PUDU_ERR_ADDRESS
#define LENGTH	 PUDU_ERR_LENGTH
#define ARGUMENT PUDU_ERR_ARGUMENT
#define RIGHT	 PUDU_ERR_RIGHT

struct row {
	uint64_t number;
	uint64_t argument[6];
	int64_t expected;
};

/* Addresses where no program may have anything, whatever the call. */
static const uint64_t nowhere[] = {
	0,
	8,
	0xff8,
	0xffffffff80000000,
	0xffffffd080000000,
	0xffffffc000000000,
	0x8000000000000000,
	0x1000000000000000,
	0x0000800000000000,
	0x0001000000000000,
	~0ull & ~7ull,
	~0xfffull,
	0x7ffffffffffff000,
};

static const struct row rows[] = {
	/* park_if */
	{ 1, { PAGE + 1, 0, ~0ull }, ADDRESS },
	{ 1, { PAGE + 2, 0, ~0ull }, ADDRESS },
	{ 1, { HOLE, 0, ~0ull }, ADDRESS },
	{ 1, { PUDU_OWN_VAS, 0, ~0ull }, ADDRESS },
	{ 1, { PUDU_MAIN_EXECUTOR + 0x200, 0, ~0ull }, ADDRESS },
	{ 1, { PUDU_INFO_PAGE + 0x1000, 0, ~0ull }, ADDRESS },
	{ 1, { PUDU_HANDLES_END - 4, 0, ~0ull }, ADDRESS },
	/* map: destination and length */
	{ 7, { OWN, 0, 0x1000, 0, 0, FRESH }, ADDRESS },
	{ 7, { OWN, HOLE + 1, 0x1000, 0, 0, FRESH }, ADDRESS },
	{ 7, { OWN, HOLE + 0x800, 0x1000, 0, 0, FRESH }, ADDRESS },
	{ 7, { OWN, HOLE, 0, 0, 0, FRESH }, LENGTH },
	{ 7, { OWN, HOLE, 1, 0, 0, FRESH }, LENGTH },
	{ 7, { OWN, HOLE, 0x1800, 0, 0, FRESH }, LENGTH },
	{ 7, { OWN, HOLE, ~0xfffull, 0, 0, FRESH }, LENGTH },
	{ 7, { OWN, HOLE, 1ull << 63, 0, 0, FRESH }, LENGTH },
	{ 7, { OWN, HOLE, ~HOLE + 1, 0, 0, FRESH }, LENGTH },
	{ 7, { OWN, PUDU_MEMORY_END - 0x1000, 0x2000, 0, 0, FRESH }, LENGTH },
	{ 7, { OWN, PUDU_MEMORY_END, 0x1000, 0, 0, FRESH }, ADDRESS },
	{ 7, { OWN, PUDU_INFO_PAGE + 0x1000, 0x1000, 0, 0, FRESH }, ADDRESS },
	{ 7, { OWN, PUDU_INFO_END - 0x1000, 0x1000, 0, 0, FRESH }, ADDRESS },
	{ 7, { OWN, EMPTY, 0x1000, 0, 0, FRESH }, ARGUMENT },
	{ 7, { OWN, PUDU_HANDLES_END - 0x1000, 0x2000, OWN, E, SHARE }, LENGTH },
	/* map: flags */
	{ 7, { OWN, HOLE, 0x1000, 0, 0, 0 }, ARGUMENT },
	{ 7, { OWN, HOLE, 0x1000, 0, 0, RW }, ARGUMENT },
	{ 7, { OWN, HOLE, 0x1000, 0, 0, PUDU_MAP_FRESH }, ARGUMENT },
	{ 7, { OWN, HOLE, 0x1000, 0, 0, PUDU_W | PUDU_MAP_FRESH }, ARGUMENT },
	{ 7, { OWN, HOLE, 0x1000, 0, 0, PUDU_W | PUDU_X | PUDU_MAP_FRESH }, ARGUMENT },
	{ 7, { OWN, HOLE, 0x1000, 0, 0, FRESH | PUDU_MAP_SHARE }, ARGUMENT },
	{ 7, { OWN, HOLE, 0x1000, 0, 0, FRESH | 8 }, ARGUMENT },
	{ 7, { OWN, HOLE, 0x1000, 0, 0, FRESH | 0x80 }, ARGUMENT },
	{ 7, { OWN, HOLE, 0x1000, 0, 0, FRESH | 1ull << 32 }, ARGUMENT },
	{ 7, { OWN, HOLE, 0x1000, 0, 0, FRESH | 1ull << 63 }, ARGUMENT },
	{ 7, { OWN, HOLE, 0x1000, OWN, 0, FRESH }, ARGUMENT },
	{ 7, { OWN, HOLE, 0x1000, 0, PAGE, FRESH }, ARGUMENT },
	{ 7, { OWN, HOLE, 0x1000, OWN, PAGE, SHARE | MOVE }, ARGUMENT },
	/* map: source */
	{ 7, { OWN, HOLE, 0x1000, OWN, HOLE + 0x1000, SHARE }, ADDRESS },
	{ 7, { OWN, HOLE, 0x1000, OWN, PAGE + 8, SHARE }, ADDRESS },
	{ 7, { OWN, HOLE, 0x1000, OWN, 0, SHARE }, ADDRESS },
	{ 7, { OWN, HOLE, 0x1000, OWN, PUDU_INFO_PAGE, SHARE }, ADDRESS },
	{ 7, { OWN, HOLE, 0x1000, OWN, PUDU_INFO_PAGE, MOVE }, ADDRESS },
	{ 7, { OWN, HOLE, 0x1000, OWN, OWN, SHARE }, ADDRESS },
	{ 7, { OWN, EMPTY, 0x1000, OWN, PAGE, SHARE }, ADDRESS },
	{ 7, { OWN, EMPTY, 0x1000, OWN, EMPTY + 0x1000, SHARE }, ADDRESS },
	{ 7, { OWN, EMPTY, 0x1000, OWN, E, SHARE | PUDU_X }, ARGUMENT },
	{ 7, { OWN, EMPTY, 0x1000, OWN, E, PUDU_X | PUDU_MAP_SHARE }, ARGUMENT },
	{ 7, { OWN, HOLE, 0x1000, OWN, READ, SHARE | PUDU_W }, RIGHT },
	{ 7, { OWN, HOLE, 0x1000, OWN, READ, MOVE | PUDU_W }, RIGHT },
	{ 7, { OWN, HOLE, 0x1000, OWN, PAGE, SHARE | PUDU_X }, RIGHT },
	{ 7, { OWN, HOLE, 0x1000, OWN, PAGE, PUDU_X | PUDU_MAP_MOVE }, RIGHT },
	/* unmap */
	{ 8, { OWN, PAGE + 1, 0x1000 }, ADDRESS },
	{ 8, { OWN, PUDU_INFO_PAGE, 0x1000 }, ADDRESS },
	{ 8, { OWN, PAGE, 0 }, LENGTH },
	{ 8, { OWN, PAGE, 0x1001 }, LENGTH },
	{ 8, { OWN, PAGE, ~0xfffull }, LENGTH },
	{ 8, { OWN, PAGE, PUDU_INFO_PAGE - PAGE + 0x1000 }, LENGTH },
	{ 8, { OWN, EMPTY, PUDU_HANDLES_END - EMPTY + 0x1000 }, LENGTH },
	/* protect */
	{ 9, { OWN, PAGE + 1, 0x1000, PUDU_R }, ADDRESS },
	{ 9, { OWN, PUDU_INFO_PAGE, 0x1000, RW }, ADDRESS },
	{ 9, { OWN, HOLE, 0x1000, PUDU_R }, ADDRESS },
	{ 9, { OWN, PAGE, 0, PUDU_R }, LENGTH },
	{ 9, { OWN, PAGE, 0xfff, PUDU_R }, LENGTH },
	{ 9, { OWN, PAGE, ~0xfffull, PUDU_R }, LENGTH },
	{ 9, { OWN, PAGE, 0x1000, 0 }, ARGUMENT },
	{ 9, { OWN, PAGE, 0x1000, PUDU_W }, ARGUMENT },
	{ 9, { OWN, PAGE, 0x1000, PUDU_W | PUDU_X }, ARGUMENT },
	{ 9, { OWN, PAGE, 0x1000, 8 }, ARGUMENT },
	{ 9, { OWN, PAGE, 0x1000, PUDU_R | PUDU_MAP_FRESH }, ARGUMENT },
	{ 9, { OWN, PAGE, 0x1000, PUDU_R | 1ull << 40 }, ARGUMENT },
	{ 9, { OWN, EMPTY, 0x1000, PUDU_R }, ADDRESS },
	/* query */
	{ 10, { OWN, PAGE + 1 }, ADDRESS },
	{ 10, { OWN, 0x0000800000000000 }, ADDRESS },
	{ 10, { OWN, ~0xfffull }, ADDRESS },
	/* executor_create */
	{ 14, { EMPTY, OWN, 0, 0, 0, 0 }, ADDRESS },
	{ 14, { EMPTY, OWN, 0, (uint64_t)raw_end + 1, 0, 0 }, ADDRESS },
	{ 14, { EMPTY, OWN, 0, 0xffffffff80000000, 0, 0 }, ADDRESS },
	{ 14, { EMPTY, OWN, 0, PUDU_OWN_VAS, 0, 0 }, ADDRESS },
	{ 14, { EMPTY, OWN, 0, ~1ull, 0, 0 }, ADDRESS },
	{ 14, { E, OWN, 0, (uint64_t)raw_end, 0, 0 }, PUDU_ERR_EXISTS },
	/* executor_regs */
	{ 17, { E, 4, PAGE, 256 }, ARGUMENT },
	{ 17, { E, ~0ull, PAGE, 256 }, ARGUMENT },
	{ 17, { E, 0, PAGE, 0 }, LENGTH },
	{ 17, { E, 0, PAGE, 264 }, LENGTH },
	{ 17, { E, 2, PAGE, 256 }, LENGTH },
	{ 17, { E, 1, PAGE, ~0ull }, LENGTH },
	{ 17, { E, 0, PAGE + 4, 256 }, ADDRESS },
	{ 17, { E, 0, READ, 256 }, ADDRESS },
	{ 17, { E, 0, HOLE, 256 }, ADDRESS },
	{ 17, { E, 0, PUDU_INFO_PAGE, 256 }, ADDRESS },
	{ 17, { E, 1, HOLE, 256 }, ADDRESS },
	{ 17, { E, 1, PUDU_OWN_VAS, 256 }, ADDRESS },
	{ 17, { E, 0, PUDU_MAIN_EXECUTOR, 256 }, ADDRESS },
	{ 17, { E, 3, PUDU_HANDLES - 8, 264 }, ADDRESS },
	{ 17, { E, 1, PAGE, 256 }, ADDRESS }, /* a pc of 0 */
	/* log_write */
	{ 23, { HOLE, 1 }, ADDRESS },
	{ 23, { PUDU_OWN_VAS, 1 }, ADDRESS },
	{ 23, { PUDU_HANDLES - 1, 2 }, ADDRESS },
	{ 23, { HOLE, ~0ull }, ADDRESS },
};

static void set_up(void)
{
	CHECK_OK(check_raw(E, raw_end, 0));
	CHECK_OK(pudu_map(OWN, PAGE, 0x1000, 0, 0, FRESH));
	CHECK_OK(pudu_map(OWN, READ, 0x1000, 0, 0, PUDU_R | PUDU_MAP_FRESH));
}

static void clear_up(void)
{
	CHECK_EQUAL(check_state(E), PUDU_STATE_STOPPED);
	CHECK_EQUAL(check_query(OWN, PAGE, NULL), check_memory(RW));
	CHECK_EQUAL(check_query(OWN, READ, NULL), check_memory(PUDU_R));
	CHECK_EQUAL(check_query(OWN, HOLE, NULL), 0);
	CHECK_EQUAL(check_query(OWN, EMPTY, NULL), 0);
	for (unsigned i = 0; i < 0x1000; i++)
		CHECK(((volatile char *)PAGE)[i] == 0);
	CHECK_OK(pudu_terminate(E, 0));
	CHECK_OK(pudu_unmap(OWN, E, 0x1000));
	CHECK_OK(pudu_unmap(OWN, PAGE, 0x2000));
}

static void try(uint64_t number, const uint64_t argument[6], uint64_t done, int64_t expected)
{
	uint64_t frames = pudu_free_frames();
	int64_t status = raw_call(number, argument, done).status;

	if (!CHECK_EQUAL(status, expected))
		printf("    call %llu (0x%llx, 0x%llx, 0x%llx, 0x%llx, 0x%llx, 0x%llx; %llx): "
		       "%s, not %s\n",
		       (unsigned long long)number, (unsigned long long)argument[0],
		       (unsigned long long)argument[1], (unsigned long long)argument[2],
		       (unsigned long long)argument[3], (unsigned long long)argument[4],
		       (unsigned long long)argument[5], (unsigned long long)done,
		       pudu_status_name(status), pudu_status_name(expected));
	CHECK_EQUAL(pudu_free_frames(), frames);
}

static void each_wrong_argument_has_its_error(void)
{
	set_up();
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
		try(rows[i].number, rows[i].argument, 0, rows[i].expected);
	clear_up();
}

static void addresses_outside_the_program_are_refused_everywhere(void)
{
	set_up();
	for (unsigned i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
		uint64_t at = nowhere[i], page = at & ~0xfffull;
		const struct row each[] = {
			{ 1, { at, 0, ~0ull }, ADDRESS },
			{ 7, { OWN, page, 0x1000, 0, 0, FRESH }, ADDRESS },
			{ 7, { OWN, HOLE, 0x1000, OWN, page, SHARE }, ADDRESS },
			{ 7, { OWN, HOLE, 0x1000, OWN, page, MOVE }, ADDRESS },
			{ 8, { OWN, page, 0x1000 }, ADDRESS },
			{ 9, { OWN, page, 0x1000, PUDU_R }, ADDRESS },
			{ 14, { EMPTY, OWN, 0, at, 0, 0 }, ADDRESS },
			{ 17, { E, 0, at, 256 }, ADDRESS },
			{ 17, { E, 1, at, 256 }, ADDRESS },
			{ 17, { E, 2, at, 264 }, ADDRESS },
			{ 17, { E, 3, at, 264 }, ADDRESS },
			{ 23, { at, 16 }, ADDRESS },
			{ 23, { at, 1ull << 63 }, ADDRESS },
		};

		for (unsigned r = 0; r < sizeof each / sizeof each[0]; r++)
			try(each[r].number, each[r].argument, 0, each[r].expected);
	}
	clear_up();
}

/* The count of what is done, in a6, is checked like an argument: no step outside the range. */
static void a_wild_count_of_what_is_done_is_refused(void)
{
	static const uint64_t done[] = { 1, 0x800, 0x2000, 1ull << 63, ~0ull, ~0xfffull };

	set_up();
	for (unsigned i = 0; i < sizeof done / sizeof done[0]; i++) {
		try(7, (const uint64_t[6]){ OWN, HOLE, 0x1000, 0, 0, FRESH }, done[i], ARGUMENT);
		try(7, (const uint64_t[6]){ OWN, HOLE, 0x1000, OWN, PAGE, SHARE }, done[i],
		    ARGUMENT);
		try(8, (const uint64_t[6]){ OWN, PAGE, 0x1000 }, done[i], ARGUMENT);
		try(9, (const uint64_t[6]){ OWN, PAGE, 0x1000, PUDU_R }, done[i], ARGUMENT);
		try(23, (const uint64_t[6]){ PAGE, 0 }, done[i], ARGUMENT);
	}
	clear_up();
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(each_wrong_argument_has_its_error),
		CASE(addresses_outside_the_program_are_refused_everywhere),
		CASE(a_wild_count_of_what_is_done_is_refused),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
