/* SPDX-License-Identifier: MIT */
/*
 * sched.h - which executor a hart runs: one FIFO for all harts, round robin with slices.
 *
 * Who is ready waits as ready.h tells. A hart with nothing to do sets its bit in global->idle,
 * looks once more who waits, and sleeps; whoever queues something, or fills the place of its hart,
 * clears one bit and sends one interrupt. Model: tests/model/idle.pml.
 */
#ifndef KERNEL_SCHED_H
#define KERNEL_SCHED_H

#include "kernel/hart.h"

/*
 * sched_enqueue - append @executor, which the caller owns, and see that a hart comes for it.
 * Takes LOCK_QUEUE.
 */
void sched_enqueue(struct executor *executor);

/* sched_wake - take @reason (STATE_*) away from @executor; queue it if that made it ready. */
void sched_wake(struct executor *executor, uint64_t reason);

/* sched_let_go - the caller, who owns @executor, is done with it: it is queued if it is ready now,
 * or dead. */
void sched_let_go(struct executor *executor);

/*
 * sched_call_a_hart - something is queued: wake an idle hart for it, or see that this one changes
 * over in time. A hart that is called and has found other work meanwhile passes the call on, or it
 * would be lost.
 */
void sched_call_a_hart(void);

/*
 * sched_leave - the current executor does not go on now: all its registers but those of floating
 * point are saved. Lets go of it, buries it or queues it, as its state says, and takes the next:
 * hart->handoff, if that is set, or the first of the queue; sleeps while there is none.
 * Result: the executor to run: current, its address space loaded, its FP registers in place.
 */
struct executor *sched_leave(void);

/* sched_preempt - the same at the end of a slice, or if the current one can't go on for now:
 * whoever waits in the queue is not passed by. */
struct executor *sched_preempt(void);

/* sched_next - the same for a hart that runs none, and has nothing handed over. */
struct executor *sched_next(void);

/* sched_handed - the same, if hart->handoff is set. */
struct executor *sched_handed(void);

/* sched_others_ready - does anybody wait for this hart, or for any? A peek without the lock. */
static inline bool sched_others_ready(void)
{
	return atomic_load_explicit(&global->queue_head, memory_order_relaxed) != NULL ||
	       atomic_load_explicit(&this_hart->second, memory_order_relaxed) != NULL;
}

/*
 * sched_interrupt - make @hart enter the kernel soon (or wake from idle), by a software
 * interrupt.
 */
void sched_interrupt(struct hart *hart);

/* sched_asked - does another hart want something of this one (sched_answer)? A peek. */
static inline bool sched_asked(void)
{
	return this_hart->dead != NULL ||
	       atomic_load_explicit(&global->epoch, memory_order_relaxed) !=
		       atomic_load_explicit(&this_hart->epoch, memory_order_relaxed) ||
	       atomic_load_explicit(&global->flush, memory_order_relaxed) != 0;
}

/* sched_answer - this hart comes from outside the kernel: note that, free what waited for it, and
 * give back the frames that others need. */
void sched_answer(void);

/*
 * sched_nudge - after a reason was added to the state of @executor: if it runs on another hart,
 * interrupt that, so that it sees the reason.
 */
void sched_nudge(struct executor *executor);

#endif
