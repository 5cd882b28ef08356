/* SPDX-License-Identifier: MIT */
/* demo.c - demo [--plain]: shows what the system does, in a table that changes while it runs. */
#include "demo.h"

#include <stdio.h>
#include <string.h>

#include <pudu/start.h>

#include "table.h"

static void title(void)
{
	const struct pudu_info *info = pudu_info();

	printf("\nPudu %.31s: %llu of %llu hart%s, %llu MiB of memory, Sv%d\n\n", info->version,
	       (unsigned long long)info->harts, (unsigned long long)info->harts_described,
	       info->harts_described == 1 ? "" : "s", (unsigned long long)(info->memory >> 20),
	       info->levels == 4 ? 48 : 39);
}

static void rows_name(void)
{
	table_name(ROW_HARTS, "hello from every hart");
	table_name(ROW_RING, "token ring, 4 address spaces");
	table_name(ROW_CRASH, "a program that crashes");
	table_name(ROW_SIEVE_ONE, "prime sieve, one executor");
	table_name(ROW_SIEVE_ALL, "prime sieve, one per hart");
}

/* Result: 0, the exit code of a good run, or 1. */
static int summary(uint64_t frames_before, uint64_t us)
{
	int64_t lost = (int64_t)(frames_before - pudu_free_frames());

	printf("\n");
	if (table_failures() != 0) {
		printf("%u of %d parts failed, see the table.\n", table_failures(), ROWS);
		return 1;
	}
	printf("All %d parts are done, in %llu.%llu s.", ROWS, (unsigned long long)(us / 1000000),
	       (unsigned long long)(us / 100000 % 10));
	if (lost > 0)
		printf(" %lld KiB of memory are not free yet.\n", (long long)lost * 4);
	else
		printf(" All the memory they took is free again.\n");
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t begun = pudu_ticks(), frames;
	int plain = argc == 2 && strcmp(argv[1], "--plain") == 0;

	if (argc > 1 && !plain) {
		printf("usage: demo [--plain]\nShows what Pudu does. --plain: no moving cursor.\n");
		return strcmp(argv[1], "--help") == 0 ? 0 : 2;
	}
	frames = pudu_free_frames();
	title();
	rows_name();
	table_begin(plain);
	demo_harts();
	demo_ring();
	demo_sieve();
	return summary(frames, pudu_microseconds(pudu_ticks() - begun));
}
