/* SPDX-License-Identifier: MIT */
/*
 * bench.h - how an operation is measured: by the instructions that are executed between two reads
 * of instret, less those between two reads with nothing between.
 *
 * Under QEMU's icount on one hart that counts user, kernel and firmware, and repeats exactly. With
 * several harts it is one count for all of them; the harts run in turns, which are so long that the
 * median of a short operation is what one hart does.
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

/*
 * Run a statement BENCH_SAMPLES times, each time between one before and one after it that are not
 * counted; bench_print() tells what it took.
 */
#define BENCH_MEASURE_BETWEEN(before, statement, after)                                            \
	for (int bench_i = -BENCH_WARM_UP; bench_i < BENCH_SAMPLES; bench_i++) {                   \
		uint64_t bench_before, bench_after;                                                \
                                                                                                   \
		before;                                                                            \
		bench_before = bench_instructions();                                               \
		statement;                                                                         \
		bench_after = bench_instructions();                                                \
		after;                                                                             \
		if (bench_i >= 0)                                                                  \
			bench_samples[bench_i] = (uint32_t)(bench_after - bench_before);           \
	}

#define BENCH_MEASURE(statement) BENCH_MEASURE_BETWEEN((void)0, statement, (void)0)

/* Print the line of a measurement from the samples: the median, less an empty pair of reads. */
void bench_print(const char *name);

/* The median of the first n samples, as it is. */
void bench_print_few(const char *name, unsigned n);

/* The same, divided by a number of pages. */
void bench_print_per_page(const char *name, uint64_t pages);

/* Print a line with a value that was measured otherwise. */
void bench_print_value(const char *name, uint64_t value, const char *unit);

/* Say what could not be measured, and end the program with 1 later. */
void bench_fail(const char *name, const char *why);

/* The measurements. */
void bench_calls(void);	   /* calls.c: null_syscall, yields, parks, calls */
void bench_ticks(void);	   /* ticks.c: ends of slices, and deadlines */
void bench_objects(void);  /* objects.c: executors and address spaces */
void bench_memory(void);   /* memory.c: map and unmap */
void bench_faults(void);   /* faults.c: copy-on-write and lazy pages */
void bench_sync(void);	   /* sync.c: the library's locks */
void bench_parallel(void); /* parallel.c: green threads and channels */
void bench_call_fp(
	void); /* calls.c: a call where both have FP registers; the last: so has bench then */
void bench_harts(void);	 /* harts.c: what needs several harts */
void bench_wake(void);	 /* wake.c: one hart wakes another; counted by a plugin of QEMU */
void bench_yields(void); /* yields.c: all harts yield */

/* The other side of a measurement across address spaces: calls.c. Result: exit code. */
int bench_partner(void);

/* The other end of a channel: parallel.c. Result: exit code. */
int bench_receiver(void);

/* One that is called across address spaces: calls.c. Result: exit code. */
int bench_server(void);

/* The one that wakes the measuring program: harts.c. Result: exit code. */
int bench_waker(void);

#endif
