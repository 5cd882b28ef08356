/* SPDX-License-Identifier: MIT */
/* time.h - picolibc's, and timespec_get() of C11. */
#ifndef PUDU_TIME_H
#define PUDU_TIME_H

#include_next <time.h>

#define TIME_UTC 1

/* CLOCK_REALTIME for TIME_UTC. Result: base, or 0 if there is no such base. */
int timespec_get(struct timespec *time, int base);

#endif
