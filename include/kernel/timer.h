/* SPDX-License-Identifier: MIT */
/*
 * timer.h - this hart's timer: the end of the slice, and of the watchdog's patience. Nothing is
 * armed while nobody waits.
 */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * timer_start_slice - somebody waits: interrupt this hart when a slice from now is over, unless
 * one is running.
 */
void timer_start_slice(void);

/* timer_stop_slice - nobody waits any more. */
void timer_stop_slice(void);

/*
 * timer_interrupt - the timer has fired. Result: true if the slice is over. Ends the system if
 * the watchdog's time has come.
 */
bool timer_interrupt(void);

/*
 * timer_nap - sleep for a second divided by @parts, or until an interrupt is pending, which is not
 * taken. @parts: more than 0.
 */
void timer_nap(uint64_t parts);

/* timer_boot - this hart's timer is as good as off from now on, but for the watchdog. */
void timer_boot(void);

#endif
