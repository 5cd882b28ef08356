/* SPDX-License-Identifier: MIT */
/* posix_locks.h - the part of <pthread.h> about what threads wait for. */
#ifndef PUDU_POSIX_LOCKS_H
#define PUDU_POSIX_LOCKS_H

#include <pthread.h>

#define PTHREAD_PROCESS_PRIVATE	 0
#define PTHREAD_PROCESS_SHARED	 1 /* ENOTSUP: locks work inside one program */

/* Mutexes. */

#define PTHREAD_MUTEX_NORMAL	 0
#define PTHREAD_MUTEX_RECURSIVE	 1
#define PTHREAD_MUTEX_ERRORCHECK 2
#define PTHREAD_MUTEX_DEFAULT	 PTHREAD_MUTEX_NORMAL
#define PTHREAD_MUTEX_STALLED	 0
#define PTHREAD_MUTEX_ROBUST	 1
#define PTHREAD_PRIO_NONE	 0
#define PTHREAD_PRIO_INHERIT	 1 /* ENOTSUP, as PROTECT */
#define PTHREAD_PRIO_PROTECT	 2

#define PTHREAD_MUTEX_OF_TYPE(type)                                                                \
	{                                                                                          \
		PUDU_RECURSIVE, (type), 0                                                          \
	}
#define PTHREAD_MUTEX_INITIALIZER		PTHREAD_MUTEX_OF_TYPE(PTHREAD_MUTEX_NORMAL)
#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP	PTHREAD_MUTEX_OF_TYPE(PTHREAD_MUTEX_RECURSIVE)
#define PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP PTHREAD_MUTEX_OF_TYPE(PTHREAD_MUTEX_ERRORCHECK)

int pthread_mutex_init(pthread_mutex_t *__restrict mutex,
		       const pthread_mutexattr_t *__restrict attributes);
int pthread_mutex_destroy(pthread_mutex_t *mutex);
int pthread_mutex_lock(pthread_mutex_t *mutex);
int pthread_mutex_trylock(pthread_mutex_t *mutex);
int pthread_mutex_timedlock(pthread_mutex_t *__restrict mutex,
			    const struct timespec *__restrict time);
int pthread_mutex_clocklock(pthread_mutex_t *__restrict mutex, clockid_t clock,
			    const struct timespec *__restrict time);
int pthread_mutex_unlock(pthread_mutex_t *mutex);
int pthread_mutex_consistent(pthread_mutex_t *mutex);

int pthread_mutexattr_init(pthread_mutexattr_t *attributes);
int pthread_mutexattr_destroy(pthread_mutexattr_t *attributes);
int pthread_mutexattr_settype(pthread_mutexattr_t *attributes, int type);
int pthread_mutexattr_gettype(const pthread_mutexattr_t *__restrict attributes,
			      int *__restrict type);
int pthread_mutexattr_setrobust(pthread_mutexattr_t *attributes, int robust);
int pthread_mutexattr_getrobust(const pthread_mutexattr_t *__restrict attributes,
				int *__restrict robust);
int pthread_mutexattr_setprotocol(pthread_mutexattr_t *attributes, int protocol);
int pthread_mutexattr_getprotocol(const pthread_mutexattr_t *__restrict attributes,
				  int *__restrict protocol);
int pthread_mutexattr_setpshared(pthread_mutexattr_t *attributes, int shared);
int pthread_mutexattr_getpshared(const pthread_mutexattr_t *__restrict attributes,
				 int *__restrict shared);

/* Condition variables. */

#define PTHREAD_COND_INITIALIZER                                                                   \
	{                                                                                          \
		PUDU_CONDITION, 0                                                                  \
	}

int pthread_cond_init(pthread_cond_t *__restrict cond,
		      const pthread_condattr_t *__restrict attributes);
int pthread_cond_destroy(pthread_cond_t *cond);
int pthread_cond_wait(pthread_cond_t *__restrict cond, pthread_mutex_t *__restrict mutex);
int pthread_cond_timedwait(pthread_cond_t *__restrict cond, pthread_mutex_t *__restrict mutex,
			   const struct timespec *__restrict time);
