/* SPDX-License-Identifier: MIT */
/*
 * posix.h - what the files of this folder know of each other.
 *
 * Every thread of a program that uses <pthread.h> has a record among its thread-local variables;
 * pthread_t is the address of it. Access keys: (o) its own thread only; (c) constant once the
 * thread runs; (a) atomic; (L) under pudu_posix_lock.
 *
 * A thread that waits for more than one thing parks on `event` of its own record: whoever changes
 * one of them calls posix_wake(), and it looks again.
 */
#ifndef PUDU_POSIX_H
#define PUDU_POSIX_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <pudu/sync.h>

#include "../internal.h"

#define POSIX_STACK_MAX 0x40000000 /* bytes; also of the guard */

enum {
	POSIX_JOINABLE,
	POSIX_DETACHED,
	POSIX_OVER, /* its executor has ended, result is valid, the joiner releases it */
};

struct pudu_pthread {
	uint64_t executor;	    /* (c) handle; 0: posix_self() was never called */
	struct pudu_thread *thread; /* (c) NULL: the first thread, or one of <pudu/thread.h> */
	void *(*function)(void *);  /* (c) one of these two */
	int (*function_c11)(void *);
	void *argument;			/* (c) */
	struct pudu_pthread *next;	/* (L) in the list of those that run */
	struct pudu_pthread **link;	/* (L) what points to this one there */
	uint32_t state;			/* (L) POSIX_* */
	struct pudu_pthread *joiner;	/* (L) who waits for it, or NULL */
	struct pudu_pthread *joins;	/* (L) whom it waits for, or NULL */
	void *result;			/* written before `ended` is set */
	_Atomic uint32_t ended;		/* (a) it has come to its end by itself */
	_Atomic uint32_t event;		/* (a) counts posix_wake() */
	_Atomic uint32_t canceled;	/* (a) 1 once pthread_cancel() was called */
	struct pudu_mutex waiting_lock; /* of waiting, and of what it points to meanwhile */
	_Atomic uint32_t *waiting; /* what pthread_cancel() answers, see posix_sleep(); or NULL */
	int cancel_state, cancel_type; /* (o) */
	struct pudu_cleanup *cleanup;  /* (o) handlers, youngest first */
};

extern struct pudu_mutex pudu_posix_lock;
extern _Thread_local struct pudu_pthread pudu_posix_record;

/* The calling thread's record. */
struct pudu_pthread *posix_self(void);

/* Make a thread look again at what it waits for. Its record stays valid until this returns. */
void posix_wake(struct pudu_pthread *thread);

/*
 * Wait until posix_wake().
 * Arguments:
 *   seen       `event` of the caller, read before it looked at what it waits for.
 *   deadline   a time of rdtime, or PUDU_FOREVER.
 */
void posix_wait(struct pudu_pthread *self, uint32_t seen, uint64_t deadline);

/* Has the caller to end at a cancellation point? */
static inline bool posix_is_canceled(const struct pudu_pthread *self)
{
	return atomic_load_explicit(&self->canceled, memory_order_relaxed) != 0 &&
	       self->cancel_state == PTHREAD_CANCEL_ENABLE;
}

/*
 * Sleep with a record of the caller's in a queue (sync/queue.h), as a cancellation point.
 * Result: the answer, ANSWER_NONE if the deadline has passed, ANSWER_CANCELED. In the last two
 * cases the record may have been taken out of the queue: then its answer comes, by waiter_sleep().
 */
uint32_t posix_sleep(struct pudu_waiter *waiter, uint64_t deadline);

#define ANSWER_CANCELED 16 /* beside those of sync/queue.h */

/* Make a thread that the keeper looks after. Result: 0; EAGAIN, EINVAL. */
int posix_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *),
		 int (*function_c11)(void *), void *argument);

/* The handle of the keeper, which is started if it does not run yet. Result: 0; EAGAIN. */
int posix_keeper_start(uint64_t *executor);

/* keeper.c. pudu_posix_lock is held in both. */
void posix_keeper_add(struct pudu_pthread *thread);
void posix_over(struct pudu_pthread *thread);

/* The calling thread will run no more code of the program; the last one ends the program. */
void posix_leave(void);

/* Run the destructors of the caller's keys. Only there in programs that use keys. */
void pudu_specific_end(void) __attribute__((weak));

/*
 * A time of a clock, as a time of rdtime.
 * Arguments:
 *   clock      CLOCK_REALTIME or CLOCK_MONOTONIC.
 *   time       the nanoseconds are checked.
 *   deadline   gets it; never PUDU_FOREVER.
 * Result: 0; EINVAL for another clock or nanoseconds that are not 0 to 999999999.
 */
int posix_deadline(clockid_t clock, const struct timespec *time, uint64_t *deadline);

#endif
