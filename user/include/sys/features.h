/* SPDX-License-Identifier: MIT */
/*
 * sys/features.h - which parts of POSIX programs find here, added to what picolibc knows of itself.
 *
 * picolibc's headers ask for these names before they declare clock_gettime(), nanosleep(),
 * sched_yield() and others.
 */
#ifndef PUDU_SYS_FEATURES_H
#define PUDU_SYS_FEATURES_H

#include_next <sys/features.h>

#define _POSIX_THREADS		     200809L
#define _POSIX_THREAD_ATTR_STACKADDR 200809L
#define _POSIX_THREAD_ATTR_STACKSIZE 200809L
#define _POSIX_THREAD_SAFE_FUNCTIONS 200809L
#define _POSIX_READER_WRITER_LOCKS   200809L
#define _POSIX_BARRIERS		     200809L
#define _POSIX_SPIN_LOCKS	     200809L
#define _POSIX_SEMAPHORES	     200809L
#define _POSIX_TIMEOUTS		     200809L
#define _POSIX_TIMERS		     200809L
#define _POSIX_MONOTONIC_CLOCK	     200809L
#define _POSIX_CLOCK_SELECTION	     200809L

#endif
