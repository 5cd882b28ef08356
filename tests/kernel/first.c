/* SPDX-License-Identifier: MIT */
/*
 * first.c - takes the place of init in an initrd of its own: what the first program gets, and what
 * only it can do.
 */
#include <string.h>

#include "check.h"
#include "raw.h"

#define RW	       (PUDU_R | PUDU_W)
#define UART	       0x10000000 /* of QEMU's virt machine */
#define ROOT	       PUDU_HANDLE(PUDU_SLOT_ROOT)
#define DEVICE(rights) (PUDU_KIND_DEVICE << 8 | PUDU_ACCESSED | PUDU_DIRTY | (rights))

static uint64_t device(uint64_t physical)
{
	return pudu_start()->devices + physical;
}

static void the_start_block_names_what_is_there(void)
{
	const struct pudu_start *start = pudu_start();

	CHECK_EQUAL(start->size, sizeof *start);
	CHECK_EQUAL(start->argc, 1);
	CHECK(strcmp(start->argv[0], "init") == 0 && start->argv[1] == NULL);
	CHECK(start->envp[0] == NULL);
	CHECK_EQUAL(start->root, ROOT);
	CHECK_EQUAL(start->parent, 0);
	CHECK_EQUAL(start->n_granted, 0);
	CHECK(start->initrd != NULL && memcmp(start->initrd, "070701", 6) == 0);
	CHECK(start->fdt != NULL && memcmp(start->fdt, "\xd0\x0d\xfe\xed", 4) == 0);
	CHECK(start->devices != 0);
}

static void the_root_is_a_handle_of_its_kind(void)
{
	struct pudu_results answer = pudu_query(PUDU_OWN_VAS, ROOT);

	CHECK_EQUAL(answer.status, PUDU_OK);
	CHECK_EQUAL(PUDU_KIND(answer.value[0]), PUDU_KIND_ROOT);
	CHECK_EQUAL(answer.value[0] & 7, RW);
	CHECK_EQUAL(answer.value[2], 1);
	EXPECT(pudu_unpark(ROOT), PUDU_ERR_KIND);
	EXPECT(pudu_query(ROOT, 0x1000), PUDU_ERR_KIND);
	EXPECT(pudu_executor_start(ROOT), PUDU_ERR_KIND);
}

static void system_refuses_what_it_does_not_know(void)
{
	EXPECT(pudu_system(ROOT, PUDU_SYSTEM_POWER_OFF, 256), PUDU_ERR_ARGUMENT);
	EXPECT(pudu_system(ROOT, PUDU_SYSTEM_POWER_OFF, ~0ull), PUDU_ERR_ARGUMENT);
	EXPECT(pudu_system(ROOT, PUDU_SYSTEM_REBOOT, 1), PUDU_ERR_ARGUMENT);
	EXPECT(pudu_system(ROOT, PUDU_SYSTEM_DUMP, 1), PUDU_ERR_ARGUMENT);
	EXPECT(pudu_system(ROOT, 3, 0), PUDU_ERR_ARGUMENT);
	EXPECT(pudu_system(ROOT, ~0ull, 0), PUDU_ERR_ARGUMENT);
	CHECK_OK(pudu_map(PUDU_OWN_VAS, TEST_HANDLE(0), PUDU_PAGE_SIZE, PUDU_OWN_VAS, ROOT,
			  PUDU_R | PUDU_MAP_SHARE));
	EXPECT(pudu_system(TEST_HANDLE(0), PUDU_SYSTEM_POWER_OFF, 9), PUDU_ERR_RIGHT);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), PUDU_PAGE_SIZE));
}

/* The log then has a line for each executor: the test looks for them. */
static void dump_tells_of_every_executor(void)
{
	CHECK_OK(pudu_system(ROOT, PUDU_SYSTEM_DUMP, 0));
}

/* What query tells of an address, whatever the size of the leaf is. */
static uint64_t mapped(uint64_t vas, uint64_t address, uint64_t *length)
{
	return check_query(vas, address, length) & 0xffff;
}

