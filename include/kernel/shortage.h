/* SPDX-License-Identifier: MIT */
/*
 * shortage.h - a call has its charge and finds no frame: one is on its way back.
 *
 * Budgets add up to less than RAM, so all that others hold beyond theirs is in caches of harts, in
 * pages that wait for a grace period, or in the hands of calls and burials that will end. So the
 * call comes again, as often as it takes; no program can keep such frames.
 */
#ifndef KERNEL_SHORTAGE_H
#define KERNEL_SHORTAGE_H

#include <stdbool.h>

#include "kernel/hart.h"

/* shortage_note - a frame that was charged could not be had. At boot there is nobody to wait. */
static inline void shortage_note(void)
{
	if (current() != NULL)
		current()->short_of = 1;
}

/*
 * shortage_wait - what to do about a call that found no memory. If that was noted as a shortage:
 * asks other harts for the frames that they keep and hurries those that dead objects wait for.
 * Requires no lock. Result: true if the caller should try again, after others had a chance to run;
 * false: it was the budget.
 */
bool shortage_wait(void);

#endif
