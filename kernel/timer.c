/* SPDX-License-Identifier: MIT */
/* timer.c - see timer.h. */
#include "kernel/timer.h"

#include <stddef.h>

#include "abi/status.h"
#include "kernel/hart.h"
#include "kernel/log.h"
#include "kernel/sched.h"
#include "riscv/csr.h"
#include "riscv/sbi.h"

#define WAKES_AT_ONCE 8 /* executors whose time has come, in one entry */

static inline void program(uint64_t when)
{
	if (this_hart->watchdog < when)
		when = this_hart->watchdog;
	if (global->has_sstc)
		csr_write(CSR_STIMECMP, when);
	else
		sbi_call(SBI_TIME, 0, when, 0, 0, 0);
}

/* When this hart is to be interrupted next. */
static uint64_t due(void)
{
	uint64_t end = this_hart->slice_end;
	uint64_t first = atomic_load_explicit(&this_hart->deadline, memory_order_relaxed);

	return end != 0 && end < first ? end : first;
}

void timer_begin_slice(void)
{
	this_hart->slice_end = read_time() + global->slice;
	program(due());
}

void timer_end_slice(void)
{
	this_hart->slice_end = 0;
	program(due());
}

/* REQUIRES(hart->timer_lock) - the heap has changed. */
static inline void note_first(struct hart *hart)
{
	const struct deadline *first = hart->deadlines;

	atomic_store_explicit(&hart->deadline, first == NULL ? TIMER_NEVER : first->time,
			      memory_order_relaxed);
}

static inline struct executor *executor_of(struct deadline *deadline)
{
	return (struct executor *)(void *)((char *)deadline - offsetof(struct executor, deadline));
}

void timer_arm(struct executor *executor, uint64_t time)
{
	struct hart *hart = this_hart;

	executor->deadline.time = time;
	lock_acquire(&hart->timer_lock, LOCK_TIMERS);
	deadlines_add(&hart->deadlines, &executor->deadline);
	atomic_store_explicit(&executor->timer, (uintptr_t)hart, memory_order_relaxed);
	note_first(hart);
	bool first = hart->deadlines == &executor->deadline;
	lock_release(&hart->timer_lock, LOCK_TIMERS);
	if (first)
		program(due());
}

/* @executor, owned, was in the heap of @hart a moment ago, and is not any more. Result: has its
 * time come? */
static bool leave_heap(struct executor *executor, struct hart *hart)
{
	lock_acquire(&hart->timer_lock, LOCK_TIMERS);
	bool passed = atomic_load_explicit(&executor->timer, memory_order_relaxed) == TIMER_PASSED;

	if (!passed) {
		deadlines_remove(&hart->deadlines, &executor->deadline);
		note_first(hart);
	}
	lock_release(&hart->timer_lock, LOCK_TIMERS);
	return passed;
}

void timer_end_wait(struct executor *executor)
{
	/* acquire: the heap is done with the node; pairs with take_passed */
	uint64_t where = atomic_load_explicit(&executor->timer, memory_order_acquire);
	bool passed = where == TIMER_PASSED || leave_heap(executor, (struct hart *)where);

	atomic_store_explicit(&executor->timer, TIMER_NONE, memory_order_relaxed);
	if (passed && executor->context == CONTEXT_TIMED)
		executor->x[X_A0 - 1] = (uint64_t)PUDU_ERR_DEADLINE;
}

/* Take one out of this hart's heap whose time has come. NULL: there is none. */
static inline struct executor *take_passed(uint64_t now)
{
	struct executor *executor = NULL;

	lock_acquire(&this_hart->timer_lock, LOCK_TIMERS);
	struct deadline *first = this_hart->deadlines;

	if (first != NULL && first->time <= now) {
		executor = executor_of(first);
		deadlines_remove(&this_hart->deadlines, first);
		note_first(this_hart);
		/* release: the heap is done with the node; pairs with the owner's look at it. */
		atomic_store_explicit(&executor->timer, TIMER_PASSED, memory_order_release);
	}
	lock_release(&this_hart->timer_lock, LOCK_TIMERS);
	return executor;
}

/* Those that were taken may have gone on meanwhile: they are woken without a reason then, and no
 * page is freed before this hart leaves the kernel. */
static __attribute__((noinline)) void wake_passed(uint64_t now)
{
	for (unsigned i = 0; i < WAKES_AT_ONCE; i++) {
		if (atomic_load_explicit(&this_hart->deadline, memory_order_relaxed) > now)
			return;
		struct executor *executor = take_passed(now);

		if (executor != NULL)
			sched_wake(executor, STATE_WAITS);
	}
}

/* An interrupt is taken. Result: the time. */
static inline uint64_t note_interrupt(void)
{
	uint64_t now = read_time();

	this_hart->free->timer_interrupts++;
	if (now >= this_hart->watchdog) {
		log_executors();
		panic("watchdog: the time given by the boot argument watchdog= is over");
	}
	return now;
}

bool timer_interrupt(void)
{
	uint64_t now = note_interrupt();
	bool over = false;

	if (this_hart->slice_end != 0 && now >= this_hart->slice_end) {
		over = sched_others_ready();
		this_hart->slice_end = over ? now + global->slice : 0; /* the next one's begins */
	}
	if (atomic_load_explicit(&this_hart->deadline, memory_order_relaxed) <= now)
		wake_passed(now);
	program(due());
	return over;
}

struct executor *timer_wake(void)
{
	uint64_t now = note_interrupt();
	struct executor *executor = take_passed(now);

	program(atomic_load_explicit(&this_hart->deadline, memory_order_relaxed));
	if (executor == NULL || !state_remove(&executor->state, STATE_WAITS))
		return NULL;
	/* It may have gone on meanwhile, and wait for something else now. */
	if (atomic_load_explicit(&executor->timer, memory_order_relaxed) != TIMER_NONE)
		timer_end_wait(executor);
	return executor;
}

void timer_nap(uint64_t parts)
{
	uint64_t end = due();
	uint64_t wake = read_time() + global->timebase / parts + 1;

	program(wake < end ? wake : end);
	wait_for_interrupt();
	program(end);
}

void timer_boot(void)
{
	this_hart->slice_end = 0;
	this_hart->watchdog = TIMER_NEVER;
	if (this_hart->slot == 0 && global->watchdog != 0)
		this_hart->watchdog = global->watchdog;
	this_hart->deadlines = NULL;
	atomic_store_explicit(&this_hart->deadline, TIMER_NEVER, memory_order_relaxed);
	program(TIMER_NEVER);
}
