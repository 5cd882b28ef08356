/* SPDX-License-Identifier: MIT */
/*
 * panic.c - the kernel is wrong: registers, a backtrace, the end.
 *
 * There are no frame pointers (s0 is the executor), so the backtrace lists what on the stack looks
 * like a return address: it points behind a call. Stale ones may be among them.
 */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include "kernel/hart.h"
#include "kernel/image.h"
#include "kernel/log.h"
#include "kernel/power.h"
#include "kernel/symbols.h"
#include "kernel/trap.h"
#include "kernel/vas.h"
#include "riscv/csr.h"

static void log_place(const char *what, uint64_t address)
{
	uint64_t offset;
	const char *name = symbols_find(address, &offset);

	if (name != NULL)
		log_printf("  %s %#lx %s+%#lx\n", what, address, name, offset);
	else
		log_printf("  %s %#lx\n", what, address);
}

/* Does a call end just before @address? jal ra or jalr ra. */
static bool behind_a_call(uint64_t address)
{
	if ((address & 3) != 0 || address < (uintptr_t)text_start + 4 ||
	    address >= (uintptr_t)text_end)
		return false;

	uint32_t before = *(const uint32_t *)(uintptr_t)(address - 4);

	return (before & 0xfff) == 0x0ef || (before & 0x7fff) == 0x0e7;
}

/* The end of the stack that @sp is in; 0: it is in none. */
static uint64_t stack_end(uint64_t sp)
{
	if (sp >= (uintptr_t)boot_stack && sp < (uintptr_t)panic_stack_top)
		return sp < (uintptr_t)boot_stack_top ? (uintptr_t)boot_stack_top
						      : (uintptr_t)panic_stack_top;
	if (sp < this_hart->stack_top && sp >= this_hart->stack_top - STACK_SIZE)
		return this_hart->stack_top;
	return 0;
}

static void log_backtrace(uint64_t sp)
{
	uint64_t end = stack_end(sp);

	for (sp = (sp + 7) & ~7ull; sp < end; sp += 8) {
		uint64_t word = *(const uint64_t *)(uintptr_t)sp;

		if (behind_a_call(word))
			log_place("called from", word - 4);
	}
}

/* Only one hart tells its story; the others, and a second fault of the first, rest. */
static void be_the_only_one(void)
{
	static _Atomic unsigned ends;

	if (atomic_exchange(&ends, 1) == 0) {
		log_stop_locking();
		return;
	}
	csr_write(sie, 0);
	for (;;)
		wait_for_interrupt();
}

static _Noreturn void finish(uint64_t sp)
{
	struct executor *executor = current();
	char name[VAS_NAME_SIZE];

	if (executor != NULL)
		log_printf("  for executor %lu (%s)\n", resource_id(&executor->resource),
			   vas_name(executor->vas, name));
	log_backtrace(sp);
	power_off(1);
}

_Noreturn void panic(const char *format, ...)
{
	char text[128];
	va_list arguments;

	be_the_only_one();
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	log_printf("PANIC on hart %lu: %s\n", this_hart->id, text);
	finish((uintptr_t)__builtin_frame_address(0));
}

_Noreturn void trap_kernel(uint64_t cause, uint64_t address)
{
	const uint64_t *x = this_hart->fault_x;

	be_the_only_one();
	log_printf("PANIC on hart %lu: trap in the kernel, scause %#lx stval %#lx\n", this_hart->id,
		   cause, address);
	for (unsigned i = 1; i < 32; i += 4)
		log_printf("  x%-2u %016lx %016lx %016lx %016lx\n", i, x[i], x[i + 1], x[i + 2],
			   i + 3 < 32 ? x[i + 3] : 0);
	log_place("pc", x[0]);
	log_place("ra", x[X_RA]);
	finish(x[X_SP]);
}
