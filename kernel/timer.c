/* SPDX-License-Identifier: MIT */
/* timer.c - see timer.h. */
#include "kernel/timer.h"

#include "kernel/hart.h"
#include "kernel/log.h"
#include "riscv/csr.h"
#include "riscv/sbi.h"

#define NEVER ~0ull

static void program(uint64_t when)
{
	if (this_hart->slot == 0 && global->watchdog != 0 && global->watchdog < when)
		when = global->watchdog;
	if (global->has_sstc)
		csr_write(CSR_STIMECMP, when);
	else
		sbi_call(SBI_TIME, 0, when, 0, 0, 0);
}

void timer_start_slice(void)
{
	if (this_hart->slice_end != 0)
		return;
	this_hart->slice_end = read_time() + global->slice;
	program(this_hart->slice_end);
}

void timer_stop_slice(void)
{
	if (this_hart->slice_end == 0)
		return;
	this_hart->slice_end = 0;
	program(NEVER);
}

bool timer_interrupt(void)
{
	uint64_t now = read_time();
	bool over = this_hart->slice_end != 0 && now >= this_hart->slice_end;

	if (this_hart->slot == 0 && global->watchdog != 0 && now >= global->watchdog) {
		log_executors();
		panic("watchdog: the time given by the boot argument watchdog= is over");
	}
	if (over)
		this_hart->slice_end = 0;
	program(this_hart->slice_end != 0 ? this_hart->slice_end : NEVER);
	return over;
}

void timer_nap(uint64_t parts)
{
	uint64_t end = this_hart->slice_end != 0 ? this_hart->slice_end : NEVER;
	uint64_t wake = read_time() + global->timebase / parts + 1;

	program(wake < end ? wake : end);
	wait_for_interrupt();
	program(end);
}

void timer_boot(void)
{
	this_hart->slice_end = 0;
	program(NEVER);
}
