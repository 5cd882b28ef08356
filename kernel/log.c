/* SPDX-License-Identifier: MIT */
/* log.c - see log.h. */
#include "kernel/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "abi/executor.h"
#include "abi/status.h"
#include "kernel/frame.h"
#include "kernel/hart.h"
#include "kernel/image.h"
#include "kernel/user.h"
#include "kernel/vas.h"
#include "riscv/csr.h"
#include "riscv/sbi.h"

#define LINE 256

static bool has_dbcn;	   /* (b) */
static bool stop_locking;  /* set once, on the way to the end */
static uint64_t boot_time; /* (b) */
static char line[LINE];	   /* under console_lock; in the image, whose physical address is known */

void log_boot(void)
{
	has_dbcn = sbi_probe(SBI_DBCN);
	boot_time = read_time();
}

void log_stop_locking(void)
{
	stop_locking = true;
}

static void lock(void)
{
	if (!stop_locking)
		lock_acquire(&global->console_lock, LOCK_CONSOLE);
}

static void unlock(void)
{
	if (!stop_locking)
		lock_release(&global->console_lock, LOCK_CONSOLE);
}

/* Write the first @length bytes of line. SBI 2.0, chapters 12 and 5.2 for firmware before DBCN. */
static void put_line(uint64_t length)
{
	uint64_t done = 0;

	while (has_dbcn && done < length) {
		struct sbi_result result = sbi_call(SBI_DBCN, SBI_DBCN_WRITE, length - done,
						    image_phys(line + done), 0, 0);
		if (result.error != 0)
			has_dbcn = false;
		else
			done += result.value;
	}
	for (; done < length; done++)
		sbi_call(SBI_LEGACY_PUTCHAR, 0, (unsigned char)line[done], 0, 0, 0);
}

static unsigned clip(int n, unsigned room)
{
	return n < 0 ? 0 : (unsigned)n < room ? (unsigned)n : room - 1;
}

/* Ticks since boot as seconds and milliseconds; 0 while the timebase is not known. */
static unsigned stamp(char *to, unsigned room)
{
	uint64_t base = global->timebase;
	uint64_t ms = base == 0 ? 0 : (read_time() - boot_time) * 1000 / base;

	return clip(snprintf(to, room, "[%4lu.%03lu] ", ms / 1000, ms % 1000), room);
}

static void log_arguments(const char *format, va_list arguments)
{
	lock();
	unsigned n = stamp(line, LINE);

	n += clip(vsnprintf(line + n, LINE - n, format, arguments), LINE - n);
	put_line(n);
	unlock();
}

void log_printf(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_arguments(format, arguments);
	va_end(arguments);
}

int64_t log_user_text(uint64_t text, uint64_t length)
{
	lock();
	int64_t status = user_read(line, text, length);

	if (status == PUDU_OK)
		put_line(length);
	unlock();
	return status;
}

static const char *cause_name(uint64_t cause)
{
	static const char *const names[] = {
		"instruction address misaligned",
		"instruction access fault",
		"illegal instruction",
		"breakpoint",
		"load address misaligned",
		"load access fault",
		"store address misaligned",
		"store access fault",
		"system call",
		"cause 9",
		"cause 10",
		"cause 11",
		"instruction page fault",
		"load page fault",
		"cause 14",
		"store page fault",
	};

	return cause < sizeof names / sizeof *names ? names[cause] : "unknown cause";
}

void log_executor_end(struct executor *executor, uint64_t cause, uint64_t address)
{
	char name[VAS_NAME_SIZE];

	log_printf("executor %lu (%s): %s at pc %#lx, address %#lx: ended\n",
		   resource_id(&executor->resource), vas_name(executor->vas, name),
		   cause_name(cause), executor->pc, address);
}

static void log_one(void *page)
{
	struct executor *executor = page;
	uint64_t state = atomic_load_explicit(&executor->state, memory_order_relaxed);
	struct hart *hart = atomic_load_explicit(&executor->hart, memory_order_relaxed);
	char name[VAS_NAME_SIZE];

	if (executor->resource.tag == 0)
		return;
	if (executor->buried) {
		log_printf("executor %lu: dead, a handle to it is left\n",
			   resource_id(&executor->resource));
		return;
	}
	log_printf("executor %lu (%s):%s%s%s%s%s hart %ld pc %#lx ra %#lx sp %#lx\n",
		   resource_id(&executor->resource), vas_name(executor->vas, name),
		   state & STATE_STOPPED ? " stopped" : "", state & STATE_PARKED ? " parked" : "",
		   state & STATE_DEAD ? " dead" : "", state & STATE_OWNED ? " owned" : "",
		   state & STATE_EVENT ? " event" : "", hart == NULL ? -1 : (long)hart->id,
		   executor->pc, executor->x[X_RA - 1], executor->x[X_SP - 1]);
}

void log_executors(void)
{
	for (unsigned s = 0; s < global->n_harts; s++) {
		struct hart *hart = global->harts[s];
		struct executor *executor =
			atomic_load_explicit(&hart->current, memory_order_relaxed);

		log_printf("hart %lu: %s%s, runs executor %ld\n", hart->id,
			   atomic_load_explicit(&global->idle, memory_order_relaxed) >> s & 1
				   ? "idle"
				   : "busy",
			   hart == this_hart ? " (here)" : "",
			   executor == NULL ? -1 : (long)resource_id(&executor->resource));
	}
	frame_each(FRAME_EXECUTOR, log_one);
}
