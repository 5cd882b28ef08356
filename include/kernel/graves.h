/* SPDX-License-Identifier: MIT */
/*
 * graves.h - address spaces that are dead and still map something, waiting to be cleared.
 *
 * Clearing can free handles, which can make more address spaces die: those are put in the same
 * list, so nothing recurs and every step is bounded. The steps are done by dying executors, by
 * idle harts, and by calls that need memory.
 */
#ifndef KERNEL_GRAVES_H
#define KERNEL_GRAVES_H

#include <stdbool.h>

struct vas;

/*
 * graves_add - @vas is dead and not clear; the caller's reference goes with it. Takes
 * LOCK_GRAVES.
 */
void graves_add(struct vas *vas);

/*
 * graves_step - clear a bounded part of the first one that no hart has loaded; idle harts that
 * have one loaded are told to leave it. Takes LOCK_GRAVES, LOCK_FRAMES. Requires no lock.
 * Result: true if a further step has something to do now.
 */
bool graves_step(void);

#endif