static void devices_can_be_reached(void)
{
	uint64_t length;

	CHECK_EQUAL(mapped(PUDU_OWN_VAS, device(UART), &length), DEVICE(RW));
	CHECK(length >= PUDU_PAGE_SIZE);
	CHECK((*(volatile uint8_t *)(device(UART) + 5) & 0x20) != 0); /* it can send */
}

static void devices_are_never_executable(void)
{
	uint64_t uart = device(UART), x = PUDU_R | PUDU_X;

	EXPECT(pudu_map(PUDU_OWN_VAS, TEST_PAGE(0), PUDU_PAGE_SIZE, PUDU_OWN_VAS, uart,
			x | PUDU_MAP_SHARE),
	       PUDU_ERR_ARGUMENT);
	EXPECT(pudu_protect(PUDU_OWN_VAS, uart, PUDU_PAGE_SIZE, x), PUDU_ERR_RIGHT);
	CHECK_EQUAL(mapped(PUDU_OWN_VAS, uart, NULL), DEVICE(RW));
}

/* A page of a large mapping is given away: the rest stays. */
static void a_device_can_be_given_to_another_program(void)
{
	uint64_t uart = device(UART);

	CHECK_OK(pudu_vas_create(TEST_HANDLE(0), 256, 'd', 0));
	CHECK_OK(pudu_map(TEST_HANDLE(0), TEST_PAGE(0), PUDU_PAGE_SIZE, PUDU_OWN_VAS, uart,
			  PUDU_R | PUDU_MAP_SHARE));
	CHECK_EQUAL(mapped(TEST_HANDLE(0), TEST_PAGE(0), NULL) & ~(uint64_t)PUDU_DIRTY,
		    DEVICE(PUDU_R) & ~(uint64_t)PUDU_DIRTY);
	EXPECT(pudu_protect(TEST_HANDLE(0), TEST_PAGE(0), PUDU_PAGE_SIZE, RW), PUDU_ERR_RIGHT);
	CHECK_EQUAL(mapped(PUDU_OWN_VAS, uart, NULL), DEVICE(RW));
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), PUDU_PAGE_SIZE));
}

static void memory_that_is_no_device_is_not_there(void)
{
	uint64_t ram = device(0x80000000), length;

	for (uint64_t at = ram; at < ram + (256 << 20); at += length)
		if (!CHECK_EQUAL(mapped(PUDU_OWN_VAS, at, &length), 0) || length == 0)
			break;
}

/* Tables that splitting a large mapping took stay until the mapping goes: no count of frames. */
static bool split_and_unmap(void)
{
	uint64_t uart = device(UART);

	bool good = CHECK_OK(pudu_protect(PUDU_OWN_VAS, uart, PUDU_PAGE_SIZE, PUDU_R));

	good &= CHECK_EQUAL(mapped(PUDU_OWN_VAS, uart, NULL) & 7, PUDU_R);
	good &= CHECK_EQUAL(mapped(PUDU_OWN_VAS, uart + PUDU_PAGE_SIZE, NULL), DEVICE(RW));
	good &= CHECK_EQUAL(mapped(PUDU_OWN_VAS, uart - PUDU_PAGE_SIZE, NULL), DEVICE(RW));
	good &= CHECK_OK(pudu_unmap(PUDU_OWN_VAS, uart, PUDU_PAGE_SIZE));
	good &= CHECK_EQUAL(mapped(PUDU_OWN_VAS, uart, NULL), 0);
	good &= CHECK_EQUAL(mapped(PUDU_OWN_VAS, uart + PUDU_PAGE_SIZE, NULL), DEVICE(RW));
	return good;
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(the_start_block_names_what_is_there),
		CASE(the_root_is_a_handle_of_its_kind),
		CASE(system_refuses_what_it_does_not_know),
		CASE(dump_tells_of_every_executor),
		CASE(devices_can_be_reached),
		CASE(devices_are_never_executable),
		CASE(a_device_can_be_given_to_another_program),
		CASE(memory_that_is_no_device_is_not_there),
	};
	int code = check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);

	if (!split_and_unmap())
		code = 2;
	pudu_system(pudu_start()->root, PUDU_SYSTEM_POWER_OFF, (uint64_t)code);
	return 3;
}
