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

static uint32_t median_of(unsigned n)
{
	qsort(bench_samples, n, sizeof(bench_samples[0]), compare);
	return bench_samples[n / 2];
}

static uint32_t median(void)
{
	return median_of(BENCH_SAMPLES);
}

void bench_print(const char *name)
{
	uint32_t middle = median();

	if (bench_samples[0] != middle)
		printf("(%s: at least %u)\n", name, bench_samples[0] - empty);
	bench_print_value(name, middle - empty, "instructions");
}

void bench_print_few(const char *name, unsigned n)
{
	uint32_t middle = median_of(n);

	if (bench_samples[0] != middle)
		printf("(%s: at least %u)\n", name, bench_samples[0]);
	bench_print_value(name, middle, "instructions");
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

static void bench_one_hart(void)
{
	bench_calls();
	bench_ticks();
	bench_objects();
	bench_memory();
	bench_faults();
	bench_sync();
	bench_parallel();
	bench_call_fp();
	bench_print_value("boot_to_user", pudu_info()->boot_instructions, "instructions");
}

/* What is measured in one run of the program. */
static const struct part {
	const char *option;
	void (*run)(void);
} parts[] = {
	{ "--harts", bench_harts },
	{ "--wake", bench_wake },
	{ "--yields", bench_yields },
};

static int usage(int code)
{
	printf("usage: bench [--harts | --wake | --yields]\nPrints a line \"bench: NAME VALUE UNIT\" "
	       "for each measurement that needs one hart,\nor those that need several; or lets a hart "
	       "wake another, to be counted from outside;\nor what a yield takes where all harts "
	       "yield. Instructions are meaningful under QEMU's\nicount only: tools/bench runs it "
	       "so.\n");
	return code;
}

int main(int argc, char **argv)
{
	void (*part)(void) = argc == 1 ? bench_one_hart : NULL;

	if (argc == 2 && strcmp(argv[1], "--partner") == 0)
		return bench_partner();
	if (argc == 2 && strcmp(argv[1], "--server") == 0)
		return bench_server();
	if (argc == 2 && strcmp(argv[1], "--waker") == 0)
		return bench_waker();
	if (argc == 2 && strcmp(argv[1], "--receiver") == 0)
		return bench_receiver();
	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(0);
	for (unsigned i = 0; argc == 2 && i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(argv[1], parts[i].option) == 0)
			part = parts[i].run;
	if (argc > 2 || part == NULL)
		return usage(2);
	BENCH_MEASURE((void)0);
	empty = median();
	part();
	return failures != 0;
}
