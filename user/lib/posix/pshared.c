/* SPDX-License-Identifier: MIT */
/*
 * pshared.c - attributes that say whether an object works between programs: none does, because who
 * waits is named by a handle, and handles are of one address space.
 */
#include <errno.h>
#include <pthread.h>

static int set_shared(int shared)
{
	if (shared == PTHREAD_PROCESS_SHARED)
		return ENOTSUP;
	return shared == PTHREAD_PROCESS_PRIVATE ? 0 : EINVAL;
}

/* The two functions of a kind of object. */
#define PSHARED(type, kind)                                                                        \
	int pthread_##kind##_setpshared(type *attributes, int shared)                              \
	{                                                                                          \
		(void)attributes;                                                                  \
		return set_shared(shared);                                                         \
	}                                                                                          \
	int pthread_##kind##_getpshared(const type *restrict attributes, int *restrict shared)     \
	{                                                                                          \
		(void)attributes;                                                                  \
		*shared = PTHREAD_PROCESS_PRIVATE;                                                 \
		return 0;                                                                          \
	}

PSHARED(pthread_mutexattr_t, mutexattr)
PSHARED(pthread_condattr_t, condattr)
PSHARED(pthread_rwlockattr_t, rwlockattr)
PSHARED(pthread_barrierattr_t, barrierattr)
