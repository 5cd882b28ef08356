/* SPDX-License-Identifier: MIT */
/* trap.c - see trap.h: interrupts and faults of programs. */
#include "kernel/trap.h"

#include <stdbool.h>

#include "abi/status.h"
#include "kernel/frame.h"
#include "kernel/graves.h"
#include "kernel/hart.h"
#include "kernel/log.h"
#include "kernel/mapping.h"
#include "kernel/quiesce.h"
#include "kernel/ready.h"
#include "kernel/sched.h"
#include "kernel/shortage.h"
#include "kernel/timer.h"
#include "kernel/vas.h"
#include "riscv/csr.h"
#include "riscv/pte.h"

#define INTERRUPT (1ull << 63)

/* The right that a page fault lacked. */
static uint64_t wanted(uint64_t cause)
{
	return cause == CAUSE_INSTRUCTION_PAGE ? PTE_X : cause == CAUSE_LOAD_PAGE ? PTE_R : PTE_W;
}

/*
 * Is there nothing wrong with the access: the page waits to be settled, or the hart remembers what
 * the tables said before? Mappings and rights are added without telling the other harts. *leave:
 * others should run before the program tries again.
 */
static bool settled(uint64_t cause, uint64_t address, bool *leave)
{
	*leave = false;
	if (cause != CAUSE_INSTRUCTION_PAGE && cause != CAUSE_LOAD_PAGE &&
	    cause != CAUSE_STORE_PAGE)
		return false;
	int64_t status = settle_fault(current()->vas, address, wanted(cause));

	*leave = status == MAPPING_WAIT || status == PUDU_ERR_MEMORY;
	if (*leave && !shortage_wait() && status == PUDU_ERR_MEMORY) {
		log_printf("executor %lu: its budget has no page for address %#lx\n",
			   resource_id(&current()->resource), address);
		return false;
	}
	return status == PUDU_OK || *leave;
}

/* All harts may be busy for ever. Who ends helps when it is buried. */
static __attribute__((noinline)) void help_graves(void)
{
	if (!atomic_load_explicit(&current()->ended, memory_order_relaxed) && graves_step())
		timer_start_slice();
}

/* Result: should others run now? */
static inline bool interrupt(uint64_t cause)
{
	if (cause == INTERRUPT_TIMER)
		return timer_interrupt();
	csr_clear(sip, 1 << INTERRUPT_SOFTWARE);
	if (ready_anybody()) /* this hart was called, and has found other work before */
		sched_call_a_hart();
	return false;
}

/* Result: should others run now? */
static __attribute__((noinline)) bool fault(uint64_t cause, uint64_t address)
{
	bool leave;

	if (!settled(cause, address, &leave)) {
		log_executor_end(current(), cause, address);
		executor_end(current(), -(cause + 1), address);
	}
	return leave;
}

struct executor *trap_user(uint64_t cause, uint64_t address)
{
	bool leave;

	if (sched_asked())
		sched_answer();
	if (cause & INTERRUPT) {
		leave = interrupt(cause & ~INTERRUPT);
		if (atomic_load_explicit(&global->graves, memory_order_relaxed) != NULL)
			help_graves();
	} else {
		leave = fault(cause, address);
	}
	if (leave)
		return sched_preempt();

	struct executor *executor = current();

	return atomic_load_explicit(&executor->state, memory_order_relaxed) & STATE_REASONS
		       ? sched_preempt()
		       : executor;
}
