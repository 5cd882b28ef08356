/* SPDX-License-Identifier: MIT */
/*
 * timer.h - this hart's timer: the end of the slice, the deadlines of those that wait, and the
 * watchdog's patience. Nothing is armed while nobody waits.
 *
 * An executor that waits until a deadline is in the heap of the hart on which it began to wait.
 * That hart takes it out when the time has come, and wakes it; any hart takes it out when it
 * dispatches it. Both under the lock of the heap.
 */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/hart.h"

/* timer_begin_slice, timer_end_slice - the rare parts of the next two. */
void timer_begin_slice(void);
void timer_end_slice(void);

/*
 * timer_start_slice - somebody waits: interrupt this hart when a slice from now is over, unless
 * one is running.
 */
static inline void timer_start_slice(void)
{
	if (this_hart->slice_end == 0)
		timer_begin_slice();
}

/* timer_stop_slice - nobody waits any more. */
static inline void timer_stop_slice(void)
{
	if (this_hart->slice_end != 0)
		timer_end_slice();
}

/*
 * timer_arm - @executor, which runs here and is about to wait, goes on at @time (ticks) in any
 * case. Takes LOCK_TIMERS.
 */
void timer_arm(struct executor *executor, uint64_t time);

/*
 * timer_end_wait - @executor, which the caller owns, has a time (executor->timer is not 0): it
 * waits no more. If the time has come, park_if answers PUDU_ERR_DEADLINE; accept looks for itself.
 * Takes LOCK_TIMERS.
 */
void timer_end_wait(struct executor *executor);

/*
 * timer_interrupt - the timer has fired: wake a few of those whose time has come; the rest follows
 * at once, by another interrupt. Takes LOCK_TIMERS, LOCK_QUEUE. Result: true if the slice is over
 * and others are ready. Ends the system if the watchdog's time has come.
 */
bool timer_interrupt(void);

/*
 * timer_wake - the same on an idle hart, where no slice is running, for one executor. Takes
 * LOCK_TIMERS. Result: it, owned by the caller; NULL: nobody is ready now.
 */
struct executor *timer_wake(void);

/*
 * timer_nap - sleep for a second divided by @parts, or until an interrupt is pending, which is not
 * taken. @parts: more than 0.
 */
void timer_nap(uint64_t parts);

/* timer_boot - this hart's timer is as good as off from now on, but for the watchdog. */
void timer_boot(void);

#endif
