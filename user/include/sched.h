/* SPDX-License-Identifier: MIT */
/*
 * sched.h - picolibc's, and the range of priorities: the kernel has one policy, SCHED_OTHER, round
 * robin without priorities.
 */
#ifndef PUDU_SCHED_H
#define PUDU_SCHED_H

#include_next <sched.h>

/* Result: 0 for SCHED_OTHER; -1 and EINVAL for others. */
int sched_get_priority_max(int policy);
int sched_get_priority_min(int policy);

#endif
