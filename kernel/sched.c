/* SPDX-License-Identifier: MIT */
/* sched.c - see sched.h. */
#include "kernel/sched.h"

#include "kernel/fp.h"
#include "kernel/frame.h"
#include "kernel/graves.h"
#include "kernel/quiesce.h"
#include "kernel/ready.h"
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

void sched_enqueue(struct executor *executor)
{
	lock_acquire(&global->queue_lock, LOCK_QUEUE);
	ready_append(executor);
	lock_release(&global->queue_lock, LOCK_QUEUE);
	sched_call_a_hart();
}

void sched_wake(struct executor *executor, uint64_t reason)
{
	if (state_remove(&executor->state, reason))
		sched_enqueue(executor);
}

void sched_let_go(struct executor *executor)
{
	if (executor_let_go(executor) != LET_GO)
		sched_enqueue(executor);
}

void sched_answer(void)
{
	quiesce_note();
	frame_flush_cache();
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

/* Interrupts are off while one piece of work follows the other: see what waits. */
static void look_for_interrupts(void)
{
	uint64_t pending = csr_read(sip);

	if (pending & (1 << INTERRUPT_SOFTWARE)) {
		csr_clear(sip, 1 << INTERRUPT_SOFTWARE);
		sched_answer();
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
static inline __attribute__((always_inline)) bool dispatch(struct executor *executor)
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
	if (atomic_load_explicit(&executor->timer, memory_order_relaxed) != TIMER_NONE)
		timer_end_wait(executor);
	if (atomic_load_explicit(&this_hart->vas, memory_order_relaxed) != executor->vas)
		vas_switch(executor->vas);
	fp_enter(executor);
	return true;
}

/* Sleep; this hart's bit is in global->idle. */
static void sleep(void)
{
	if (this_hart->dead == NULL) {
		wait_for_interrupt();
		return;
	}
	/* Only this hart frees these: see to it that it can, and don't sleep over them. */
	quiesce_hurry();
	timer_nap(LOOKS_PER_SECOND);
}

/* This hart slept. Result: one whose time has come, owned; or NULL. */
static struct executor *wake_up(void)
{
	uint64_t pending = csr_read(sip);

	if (pending & (1 << INTERRUPT_SOFTWARE)) {
		csr_clear(sip, 1 << INTERRUPT_SOFTWARE); /* the queue is looked at after this */
		if (sched_asked())
			sched_answer();
	}
	if ((pending & (1 << INTERRUPT_TIMER)) == 0)
		return NULL;
	struct executor *executor = timer_wake();

	/* This hart was called, too, and has other work now. */
	if (executor != NULL && (pending & (1 << INTERRUPT_SOFTWARE)) && ready_anybody())
		sched_call_a_hart();
	return executor;
}

/*
 * Nothing is queued: do idle work, then sleep until an interrupt. Result: one that is ready then,
 * owned; or NULL: the queue is to be looked at.
 */
static struct executor *sleep_until_interrupt(void)
{
	uint64_t bit = 1ull << this_hart->slot;

	csr_clear(sip, 1 << INTERRUPT_SOFTWARE); /* before the last look, or it may be missed */
	vas_leave_dead();
	timer_stop_slice();
	if (sched_asked())
		sched_answer();
	if (graves_step()) { /* not with the bit set: it holds what others may free */
		look_for_interrupts();
		return NULL;
	}
	atomic_fetch_or_explicit(&global->idle, bit, memory_order_acq_rel);
	/* Our bit is there before we look who waits; pairs with sched_call_a_hart. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!ready_anybody() && !frame_zero_one())
		sleep();
	mark_idle_round();
	/* Not idle any more before it wakes anybody: it would call itself. */
	atomic_fetch_and_explicit(&global->idle, ~bit, memory_order_acq_rel);
	return wake_up();
}

struct executor *sched_next(void)
{
	for (;;) {
		struct executor *executor = ready_take_second(this_hart);

		if (executor == NULL)
			executor = ready_take_queued();
		if (executor == NULL)
			executor = ready_steal();
		if (executor == NULL)
			executor = sleep_until_interrupt();
		if (executor == NULL)
			continue;
		ready_see_to_the_rest(); /* a call to this hart may have come with the time, too */
		if (dispatch(executor))
			return executor;
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
		return true;
	default:
		return true;
	}
}

struct executor *sched_handed(void)
{
	struct executor *next = this_hart->handoff;

	this_hart->handoff = NULL;
	ready_see_to_the_rest(); /* the slice may have ended in bury() */
	return dispatch(next) ? next : sched_next();
}

/* The same, where somebody else has been chosen to go on. */
static struct executor *hand_over(struct executor *executor)
{
	if ((atomic_load_explicit(&executor->state, memory_order_relaxed) & STATE_REASONS) == 0 ||
	    !let_go_of(executor))
		sched_enqueue(executor);
	return sched_handed();
}

struct executor *sched_leave(void)
{
	struct executor *executor = current();

	fp_leave(executor);
	if (this_hart->handoff != NULL)
		return hand_over(executor);
	if ((atomic_load_explicit(&executor->state, memory_order_relaxed) & STATE_REASONS) &&
	    let_go_of(executor))
		return sched_next();

	/* A reason that comes from now on is found by whoever dispatches it. */
	executor = ready_give_way(executor);
	return executor != NULL && dispatch(executor) ? executor : sched_next();
}

struct executor *sched_preempt(void)
{
	struct executor *executor = current();

	fp_leave(executor);
	if ((atomic_load_explicit(&executor->state, memory_order_relaxed) & STATE_REASONS) &&
	    let_go_of(executor))
		return sched_next();
	struct executor *second = ready_take_second(this_hart);

	if (second != NULL) { /* it has waited for a slice, and is before those in the queue */
		sched_enqueue(executor);
		executor = second;
	} else {
		executor = ready_rotate(executor);
	}
	return dispatch(executor) ? executor : sched_next();
}
