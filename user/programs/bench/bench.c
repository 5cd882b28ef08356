/* SPDX-License-Identifier: MIT */
/* bench.c - bench: prints what the kernel's operations cost, a line each. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pudu/start.h>

uint32_t bench_samples[BENCH_SAMPLES];
static uint32_t empty;
static int failures;

static int compare(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

static uint32_t median(void)
{
	qsort(bench_samples, BENCH_SAMPLES, sizeof(bench_samples[0]), compare);
	return bench_samples[BENCH_SAMPLES / 2];
}

void bench_print(const char *name)
{
	uint32_t middle = median();

	if (bench_samples[0] != middle)
		printf("(%s: at least %u)\n", name, bench_samples[0] - empty);
	bench_print_value(name, middle - empty, "instructions");
}

void bench_print_per_page(const char *name, uint64_t pages)
{
	bench_print_value(name, (median() - empty) / pages, "instructions");
}

void bench_print_value(const char *name, uint64_t value, const char *unit)
{
	printf("bench: %s %llu %s\n", name, (unsigned long long)value, unit);
}

void bench_fail(const char *name, const char *why)
{
	printf("bench: %s was not measured: %s\n", name, why);
	failures++;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--partner") == 0)
		return bench_partner();
	if (argc == 2 && strcmp(argv[1], "--waker") == 0)
		return bench_waker();
	if (argc > 2 || (argc == 2 && strcmp(argv[1], "--harts") != 0)) {
		printf("usage: bench [--harts]\nPrints a line \"bench: NAME VALUE UNIT\" for each "
		       "measurement that needs one hart,\nor those that need several. Instructions "
		       "are meaningful under QEMU's icount\nonly: tools/bench runs it so.\n");
		return strcmp(argv[1], "--help") == 0 ? 0 : 2;
	}
	BENCH_MEASURE((void)0);
	empty = median();
	if (argc == 2) {
		bench_harts();
		return failures != 0;
	}
	bench_calls();
	bench_objects();
	bench_memory();
	bench_faults();
	bench_print_value("boot_to_user", pudu_info()->boot_instructions, "instructions");
	return failures != 0;
}
