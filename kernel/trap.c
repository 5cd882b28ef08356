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

static bool interrupt(uint64_t cause)
{
	if (cause == INTERRUPT_TIMER)
		return timer_interrupt() && sched_others_ready();
	csr_clear(sip, 1 << INTERRUPT_SOFTWARE);
	if (sched_others_ready())
		sched_call_a_hart();
	return false;
}

struct executor *trap_user(uint64_t cause, uint64_t address)
{
	struct executor *executor = current();
	bool leave = false;

	quiesce_note();
	frame_flush_cache();
	if (cause & INTERRUPT) {
		leave = interrupt(cause & ~INTERRUPT);
		/* All harts may be busy for ever. Who ends helps when it is buried. */
		if (!atomic_load_explicit(&executor->ended, memory_order_relaxed) && graves_step())
			timer_start_slice();
	} else if (!settled(cause, address, &leave)) {
		log_executor_end(executor, cause, address);
		executor_end(executor, -(cause + 1), address);
	}
	if (atomic_load_explicit(&executor->state, memory_order_relaxed) & STATE_REASONS)
		leave = true;
	return leave ? sched_leave() : executor;
}
