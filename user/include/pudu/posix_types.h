/* SPDX-License-Identifier: MIT */
/*
 * posix_types.h - what the objects of <pthread.h>, <threads.h> and <semaphore.h> are made of.
 *
 * Programs use them by the names of those headers only. All bits zero is what the initialisers
 * give, and what a mutex of the default type, a condition variable and so on start as.
 */
#ifndef PUDU_POSIX_TYPES_H
#define PUDU_POSIX_TYPES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <pudu/sync.h>

struct pudu_pthread;

struct pudu_pthread_attr {
	void *pudu_memory; /* of the stack, or NULL */
	size_t pudu_stack; /* bytes */
	size_t pudu_guard; /* bytes */
	int pudu_detached;
};

/* Of a robust mutex only `robust` is used, which pthread_mutex_init() allocates. */
struct pudu_pthread_mutex {
	struct pudu_recursive pudu_lock; /* only its mutex, if the type is normal */
	int pudu_type;
	struct pudu_pthread_robust *pudu_robust;
};

struct pudu_pthread_mutexattr {
	int pudu_type;
	int pudu_robust;
};

struct pudu_pthread_cond {
	struct pudu_condition pudu_condition;
	int pudu_monotonic; /* 1 if it waits by CLOCK_MONOTONIC */
};

struct pudu_pthread_once {
	_Atomic uint32_t pudu_state; /* see user/lib/posix/once.c */
};

/* A handler on the stack of pthread_cleanup_push(). */
struct pudu_cleanup {
	void (*pudu_routine)(void *);
	void *pudu_argument;
	struct pudu_cleanup *pudu_next;
};

#endif
