/* SPDX-License-Identifier: MIT */
/* mutex.h - what condition variables know of mutexes, and mutexes of their robust kind. */
#ifndef PUDU_POSIX_MUTEX_H
#define PUDU_POSIX_MUTEX_H

#include "posix.h"

/* Has the caller a mutex that is not normal and not robust? */
bool mutex_is_own(const pthread_mutex_t *mutex);

/* Lock, until a deadline. Result: as pthread_mutex_timedlock(). */
int mutex_lock_until(pthread_mutex_t *mutex, uint64_t deadline);

/* The functions of a robust mutex: pudu_robust is set. Results: as of pthread_mutex_*(). */
int robust_init(pthread_mutex_t *mutex);
int robust_destroy(pthread_mutex_t *mutex);
int robust_lock_until(pthread_mutex_t *mutex, uint64_t deadline);
int robust_try(pthread_mutex_t *mutex);
int robust_unlock(pthread_mutex_t *mutex);
int robust_consistent(pthread_mutex_t *mutex);
bool robust_is_own(const pthread_mutex_t *mutex);

/* For a wait: let go of it however often it was taken, and take it as often again. */
int robust_release(pthread_mutex_t *mutex, uint32_t *depth);
int robust_reacquire(pthread_mutex_t *mutex, uint32_t depth);

#endif
