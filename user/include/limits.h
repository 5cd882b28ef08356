/* SPDX-License-Identifier: MIT */
/* limits.h - picolibc's, and the limits of threads. */
#ifndef PUDU_LIMITS_H
#define PUDU_LIMITS_H

#include_next <limits.h>

#define PTHREAD_DESTRUCTOR_ITERATIONS 4
#define PTHREAD_KEYS_MAX	      128
#define PTHREAD_STACK_MIN	      16384 /* bytes */
#define SEM_VALUE_MAX		      0x7fffffff

#endif
