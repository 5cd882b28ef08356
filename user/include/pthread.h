/* SPDX-License-Identifier: MIT */
/*
 * pthread.h - POSIX threads, of IEEE Std 1003.1-2017, for the threads of one program.
 *
 * Every function does what that standard says and answers its error numbers. docs/posix.md tells
 * what is missing, and which of its choices this implementation takes.
 */
#ifndef PUDU_PTHREAD_H
#define PUDU_PTHREAD_H

#include <limits.h>
#include <sched.h>
#include <sys/types.h>
#include <time.h>

#include <pudu/posix_types.h>

typedef struct pudu_pthread *pthread_t;
typedef struct pudu_pthread_attr pthread_attr_t;
typedef struct pudu_pthread_mutex pthread_mutex_t;
typedef struct pudu_pthread_mutexattr pthread_mutexattr_t;
typedef struct pudu_pthread_cond pthread_cond_t;
typedef struct pudu_pthread_once pthread_once_t;
typedef unsigned pthread_key_t;

typedef struct {
	int pudu_monotonic;
} pthread_condattr_t;

typedef struct {
	struct pudu_rwlock pudu_lock;
	_Atomic uint64_t pudu_writer; /* handle of who has it to write, or 0 */
} pthread_rwlock_t;

typedef struct {
	int pudu_unused;
} pthread_rwlockattr_t;

typedef struct {
	struct pudu_barrier pudu_barrier;
} pthread_barrier_t;

typedef struct {
	int pudu_unused;
} pthread_barrierattr_t;

typedef struct {
	struct pudu_mutex pudu_lock;
} pthread_spinlock_t;

/* Threads. */

#define PTHREAD_CREATE_JOINABLE 0
#define PTHREAD_CREATE_DETACHED 1
#define PTHREAD_SCOPE_SYSTEM	0
#define PTHREAD_SCOPE_PROCESS	1
#define PTHREAD_INHERIT_SCHED	0
#define PTHREAD_EXPLICIT_SCHED	1

int pthread_create(pthread_t *__restrict thread, const pthread_attr_t *__restrict attributes,
		   void *(*function)(void *), void *__restrict argument);
_Noreturn void pthread_exit(void *result);
int pthread_join(pthread_t thread, void **result);
int pthread_detach(pthread_t thread);
pthread_t pthread_self(void);
int pthread_equal(pthread_t one, pthread_t other);

/* As pthread_join(), but EBUSY if the thread has not ended; ETIMEDOUT if it has not at a time. */
int pthread_tryjoin_np(pthread_t thread, void **result);
int pthread_timedjoin_np(pthread_t thread, void **result, const struct timespec *time);
int pthread_clockjoin_np(pthread_t thread, void **result, clockid_t clock,
			 const struct timespec *time);

int pthread_attr_init(pthread_attr_t *attributes);
int pthread_attr_destroy(pthread_attr_t *attributes);
int pthread_attr_setdetachstate(pthread_attr_t *attributes, int state);
int pthread_attr_getdetachstate(const pthread_attr_t *attributes, int *state);
int pthread_attr_setstacksize(pthread_attr_t *attributes, size_t size);
int pthread_attr_getstacksize(const pthread_attr_t *__restrict attributes, size_t *__restrict size);
int pthread_attr_setguardsize(pthread_attr_t *attributes, size_t size);
int pthread_attr_getguardsize(const pthread_attr_t *__restrict attributes, size_t *__restrict size);
int pthread_attr_setstack(pthread_attr_t *attributes, void *memory, size_t size);
int pthread_attr_getstack(const pthread_attr_t *__restrict attributes, void **__restrict memory,
			  size_t *__restrict size);
int pthread_attr_setscope(pthread_attr_t *attributes, int scope);
int pthread_attr_getscope(const pthread_attr_t *__restrict attributes, int *__restrict scope);
int pthread_attr_setinheritsched(pthread_attr_t *attributes, int inherit);
int pthread_attr_getinheritsched(const pthread_attr_t *__restrict attributes,
				 int *__restrict inherit);
int pthread_attr_setschedpolicy(pthread_attr_t *attributes, int policy);
int pthread_attr_getschedpolicy(const pthread_attr_t *__restrict attributes,
				int *__restrict policy);
int pthread_attr_setschedparam(pthread_attr_t *__restrict attributes,
			       const struct sched_param *__restrict parameters);
int pthread_attr_getschedparam(const pthread_attr_t *__restrict attributes,
			       struct sched_param *__restrict parameters);

/* Values of each thread, and what is done once. */

#define PTHREAD_ONCE_INIT                                                                          \
	{                                                                                          \
		0                                                                                  \
	}

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *));
int pthread_key_delete(pthread_key_t key);
int pthread_setspecific(pthread_key_t key, const void *value);
void *pthread_getspecific(pthread_key_t key);
int pthread_once(pthread_once_t *once, void (*function)(void));

/* Cancellation: deferred only. */

#define PTHREAD_CANCELED	    ((void *)-1)
#define PTHREAD_CANCEL_ENABLE	    0
#define PTHREAD_CANCEL_DISABLE	    1
#define PTHREAD_CANCEL_DEFERRED	    0
#define PTHREAD_CANCEL_ASYNCHRONOUS 1

int pthread_cancel(pthread_t thread);
void pthread_testcancel(void);
int pthread_setcancelstate(int state, int *old);
int pthread_setcanceltype(int type, int *old);

void pudu_cleanup_push(struct pudu_cleanup *handler);
void pudu_cleanup_pop(int execute);

/* The handler lives as long as the block that pthread_cleanup_pop() ends. */
#define pthread_cleanup_push(routine, argument)                                                    \
	{                                                                                          \
		pudu_cleanup_push(&(struct pudu_cleanup){ (routine), (argument), 0 });
#define pthread_cleanup_pop(execute)                                                               \
	pudu_cleanup_pop(execute);                                                                 \
	}

#include <pudu/posix_locks.h>

#endif
