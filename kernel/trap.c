/* SPDX-License-Identifier: MIT */
/* trap.c - see trap.h: interrupts and faults of programs. */
#include "kernel/trap.h"

#include <stdbool.h>

#include "kernel/frame.h"
#include "kernel/hart.h"
#include "kernel/log.h"
#include "kernel/pt.h"
#include "kernel/quiesce.h"
#include "kernel/sched.h"
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
 * Was the fault only a memory of what the tables said before? Mappings and rights are added
 * without telling the other harts; a hart that remembers the old entry faults once.
 */
static bool spurious(uint64_t cause, uint64_t address)
{
	if (cause != CAUSE_INSTRUCTION_PAGE && cause != CAUSE_LOAD_PAGE &&
	    cause != CAUSE_STORE_PAGE)
		return false;
	if ((address >> 63) != 0)
		return false;

	struct vas *vas = current()->vas;
	struct pt_place place;
	uint64_t leaf;

	lock_acquire(&vas->lock, LOCK_VAS);
	place = pt_find(vas->user, address);
	leaf = *place.entry;
	lock_release(&vas->lock, LOCK_VAS);
	if (address >> (12 + 9 * pt_levels - 1) != 0)
		return false; /* not an address that the tables translate */
	return pte_is_leaf(leaf) && (leaf & PTE_U) && (leaf & wanted(cause));
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
	} else if (spurious(cause, address)) {
		sfence_vma();
	} else {
		log_executor_end(executor, cause, address);
		executor_end(executor, -(cause + 1), address);
	}
	if (atomic_load_explicit(&executor->state, memory_order_relaxed) & STATE_REASONS)
		leave = true;
	return leave ? sched_leave() : executor;
}
