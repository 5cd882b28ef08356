/* SPDX-License-Identifier: MIT */
/* mutex.h - what a condition variable needs of a mutex beyond <pudu/mutex.h>. */
#ifndef PUDU_LIB_MUTEX_H
#define PUDU_LIB_MUTEX_H

#include <pudu/mutex.h>

#include "queue.h"

/*
 * Take a mutex, with a record in its queue if it has to be.
 * Arguments:
 *   deadline   as for pudu_mutex_lock_until().
 *   place      MUTEX_LAST, or MUTEX_FIRST for a thread that waited for it, was woken and found it
 *              taken: it goes to the front, and the next unlock hands it the mutex.
 * Result: as pudu_mutex_lock_until().
 */
int64_t mutex_enter(struct pudu_mutex *mutex, uint64_t deadline, int place);

enum { MUTEX_LAST, MUTEX_FIRST };

/*
 * Put threads that sleep into a mutex's queue. If the mutex is free the first of them is woken.
 * Arguments:
 *   waiter   records in no ring, linked by next, at least one.
 */
void mutex_adopt(struct pudu_mutex *mutex, struct pudu_waiter *waiter);

#endif
