/* SPDX-License-Identifier: MIT */
/* attr.c - what a thread is created with. */
#include "posix.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>

#include <pudu/memory.h>
#include <pudu/thread.h>

#define STACK_ALIGN 16

int pthread_attr_init(pthread_attr_t *attributes)
{
	*attributes = (pthread_attr_t){
		.pudu_stack = PUDU_THREAD_STACK,
		.pudu_guard = PUDU_PAGE_SIZE,
	};
	return 0;
}

int pthread_attr_destroy(pthread_attr_t *attributes)
{
	(void)attributes;
	return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t *attributes, int state)
{
	if (state != PTHREAD_CREATE_JOINABLE && state != PTHREAD_CREATE_DETACHED)
		return EINVAL;
	attributes->pudu_detached = state;
	return 0;
}

int pthread_attr_getdetachstate(const pthread_attr_t *attributes, int *state)
{
	*state = attributes->pudu_detached;
	return 0;
}

int pthread_attr_setstacksize(pthread_attr_t *attributes, size_t size)
{
	if (size < PTHREAD_STACK_MIN || size > POSIX_STACK_MAX)
		return EINVAL;
	attributes->pudu_stack = size;
	return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t *restrict attributes, size_t *restrict size)
{
	*size = attributes->pudu_stack;
	return 0;
}

int pthread_attr_setguardsize(pthread_attr_t *attributes, size_t size)
{
	if (size > POSIX_STACK_MAX)
		return EINVAL;
	attributes->pudu_guard = size;
	return 0;
}

int pthread_attr_getguardsize(const pthread_attr_t *restrict attributes, size_t *restrict size)
{
	*size = attributes->pudu_guard;
	return 0;
}

int pthread_attr_setstack(pthread_attr_t *attributes, void *memory, size_t size)
{
	if (memory == NULL || (uintptr_t)memory % STACK_ALIGN != 0 || size % STACK_ALIGN != 0)
		return EINVAL;
	if (size < PTHREAD_STACK_MIN || size > POSIX_STACK_MAX)
		return EINVAL;
	attributes->pudu_memory = memory;
	attributes->pudu_stack = size;
	return 0;
}

int pthread_attr_getstack(const pthread_attr_t *restrict attributes, void **restrict memory,
			  size_t *restrict size)
{
	*memory = attributes->pudu_memory;
	*size = attributes->pudu_stack;
	return 0;
}

int pthread_attr_setscope(pthread_attr_t *attributes, int scope)
{
	(void)attributes;
	if (scope == PTHREAD_SCOPE_PROCESS)
		return ENOTSUP;
	return scope == PTHREAD_SCOPE_SYSTEM ? 0 : EINVAL;
}

int pthread_attr_getscope(const pthread_attr_t *restrict attributes, int *restrict scope)
{
	(void)attributes;
	*scope = PTHREAD_SCOPE_SYSTEM;
	return 0;
}

int pthread_attr_setinheritsched(pthread_attr_t *attributes, int inherit)
{
	(void)attributes;
	return inherit == PTHREAD_INHERIT_SCHED || inherit == PTHREAD_EXPLICIT_SCHED ? 0 : EINVAL;
}

int pthread_attr_getinheritsched(const pthread_attr_t *restrict attributes, int *restrict inherit)
{
	(void)attributes;
	*inherit = PTHREAD_INHERIT_SCHED;
	return 0;
}

/* The kernel has one policy, round robin without priorities. */
int pthread_attr_setschedpolicy(pthread_attr_t *attributes, int policy)
{
	(void)attributes;
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		return ENOTSUP;
	return policy == SCHED_OTHER ? 0 : EINVAL;
}

int pthread_attr_getschedpolicy(const pthread_attr_t *restrict attributes, int *restrict policy)
{
	(void)attributes;
	*policy = SCHED_OTHER;
	return 0;
}

int pthread_attr_setschedparam(pthread_attr_t *restrict attributes,
			       const struct sched_param *restrict parameters)
{
	(void)attributes;
	return parameters->sched_priority == 0 ? 0 : ENOTSUP;
}

int pthread_attr_getschedparam(const pthread_attr_t *restrict attributes,
			       struct sched_param *restrict parameters)
{
	(void)attributes;
	parameters->sched_priority = 0;
	return 0;
}
