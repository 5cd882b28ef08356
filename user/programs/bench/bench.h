/* SPDX-License-Identifier: MIT */
/*
 * bench.h - how an operation is measured: by the instructions that are executed between two reads
 * of instret, less those between two reads with nothing between.
 *
 * Under QEMU's icount on one hart that counts user, kernel and firmware, and repeats exactly.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

#define BENCH_SAMPLES 1000
#define BENCH_WARM_UP 16 /* rounds before the first sample */

extern uint32_t bench_samples[BENCH_SAMPLES];

static inline uint64_t bench_instructions(void)
{
	uint64_t count;

	__asm__ volatile("rdinstret %0" : "=r"(count)::"memory");
	return count;
}

/* Run a statement BENCH_SAMPLES times; bench_print() tells what it took. */
#define BENCH_MEASURE(statement)                                                                   \
	for (int bench_i = -BENCH_WARM_UP; bench_i < BENCH_SAMPLES; bench_i++) {                   \
		uint64_t bench_before = bench_instructions(), bench_after;                         \
                                                                                                   \
		statement;                                                                         \
		bench_after = bench_instructions();                                                \
		if (bench_i >= 0)                                                                  \
			bench_samples[bench_i] = (uint32_t)(bench_after - bench_before);           \
	}

/* Print the line of a measurement from the samples: the median, less an empty pair of reads. */
void bench_print(const char *name);

/* Print a line with a value that was measured otherwise. */
void bench_print_value(const char *name, uint64_t value, const char *unit);

/* Say what could not be measured, and end the program with 1 later. */
void bench_fail(const char *name, const char *why);

/* The measurements. */
void bench_calls(void);	  /* calls.c: null_syscall, yields, park and unpark */
void bench_objects(void); /* objects.c: executors and address spaces */
void bench_memory(void);  /* memory.c: map and unmap */

/* The other side of a measurement across address spaces: calls.c. Result: exit code. */
int bench_partner(void);

#endif
