/* SPDX-License-Identifier: MIT */
/* semaphore.h - unnamed semaphores of POSIX, for the threads of one program. */
#ifndef PUDU_POSIX_SEMAPHORE_H
#define PUDU_POSIX_SEMAPHORE_H

#include <limits.h>
#include <time.h>

#include <pudu/posix_types.h>

typedef struct {
	struct pudu_semaphore pudu_semaphore;
} sem_t;

#define SEM_FAILED ((sem_t *)0)

int sem_init(sem_t *semaphore, int shared, unsigned value);
int sem_destroy(sem_t *semaphore);
int sem_wait(sem_t *semaphore);
int sem_trywait(sem_t *semaphore);
int sem_timedwait(sem_t *__restrict semaphore, const struct timespec *__restrict time);
int sem_clockwait(sem_t *__restrict semaphore, clockid_t clock,
		  const struct timespec *__restrict time);
int sem_post(sem_t *semaphore);
int sem_getvalue(sem_t *__restrict semaphore, int *__restrict value);

#endif
