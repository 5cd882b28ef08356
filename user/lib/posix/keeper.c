/* SPDX-License-Identifier: MIT */
/*
 * keeper.c - the thread of the library that is told of the end of all others.
 *
 * A thread can't release the stack it runs on, and the kernel tells one executor only, the
 * supervisor, that another one has ended. So the first pthread_create() starts the keeper, and it
 * is the supervisor of every thread. It looks which have ended, releases those that are detached,
 * and wakes the joiners of the others: any thread can join.
 *
 * A thread that faults ends the program, as a signal that nobody handles does under POSIX. So no
 * joiner is left waiting, and no lock stays taken unnoticed.
 */
#include "posix.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <pudu/calls.h>
#include <pudu/status.h>
#include <pudu/thread.h>

#include "abi/executor.h"
#include "abi/memory.h"

#define KEEPER_STACK (4 * PUDU_PAGE_SIZE)

static struct pudu_thread *keeper;   /* (L) */
static struct pudu_pthread *running; /* (L) all threads of pthread_create() that have not ended */
static const struct {
	uint8_t cause, signal;
} signals[] = {
	{ 0, SIGBUS }, { 2, SIGILL }, { 3, SIGTRAP }, { 4, SIGBUS }, { 6, SIGBUS },
};

/* The signal that POSIX has for the cause of a fault. */
static int fault_signal(uint64_t cause)
{
	for (unsigned i = 0; i < sizeof signals / sizeof signals[0]; i++)
		if (signals[i].cause == cause)
			return signals[i].signal;
	return SIGSEGV;
}

static _Noreturn void keep_fault(const struct pudu_executor_end *end)
{
	uint64_t cause = (uint64_t) - (end->code + 1);
	char line[PUDU_LOG_LINE];
	int length = snprintf(line, sizeof line, "a thread has ended the program: %s at 0x%llx\n",
			      pudu_fault_name(cause), (unsigned long long)end->address);

	pudu_log_write((uint64_t)line, (uint64_t)length);
	_exit(128 + fault_signal(cause));
}

void posix_over(struct pudu_pthread *thread)
{
	thread->state = POSIX_OVER;
	if (thread->joiner != NULL)
		posix_wake(thread->joiner);
}

/*
 * A thread has ended. Put it into the list of those to release if nobody will join it.
 * Result: has it ended by itself? Else somebody has ended its executor.
 */
static bool keep_over(struct pudu_pthread *thread, struct pudu_pthread **released)
{
	/* acquire: pairs with pthread_exit(), whose result is read after this. */
	bool ended = atomic_load_explicit(&thread->ended, memory_order_acquire) != 0;

	*thread->link = thread->next;
	if (thread->next != NULL)
		thread->next->link = thread->link;
	if (!ended)
		thread->result = PTHREAD_CANCELED;
	if (thread->state == POSIX_DETACHED) {
		thread->next = *released;
		*released = thread;
	} else {
		posix_over(thread);
	}
	return ended;
}

/* Look at all threads. */
static void keep_look(void)
{
	struct pudu_pthread *released = NULL, *next;
	struct pudu_executor_end end;
	unsigned lost = 0;

	pudu_mutex_lock(&pudu_posix_lock);
	for (struct pudu_pthread *thread = running; thread != NULL; thread = next) {
		next = thread->next;
		if (!pudu_executor_ended(thread->executor, &end))
			continue;
		if (end.faulted)
			keep_fault(&end);
		if (!keep_over(thread, &released))
			lost++;
	}
	pudu_mutex_unlock(&pudu_posix_lock);
	while (released != NULL) {
		next = released->next;
		pudu_thread_release(released->thread);
		released = next;
	}
	while (lost-- > 0)
		posix_leave();
}

static int64_t keep(void *unused)
{
	static const uint32_t zero;

	(void)unused;
	for (;;)
		if (pudu_park_if((uint64_t)&zero, 0, PUDU_FOREVER).status == PUDU_ERR_EVENT)
			keep_look();
	return 0;
}

int posix_keeper_start(uint64_t *executor)
{
	struct pudu_thread_options options = {
		.stack = KEEPER_STACK,
		.guard = PUDU_PAGE_SIZE,
		.supervisor = pudu_self,
	};
	int error = 0;

	pudu_mutex_lock(&pudu_posix_lock);
	if (keeper == NULL) {
		if (pudu_thread_prepare_with(&keeper, keep, NULL, &options) == PUDU_OK)
			pudu_thread_start(keeper);
		else
			error = EAGAIN;
	}
	if (error == 0)
		*executor = pudu_thread_executor(keeper);
	pudu_mutex_unlock(&pudu_posix_lock);
	return error;
}

void posix_keeper_add(struct pudu_pthread *thread)
{
	thread->next = running;
	thread->link = &running;
	if (running != NULL)
		running->link = &thread->next;
	running = thread;
}
