/* SPDX-License-Identifier: MIT */
/* sched.c - <sched.h>: one policy, and yield; and how many harts there are. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <unistd.h>

#include <pudu/calls.h>
#include <pudu/start.h>

int sched_yield(void)
{
	pudu_yield();
	return 0;
}

/* The one priority of the one policy. */
static int priority_of(int policy)
{
	if (policy == SCHED_OTHER)
		return 0;
	errno = EINVAL;
	return -1;
}

int sched_get_priority_max(int policy)
{
	return priority_of(policy);
}

int sched_get_priority_min(int policy)
{
	return priority_of(policy);
}

long sysconf(int name)
{
	switch (name) {
	case _SC_NPROCESSORS_CONF:
		return (long)pudu_info()->harts_described;
	case _SC_NPROCESSORS_ONLN:
		return (long)pudu_info()->harts;
	case _SC_PAGESIZE:
		return (long)pudu_info()->page_size;
	case _SC_PHYS_PAGES:
		return (long)pudu_info()->frames;
	case _SC_AVPHYS_PAGES:
		return (long)pudu_free_frames();
	case _SC_THREAD_DESTRUCTOR_ITERATIONS:
		return PTHREAD_DESTRUCTOR_ITERATIONS;
	case _SC_THREAD_KEYS_MAX:
		return PTHREAD_KEYS_MAX;
	case _SC_THREAD_STACK_MIN:
		return PTHREAD_STACK_MIN;
	case _SC_THREAD_THREADS_MAX:
		return -1; /* no limit but memory */
	case _SC_SEM_VALUE_MAX:
		return SEM_VALUE_MAX;
	default:
		errno = EINVAL;
		return -1;
	}
}
