/* SPDX-License-Identifier: MIT */
/*
 * boot_info.c - what a program is told of the machine is what the machine was asked to be.
 *
 *	boot_info [harts=N] [memory=MIB] [levels=N]
 */
#include <string.h>

#include <stdio.h>

#include "check.h"
#include "raw.h"
#include "kernel/cpio.h"

#define MIB (1ull << 20)

static void the_info_page_describes_the_machine(void)
{
	const struct pudu_info *info = pudu_info();
	uint64_t need = PUDU_ISA_F | PUDU_ISA_D | PUDU_ISA_C | PUDU_ISA_M;

	CHECK_EQUAL(info->abi_version, PUDU_ABI_VERSION);
	CHECK_EQUAL(info->page_size, PUDU_PAGE_SIZE);
	CHECK_EQUAL(info->timebase, 10000000);
	CHECK_EQUAL(info->slice, info->timebase / 100);
	CHECK_EQUAL(info->isa & need, need);
	CHECK(info->version[0] != 0 && memchr(info->version, 0, sizeof info->version) != NULL);
	CHECK(memchr(info->bootargs, 0, sizeof info->bootargs) != NULL);
	CHECK(strstr(info->bootargs, "-- boot_info") != NULL);
	CHECK_EQUAL(info->levels, check_argument("levels", info->levels));
	CHECK(info->levels == 3 || info->levels == 4);
}

static void all_harts_are_there(void)
{
	const struct pudu_info *info = pudu_info();

	CHECK_EQUAL(info->harts, check_argument("harts", info->harts));
	CHECK(info->harts >= 1 && info->harts <= PUDU_MAX_HARTS);
	CHECK(info->harts_described >= info->harts);
	for (unsigned i = 0; i < info->harts; i++)
		for (unsigned j = 0; j < i; j++)
			CHECK(info->hart_id[i] != info->hart_id[j]);
	for (unsigned i = (unsigned)info->harts; i < PUDU_MAX_HARTS; i++)
		CHECK_EQUAL(info->free[i].frames, 0);
}

/* Nearly all of it is free: the kernel, its tables, firmware and initrd take a few MiB. */
static void memory_is_as_large_as_asked_for(void)
{
	const struct pudu_info *info = pudu_info();
	uint64_t memory = check_argument("memory", info->memory / MIB) * MIB;
	uint64_t free = pudu_free_frames() * PUDU_PAGE_SIZE;

	CHECK_EQUAL(info->memory, memory);
	CHECK(info->frames * PUDU_PAGE_SIZE <= memory);
	CHECK(info->frames * PUDU_PAGE_SIZE + memory / 100 + 8 * MIB >= memory);
	CHECK(free < info->frames * PUDU_PAGE_SIZE);
	CHECK(free + memory / 100 + 8 * MIB >= memory);
	printf("  %llu of %llu MiB are free\n", (unsigned long long)(free / MIB),
	       (unsigned long long)(memory / MIB));
}

static void the_initrd_can_be_read(void)
{
	const struct pudu_start *start = pudu_start();
	char why[CPIO_WHY_SIZE] = "";
	struct cpio_entry entry;
	uint64_t page = (uint64_t)start->initrd & ~0xfffull;

	if (!CHECK(start->initrd != NULL))
		return;
	CHECK_EQUAL(cpio_find(start->initrd, start->initrd_size, "init", &entry, why, sizeof why),
		    1);
	CHECK(entry.size > 1000 && memcmp(entry.data,
					  "\x7f"
					  "ELF",
					  4) == 0);
	CHECK_EQUAL((check_query(PUDU_OWN_VAS, page, NULL) & 0xffff) | PUDU_DIRTY,
		    check_memory(PUDU_R));
	EXPECT(pudu_protect(PUDU_OWN_VAS, page, PUDU_PAGE_SIZE, PUDU_R | PUDU_W), PUDU_ERR_RIGHT);
	EXPECT(pudu_protect(PUDU_OWN_VAS, page, PUDU_PAGE_SIZE, PUDU_R | PUDU_X), PUDU_ERR_RIGHT);
}

/* A program that is not init has no more than it was given. */
static void there_is_no_root_for_a_program(void)
{
	CHECK_EQUAL(pudu_start()->root, 0);
	CHECK_EQUAL(pudu_start()->devices, 0);
	EXPECT(pudu_system(PUDU_HANDLE(PUDU_SLOT_ROOT), PUDU_SYSTEM_POWER_OFF, 3), PUDU_ERR_HANDLE);
	EXPECT(pudu_system(PUDU_OWN_VAS, PUDU_SYSTEM_POWER_OFF, 3), PUDU_ERR_KIND);
	EXPECT(pudu_executor_stop(PUDU_HANDLE(PUDU_SLOT_PARENT)), PUDU_ERR_RIGHT);
}

/* All harts do run: what runs on a hart moves that hart's share of free frames. */
static int64_t take_and_give(void *argument)
{
	uint64_t page = TEST_PAGE((uint64_t)argument * 1024);

	for (unsigned i = 0; i < 8; i++) {
		pudu_map(PUDU_OWN_VAS, page, PUDU_PAGE_SIZE, 0, 0, PUDU_R | PUDU_MAP_FRESH);
		pudu_yield();
		pudu_unmap(PUDU_OWN_VAS, page, PUDU_PAGE_SIZE);
	}
	return 0;
}

static void frames_that_cross_harts_are_counted_once(void)
{
	struct pudu_thread *thread[2 * PUDU_MAX_HARTS];
	unsigned n = 2 * (unsigned)pudu_info()->harts;

	for (unsigned i = 0; i < n; i++)
		CHECK_EQUAL(pudu_thread_create(&thread[i], take_and_give, (void *)(uintptr_t)i),
			    PUDU_OK);
	for (unsigned i = 0; i < n; i++)
		pudu_thread_join(thread[i], NULL);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(the_info_page_describes_the_machine),
		CASE(all_harts_are_there),
		CASE(memory_is_as_large_as_asked_for),
		CASE(the_initrd_can_be_read),
		CASE(there_is_no_root_for_a_program),
		CASE(frames_that_cross_harts_are_counted_once),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
