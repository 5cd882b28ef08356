/* SPDX-License-Identifier: MIT */
/* wait_any.h - what pudu_wait_any() needs of the things that it waits for. */
#ifndef PUDU_LIB_WAIT_ANY_H
#define PUDU_LIB_WAIT_ANY_H

#include <pudu/event.h>
#include <pudu/semaphore.h>

/* Put a record into the queue of an event. Result: 1 if the count is not `seen`, 0 if it was. */
int event_enter(struct pudu_event *event, uint32_t seen, struct pudu_waiter *waiter);

/* Take a unit, or put a record into the queue. Result: 1 if taken, else 0. */
int semaphore_enter(struct pudu_semaphore *semaphore, struct pudu_waiter *waiter);

/* As queue_leave(). */
int semaphore_leave(struct pudu_semaphore *semaphore, struct pudu_waiter *waiter);

#endif
