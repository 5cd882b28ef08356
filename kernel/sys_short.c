/* SPDX-License-Identifier: MIT */
/*
 * sys_short.c - the short way of unmap, in C: for one handle to an executor.
 *
 * As those in fast.S, it does what its system call does where nothing hinders it, and else says so
 * before anything has changed. It calls no function but at the very end, so that the compiler saves
 * no registers for it. So does short_executor_create (sys_create.c).
 */
#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/budget.h"
#include "kernel/graves.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/pt.h"
#include "kernel/quiesce.h"
#include "kernel/syscall.h"
#include "kernel/tlb.h"
#include "kernel/vas_load.h"
#include "riscv/csr.h"
#include "riscv/pte.h"

/* The rest of short_unmap, where other harts may have the translation. */
static __attribute__((noinline)) uint64_t unmap_rest(struct vas *vas, struct executor *executor)
{
	tlb_shoot(vas);
	lock_release(&vas->lock, LOCK_VAS);
	executor_put(executor);
	return SHORT_DONE;
}

/* That of executor_put. */
static __attribute__((noinline)) uint64_t put_rest(struct executor *executor)
{
	executor_put_more(executor, 2);
	return SHORT_DONE;
}

static __attribute__((noinline)) uint64_t give_rest(struct vas *account, bool hurry)
{
	if (hurry)
		quiesce_hurry();
	budget_give(account, 1);
	return SHORT_DONE;
}

/* As executor_put. */
static inline uint64_t put(struct executor *executor)
{
	struct frame *frame = executor->frame;
	struct vas *account = vas_near(executor->account);
	uint32_t references =
		atomic_fetch_sub_explicit(&frame->references, 1, memory_order_acq_rel);

	if (references != 1)
		return references == 2 ? put_rest(executor) : SHORT_DONE;
	executor->resource.tag = 0;

	uint64_t over =
		atomic_fetch_or_explicit(&executor->over, OVER_UNNAMED, memory_order_acq_rel);
	bool hurry = (over & OVER_BURIED) && quiesce_add(executor, frame);
	uint64_t before = atomic_load_explicit(&account->account, memory_order_relaxed);

	if (hurry || (before & BUDGET_CLOSED) ||
	    !atomic_compare_exchange_strong(&account->account, &before,
					    before - budget_account(0, 1)))
		return give_rest(account, hurry);
	return SHORT_DONE;
}

/* Can the entry be cleared by the short way? */
static inline bool is_plain(uint64_t leaf, const uint64_t *entry)
{
	return (leaf & (PTE_V | PTE_U | PTE_RSW)) == (PTE_V | PTE_EXECUTOR) &&
	       frame_is_near(entry) && frame_near(entry)->live != 1;
}

uint64_t short_unmap(struct vas *vas, uint64_t slot, uint64_t length, uint64_t a3, uint64_t a4,
		     uint64_t a5, uint64_t done)
{
	struct vas *words = vas_near(vas);
	uint64_t *entry, leaf;

	(void)a3, (void)a4, (void)a5;
	if (((length ^ PAGE_SIZE) | done | slot << 52) != 0 || graves_wait() ||
	    this_hart->n_dead >= QUIESCE_FEW || !lock_try(&words->lock, LOCK_VAS))
		return SHORT_NOT;
	if (!pt_find_handle(vas, slot, &entry) || !is_plain(leaf = *entry, entry) ||
	    (words->flags & VAS_DEAD)) {
		lock_release_leaf(&words->lock, LOCK_VAS);
		return SHORT_NOT;
	}
	struct executor *executor = virt(leaf >> 10 << PAGE_SHIFT); /* no bit above the number */

	frame_near(entry)->live--;
	*(volatile uint64_t *)entry = 0;
	/* As in tlb_shoot. */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&words->harts, memory_order_relaxed) != this_hart->vas_bit ||
	    atomic_load_explicit(&this_hart->vas, memory_order_relaxed) != vas)
		return unmap_rest(vas, executor);
	vas_flush_leaf();
	lock_release_leaf(&words->lock, LOCK_VAS);
	return put(executor);
}
