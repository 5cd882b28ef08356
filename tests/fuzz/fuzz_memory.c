/* SPDX-License-Identifier: MIT */
/*
 * fuzz_memory.c - the bytes of an input become calls on three address spaces.
 *
 * Its first byte: Sv39 or Sv48, who sets D, the budgets, does the hart idle. After its calls,
 * everything is unmapped, and all frames are free. In the environment: FUZZ_TRACE shows the calls;
 * FUZZ_CALLS=N ends the run, in good order, after so many.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MIN   8	       /* bytes: shorter ones do nothing */
#define WHOLE_CHECK 48	       /* operations between two looks at everything */
#define REPORT	    1000000ull /* calls between two reports */

static double started;
static uint64_t calls_wanted, next_report;

/* All that is mapped in the area that starts at @cell goes. Result: where the next one starts. */
static unsigned unmap_area(unsigned s, unsigned cell)
{
	unsigned end = cell + 1;

	while (end < cells && cell_area[end] == cell_area[cell])
		end++;
	struct call call = { .number = CALL_UNMAP,
			     .vas = handle_of(s, true),
			     .start = cell_at[cell],
			     .length = cell_at[end] - cell_at[cell] };

	if (cell_area[cell] != AREA_NEVER)
		do_call(&call);
	return end;
}

/* Everything goes: all frames are free again, and all charges back. */
static void end_of_input(void)
{
	free_hostages();
	for (unsigned s = 0; s < SPACES; s++)
		for (unsigned cell = 0; mapped[s] != 0 && cell < cells;)
			cell = unmap_area(s, cell);
	for (unsigned s = 0; s < SPACES; s++)
		must(budget_used(space[s]->account) == 0, "space %u: %lu pages are charged still",
		     s, (unsigned long)budget_used(space[s]->account));
	invariants(true);
	take_hostages(0);
	must(machine_free_frames() == 0, "%ld free frames can't be had",
	     (long)machine_free_frames());
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void report(void)
{
	double time = seconds() - started;

	fprintf(stderr,
		"fuzz.memory: %lu calls, %.0f per second; %lu kernel entries, %lu accesses\n",
		(unsigned long)calls, time > 0 ? (double)calls / time : 0, (unsigned long)entries,
		(unsigned long)faults);
}

/* Once; and now and then, what was done so far. */
static void at_start(void)
{
	const char *most = getenv("FUZZ_CALLS");

	trace = getenv("FUZZ_TRACE") != NULL;
	calls_wanted = most == NULL ? ~0ull : strtoull(most, NULL, 0);
	started = seconds();
	next_report = REPORT;
	atexit(report);
}

static void begin(unsigned first)
{
	static unsigned cells_for;

	machine_boot(first & 1 ? 4 : 3);
	if (cells_for != pt_levels)
		cells_boot(pt_levels);
	cells_for = pt_levels;
	model_boot();
	input_entries = 0;
	hardware_sets_d = first & 2;
	restless = first & 0x20;
	for (unsigned s = 0; s < SPACES; s++)
		set_budget(s, (first >> s & 4) != 0 ? 1500 : 40);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (started == 0)
		at_start();
	if (size < INPUT_MIN)
		return 0;
	input_set(data, size);
	begin(byte());
	for (unsigned n = 1; input_is_left(); n++) {
		operation();
		if (n % WHOLE_CHECK == 0)
			invariants(true);
	}
	invariants(true);
	end_of_input();
	if (calls >= next_report) {
		report();
		next_report += REPORT;
	}
	if (calls >= calls_wanted) {
		report();
		_exit(0); /* libFuzzer takes exit() for an error */
	}
	return 0;
}
