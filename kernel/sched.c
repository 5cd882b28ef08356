/* SPDX-License-Identifier: MIT */
/* sched.c - see sched.h. */
#include "kernel/sched.h"

#include "kernel/fp.h"
#include "kernel/frame.h"
#include "kernel/graves.h"
#include "kernel/quiesce.h"
#include "kernel/timer.h"
#include "kernel/vas_load.h"
#include "riscv/csr.h"
#include "riscv/mark.h"
#include "riscv/sbi.h"

#define LOOKS_PER_SECOND 1000 /* of an idle hart, for pages that wait for a grace period */

void sched_interrupt(struct hart *hart)
{
	/* Everything before is visible to the hart when it has the interrupt (SBI 2.0, chapter
	 * 7). */
	atomic_thread_fence(memory_order_seq_cst);
	sbi_call(SBI_IPI, 0, 1, hart->id, 0, 0);
}

void sched_call_a_hart(void)
{
	/* The queue is changed before the idle bits are read; pairs with the fence in sleep(). */
	atomic_thread_fence(memory_order_seq_cst);
	uint64_t idle = atomic_load_explicit(&global->idle, memory_order_relaxed);

	while (idle != 0) {
		uint64_t bit = idle & -idle;

		/* Only one of those who queue something takes a bit: one interrupt for one
		 * sleeper. */
		if (atomic_fetch_and_explicit(&global->idle, ~bit, memory_order_acq_rel) & bit) {
			unsigned slot = 0;

			while (bit >> slot != 1)
				slot++;
			sched_interrupt(global->harts[slot]);
			return;
		}
		idle = atomic_load_explicit(&global->idle, memory_order_relaxed);
	}
	timer_start_slice();
}

/* REQUIRES(queue_lock) */
static inline void append(struct executor *executor)
{
	executor->next = NULL;
	if (atomic_load_explicit(&global->queue_head, memory_order_relaxed) == NULL)
		atomic_store_explicit(&global->queue_head, executor, memory_order_relaxed);
	else
		global->queue_tail->next = executor;
	global->queue_tail = executor;
}

/* REQUIRES(queue_lock) */
static inline struct executor *remove_first(void)
{
	struct executor *first = atomic_load_explicit(&global->queue_head, memory_order_relaxed);

	if (first != NULL)
		atomic_store_explicit(&global->queue_head, first->next, memory_order_relaxed);
	return first;
}

void sched_enqueue(struct executor *executor)
{
	lock_acquire(&global->queue_lock, LOCK_QUEUE);
	append(executor);
	lock_release(&global->queue_lock, LOCK_QUEUE);
	sched_call_a_hart();
}

void sched_wake(struct executor *executor, uint64_t reason)
{
	if (state_remove(&executor->state, reason))
		sched_enqueue(executor);
}

void sched_nudge(struct executor *executor)
{
	/* The reason is there before we look where it runs; pairs with the fence in dispatch(). */
	atomic_thread_fence(memory_order_seq_cst);
	struct hart *hart = atomic_load_explicit(&executor->hart, memory_order_relaxed);

	if (hart != NULL && hart != this_hart &&
	    atomic_load_explicit(&hart->current, memory_order_relaxed) == executor)
		sched_interrupt(hart);
}

/* Somebody was taken; who waits behind must not wait for ever. */
static inline void see_to_the_rest(void)
{
	if (sched_others_ready())
		timer_start_slice();
}

/* Take the first of the queue. NULL: it is empty. */
static struct executor *take(void)
{
	if (!sched_others_ready())
		return NULL;
	lock_acquire(&global->queue_lock, LOCK_QUEUE);
	struct executor *first = remove_first();
	lock_release(&global->queue_lock, LOCK_QUEUE);

	see_to_the_rest();
	return first;
}

/* Append @executor, and take the first. */
static inline struct executor *rotate(struct executor *executor)
{
	lock_acquire(&global->queue_lock, LOCK_QUEUE);
	append(executor);
	struct executor *first = remove_first();
	lock_release(&global->queue_lock, LOCK_QUEUE);

	see_to_the_rest();
	return first;
}

