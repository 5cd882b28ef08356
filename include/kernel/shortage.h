/* SPDX-License-Identifier: MIT */
/* shortage.h - memory has run out: is some on its way back? */
#ifndef KERNEL_SHORTAGE_H
#define KERNEL_SHORTAGE_H

#include <stdbool.h>

/*
 * shortage_wait - a frame could not be had. Does a bounded part of the work that frees some:
 * clears dead address spaces, asks other harts for what they keep, hurries those that dead
 * objects wait for. Requires no lock.
 * Result: true if the caller should try again, after others had a chance to run; false: there is
 * none.
 */
bool shortage_wait(void);

#endif
