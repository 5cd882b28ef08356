/* SPDX-License-Identifier: MIT */
/* timer.c - the host's part of kernel/timer.h: a thread that plays a hart naps by giving way. */
#include "kernel/timer.h"

#include <sched.h>

void timer_nap(uint64_t parts)
{
	(void)parts;
	sched_yield();
}
