/* SPDX-License-Identifier: MIT */
/* log.c - see log.h. */
#include "kernel/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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
	alignas(8) char copy[PUDU_LOG_LINE];
	/* Before the lock: it may have to settle a page. */
	int64_t status = user_read(copy, text, length);

	if (status != PUDU_OK)
		return status;
	lock();
	memcpy(line, copy, length);
	put_line(length);
	unlock();
	return PUDU_OK;
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

#define HEX_SIZE 19 /* bytes: 0x, 16 digits, 0 */

/* %#lx. printf divides for each digit, which takes long on a hart that is not asked for M. */
static const char *hex(char buffer[HEX_SIZE], uint64_t value)
{
	char *at = &buffer[HEX_SIZE - 1];

	if (value == 0)
		return "0";
	*at = 0;
	do {
		*--at = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value != 0);
	*--at = 'x';
	*--at = '0';
	return at;
}

void log_executor_end(struct executor *executor, uint64_t cause, uint64_t address)
{
	char name[VAS_NAME_SIZE], pc[HEX_SIZE], at[HEX_SIZE];

	log_printf("executor %lu (%s): %s at pc %s, address %s: ended\n",
		   resource_id(&executor->resource), vas_name(executor->vas, name),
		   cause_name(cause), hex(pc, executor->pc), hex(at, address));
}

static void log_one(struct executor *executor)
{
	uint64_t state = atomic_load_explicit(&executor->state, memory_order_relaxed);
	struct hart *hart = atomic_load_explicit(&executor->hart, memory_order_relaxed);
	char name[VAS_NAME_SIZE], pc[HEX_SIZE], ra[HEX_SIZE], sp[HEX_SIZE];

	if (executor->resource.tag == 0)
		return;
	if (executor->buried) {
		log_printf("executor %lu: dead, a handle to it is left\n",
			   resource_id(&executor->resource));
		return;
	}
	log_printf("executor %lu (%s):%s%s%s%s%s hart %ld pc %s ra %s sp %s\n",
		   resource_id(&executor->resource), vas_name(executor->vas, name),
		   state & STATE_STOPPED ? " stopped" : "", state & STATE_PARKED ? " parked" : "",
		   state & STATE_DEAD ? " dead" : "", state & STATE_OWNED ? " owned" : "",
		   state & STATE_EVENT ? " event" : "", hart == NULL ? -1 : (long)hart->id,
		   hex(pc, executor->pc), hex(ra, executor->x[X_RA - 1]),
		   hex(sp, executor->x[X_SP - 1]));
}

static void log_harts(void)
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
}

bool log_executors_step(uint64_t *from)
{
	if (*from == 0)
		log_harts();

	struct executor *executor = frame_find(FRAME_EXECUTOR, from);

	if (executor != NULL)
		log_one(executor);
	return *from != 0;
}

void log_executors(void)
{
	uint64_t from = 0;

	while (log_executors_step(&from))
		;
}