int pthread_cond_clockwait(pthread_cond_t *__restrict cond, pthread_mutex_t *__restrict mutex,
			   clockid_t clock, const struct timespec *__restrict time);
int pthread_cond_signal(pthread_cond_t *cond);
int pthread_cond_broadcast(pthread_cond_t *cond);

int pthread_condattr_init(pthread_condattr_t *attributes);
int pthread_condattr_destroy(pthread_condattr_t *attributes);
int pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock);
int pthread_condattr_getclock(const pthread_condattr_t *__restrict attributes,
			      clockid_t *__restrict clock);
int pthread_condattr_setpshared(pthread_condattr_t *attributes, int shared);
int pthread_condattr_getpshared(const pthread_condattr_t *__restrict attributes,
				int *__restrict shared);

/* Reader-writer locks. */

#define PTHREAD_RWLOCK_INITIALIZER                                                                 \
	{                                                                                          \
		PUDU_RWLOCK, 0                                                                     \
	}

int pthread_rwlock_init(pthread_rwlock_t *__restrict rwlock,
			const pthread_rwlockattr_t *__restrict attributes);
int pthread_rwlock_destroy(pthread_rwlock_t *rwlock);
int pthread_rwlock_rdlock(pthread_rwlock_t *rwlock);
int pthread_rwlock_tryrdlock(pthread_rwlock_t *rwlock);
int pthread_rwlock_timedrdlock(pthread_rwlock_t *__restrict rwlock,
			       const struct timespec *__restrict time);
int pthread_rwlock_clockrdlock(pthread_rwlock_t *__restrict rwlock, clockid_t clock,
			       const struct timespec *__restrict time);
int pthread_rwlock_wrlock(pthread_rwlock_t *rwlock);
int pthread_rwlock_trywrlock(pthread_rwlock_t *rwlock);
int pthread_rwlock_timedwrlock(pthread_rwlock_t *__restrict rwlock,
			       const struct timespec *__restrict time);
int pthread_rwlock_clockwrlock(pthread_rwlock_t *__restrict rwlock, clockid_t clock,
			       const struct timespec *__restrict time);
int pthread_rwlock_unlock(pthread_rwlock_t *rwlock);

int pthread_rwlockattr_init(pthread_rwlockattr_t *attributes);
int pthread_rwlockattr_destroy(pthread_rwlockattr_t *attributes);
int pthread_rwlockattr_setpshared(pthread_rwlockattr_t *attributes, int shared);
int pthread_rwlockattr_getpshared(const pthread_rwlockattr_t *__restrict attributes,
				  int *__restrict shared);

/* Barriers. */

#define PTHREAD_BARRIER_SERIAL_THREAD (-1)

int pthread_barrier_init(pthread_barrier_t *__restrict barrier,
			 const pthread_barrierattr_t *__restrict attributes, unsigned threads);
int pthread_barrier_destroy(pthread_barrier_t *barrier);
int pthread_barrier_wait(pthread_barrier_t *barrier);

int pthread_barrierattr_init(pthread_barrierattr_t *attributes);
int pthread_barrierattr_destroy(pthread_barrierattr_t *attributes);
int pthread_barrierattr_setpshared(pthread_barrierattr_t *attributes, int shared);
int pthread_barrierattr_getpshared(const pthread_barrierattr_t *__restrict attributes,
				   int *__restrict shared);

/* Spin locks: they sleep if it takes long, as a thread can lose its hart while it has one. */

int pthread_spin_init(pthread_spinlock_t *lock, int shared);
int pthread_spin_destroy(pthread_spinlock_t *lock);
int pthread_spin_lock(pthread_spinlock_t *lock);
int pthread_spin_trylock(pthread_spinlock_t *lock);
int pthread_spin_unlock(pthread_spinlock_t *lock);

#endif
