/* SPDX-License-Identifier: MIT */
/*
 * sched.h - which executor a hart runs: one FIFO for all harts, round robin with slices.
 *
 * In the queue are executors that are ready (or dead, to be buried), all of them OWNED. A hart
 * with nothing to do sets its bit in global->idle, looks at the queue once more, and sleeps;
 * whoever queues something clears one bit and sends one interrupt. Model: tests/model/idle.pml.
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

/*
 * sched_call_a_hart - something is queued: wake an idle hart for it, or see that this one changes
 * over in time. A hart that is called and has found other work meanwhile passes the call on, or it
 * would be lost.
 */
void sched_call_a_hart(void);

/*
 * sched_leave - the current executor does not go on now: all its registers but those of floating
 * point are saved. Lets go of it, buries it or queues it, as its state says, and takes the next;
 * sleeps while there is none.
 * Result: the executor to run: current, its address space loaded, its FP registers in place.
 */
struct executor *sched_leave(void);

/* sched_next - the same for a hart that runs none. */
struct executor *sched_next(void);

/* sched_others_ready - does anybody wait for a hart? A peek without the lock. */
static inline bool sched_others_ready(void)
{
	return atomic_load_explicit(&global->queue_head, memory_order_relaxed) != NULL;
}

/*
 * sched_interrupt - make @hart enter the kernel soon (or wake from idle), by a software
 * interrupt.
 */
void sched_interrupt(struct hart *hart);

/*
 * sched_nudge - after a reason was added to the state of @executor: if it runs on another hart,
 * interrupt that, so that it sees the reason.
 */
void sched_nudge(struct executor *executor);

#endif
