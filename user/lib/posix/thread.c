/* SPDX-License-Identifier: MIT */
/*
 * thread.c - pthread_create, pthread_exit, pthread_self, pthread_equal.
 *
 * A new thread's record is written by its creator, before it runs. It is found by its place in the
 * block of thread-local variables, which is the same in all threads.
 */
#include "posix.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/thread.h>

#include "abi/executor.h"

struct pudu_mutex pudu_posix_lock = PUDU_MUTEX;
_Thread_local struct pudu_pthread pudu_posix_record;

/* Threads that run code of the program: those of pthread_create() and the first. */
static _Atomic unsigned living = 1;

struct pudu_pthread *posix_self(void)
{
	struct pudu_pthread *self = &pudu_posix_record;

	if (self->executor == 0)
		self->executor = pudu_self;
	return self;
}

pthread_t pthread_self(void)
{
	return posix_self();
}

int pthread_equal(pthread_t one, pthread_t other)
{
	return one == other;
}

void posix_wake(struct pudu_pthread *thread)
{
	/* release: pairs with the load of `event` in those that wait. */
	atomic_fetch_add_explicit(&thread->event, 1, memory_order_release);
	pudu_unpark(thread->executor);
}

void posix_wait(struct pudu_pthread *self, uint32_t seen, uint64_t deadline)
{
	pudu_park_if((uint64_t)&self->event, seen, deadline);
}

void posix_leave(void)
{
	/* acq_rel: the last one sees all that the others have done, and then ends the program. */
	if (atomic_fetch_sub_explicit(&living, 1, memory_order_acq_rel) == 1)
		exit(0);
}

/* The first thread can't end before the program: its end is what the spawner waits for. */
static _Noreturn void first_thread_over(struct pudu_pthread *self)
{
	if (pudu_stdio_flush != NULL)
		pudu_stdio_flush();
	pudu_mutex_lock(&pudu_posix_lock);
	posix_over(self);
	pudu_mutex_unlock(&pudu_posix_lock);
	for (;;)
		posix_wait(self, atomic_load_explicit(&self->event, memory_order_relaxed),
			   PUDU_FOREVER);
}

_Noreturn void pthread_exit(void *result)
{
	struct pudu_pthread *self = posix_self();

	self->cancel_state = PTHREAD_CANCEL_DISABLE;
	while (self->cleanup != NULL)
		pudu_cleanup_pop(1);
	if (pudu_specific_end != NULL)
		pudu_specific_end();
	self->result = result;
	if (self->thread == NULL && self->executor != PUDU_MAIN_EXECUTOR)
		pudu_thread_exit((int64_t)(intptr_t)result);
	if (pudu_robust_end_self != NULL)
		pudu_robust_end_self();
	posix_leave();
	if (self->thread == NULL)
		first_thread_over(self);
	/* release: pairs with keep_over(). */
	atomic_store_explicit(&self->ended, 1, memory_order_release);
	pudu_thread_exit(0);
}

static int64_t thread_main(void *record)
{
	struct pudu_pthread *self = record;

	if (self->function != NULL)
		pthread_exit(self->function(self->argument));
	pthread_exit((void *)(intptr_t)self->function_c11(self->argument));
}

/* The record of a thread that does not run yet. */
static struct pudu_pthread *record_of(const struct pudu_thread *thread)
{
	uintptr_t own = (uintptr_t)__builtin_thread_pointer();

	return (struct pudu_pthread *)((uintptr_t)thread->tls +
				       ((uintptr_t)&pudu_posix_record - own));
}

/* Make a thread that does not run yet, and its record. */
static int prepare(struct pudu_pthread **record, const pthread_attr_t *attributes)
{
	struct pudu_thread_options options = {
		.memory = attributes->pudu_memory,
		.stack = attributes->pudu_stack,
		.guard = attributes->pudu_guard,
	};
	struct pudu_thread *thread;

	if (posix_keeper_start(&options.supervisor) != 0)
		return EAGAIN;
	if (pudu_thread_prepare_with(&thread, thread_main, NULL, &options) != PUDU_OK)
		return EAGAIN;
	*record = record_of(thread);
	thread->argument = *record;
	(*record)->thread = thread;
	(*record)->executor = thread->executor;
	(*record)->state = attributes->pudu_detached ? POSIX_DETACHED : POSIX_JOINABLE;
	return 0;
}

int posix_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *),
		 int (*function_c11)(void *), void *argument)
{
	struct pudu_pthread *record;
	pthread_attr_t usual;
	int error;

	if (attributes == NULL) {
		pthread_attr_init(&usual);
		attributes = &usual;
	}
	error = prepare(&record, attributes);
	if (error != 0)
		return error;
	record->function = function;
	record->function_c11 = function_c11;
	record->argument = argument;
	*thread = record;
	atomic_fetch_add_explicit(&living, 1, memory_order_relaxed);
	pudu_mutex_lock(&pudu_posix_lock);
	posix_keeper_add(record);
	pudu_mutex_unlock(&pudu_posix_lock);
	/* A detached one may be gone as soon as it runs: its record is not looked at after this. */
	pudu_thread_start(record->thread);
	return 0;
}

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
		   void *(*function)(void *), void *restrict argument)
{
	return posix_create(thread, attributes, function, NULL, argument);
}