/* Interrupts are off while one piece of work follows the other: see what waits. */
static void look_for_interrupts(void)
{
	uint64_t pending = csr_read(sip);

	if (pending & (1 << INTERRUPT_SOFTWARE)) {
		csr_clear(sip, 1 << INTERRUPT_SOFTWARE);
		quiesce_note();
		frame_flush_cache();
	}
	if (pending & (1 << INTERRUPT_TIMER))
		timer_interrupt();
	mark_idle_round();
}

static void bury(struct executor *executor)
{
	if (executor_bury(executor))
		sched_enqueue(executor);
	look_for_interrupts();
}

/*
 * Give this hart to @executor, which the caller owns. Result: false if it may not run, and is let
 * go of.
 */
static inline bool dispatch(struct executor *executor)
{
	atomic_store_explicit(&executor->hart, this_hart, memory_order_relaxed);
	for (;;) {
		atomic_store_explicit(&this_hart->current, executor, memory_order_relaxed);
		/* Who adds a reason after our look at the state finds us here; pairs with
		 * sched_nudge. */
		atomic_thread_fence(memory_order_seq_cst);
		if ((atomic_load_explicit(&executor->state, memory_order_relaxed) &
		     STATE_REASONS) == 0)
			break;
		atomic_store_explicit(&this_hart->current, NULL, memory_order_relaxed);
		enum let_go let_go = executor_let_go(executor);

		if (let_go == STILL_DEAD)
			bury(executor);
		if (let_go != STILL_READY)
			return false;
	}
	if (atomic_load_explicit(&this_hart->vas, memory_order_relaxed) != executor->vas)
		vas_switch(executor->vas);
	fp_enter(executor);
	return true;
}

/* Nothing is queued: do idle work, then sleep until an interrupt. */
static void sleep_until_interrupt(void)
{
	uint64_t bit = 1ull << this_hart->slot;

	csr_clear(sip, 1 << INTERRUPT_SOFTWARE); /* before the last look, or it may be missed */
	vas_leave_dead();
	timer_stop_slice();
	quiesce_note();
	frame_flush_cache();
	if (graves_step()) { /* not with the bit set: it holds what others may free */
		look_for_interrupts();
		return;
	}
	atomic_fetch_or_explicit(&global->idle, bit, memory_order_acq_rel);
	/* Our bit is there before we look at the queue; pairs with sched_call_a_hart. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!sched_others_ready() && !frame_zero_one()) {
		if (this_hart->dead != NULL) {
			/* Only this hart frees these: see to it that it can, and don't sleep over
			 * them. */
			quiesce_hurry();
			timer_nap(LOOKS_PER_SECOND);
		} else {
			wait_for_interrupt();
		}
	}
	mark_idle_round();
	if (csr_read(sip) & (1 << INTERRUPT_TIMER))
		timer_interrupt();
	atomic_fetch_and_explicit(&global->idle, ~bit, memory_order_acq_rel);
}

struct executor *sched_next(void)
{
	for (;;) {
		struct executor *executor = take();

		if (executor == NULL)
			sleep_until_interrupt();
		else if (dispatch(executor))
			return executor;
		else
			look_for_interrupts();
	}
}

/* Let go of the current executor, which has a reason not to run. Result: false if the reason has
 * gone. */
static bool let_go_of(struct executor *executor)
{
	atomic_store_explicit(&this_hart->current, NULL, memory_order_relaxed);
	switch (executor_let_go(executor)) {
	case STILL_READY:
		return false;
	case STILL_DEAD:
		bury(executor);
		break;
	case LET_GO:
		break;
	}
	return true;
}

struct executor *sched_leave(void)
{
	struct executor *executor = current();

	fp_leave(executor);
	if ((atomic_load_explicit(&executor->state, memory_order_relaxed) & STATE_REASONS) &&
	    let_go_of(executor))
		return sched_next();

	/* A reason that comes from now on is found by whoever dispatches it. */
	executor = rotate(executor);
	return dispatch(executor) ? executor : sched_next();
}
