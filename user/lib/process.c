/* SPDX-License-Identifier: MIT */
/* process.c - this program as a whole: its threads, its end, and what picolibc asks of a system. */
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/thread.h>

#include "internal.h"

struct pudu_thread *pudu_threads;
struct pudu_mutex pudu_threads_lock = PUDU_MUTEX;

/* Threads other than the first overwrite these before they run anything. */
_Thread_local uint64_t pudu_self = PUDU_MAIN_EXECUTOR;
_Thread_local struct pudu_thread *pudu_self_thread;

uint64_t pudu_thread_self(void)
{
	return pudu_self;
}

/* Of picolibc: run the functions of atexit(), if the program has any; and the destructors. */
void __call_exitprocs(int code, void *object) __attribute__((weak));
void __libc_fini_array(void);

/*
 * In place of picolibc's: a second thread that exits waits here until it is ended, so that the
 * first one comes to the end of its functions. One of these may call exit() again.
 */
void exit(int code)
{
	static struct pudu_recursive exiting = PUDU_RECURSIVE;

	pudu_recursive_lock(&exiting);
	if (__call_exitprocs != NULL)
		__call_exitprocs(code, NULL);
	__libc_fini_array();
	_exit(code);
}

/*
 * End the program: all threads, then the caller. The lock is kept, so that no thread is made
 * meanwhile, and a second one that exits waits here until it is ended.
 */
void _exit(int code)
{
	uint64_t status = (uint64_t)(unsigned)code;

	pudu_mutex_lock(&pudu_threads_lock);
	for (struct pudu_thread *thread = pudu_threads; thread != NULL; thread = thread->next)
		if (thread->executor != pudu_self)
			pudu_terminate(thread->executor, status);
	if (pudu_self != PUDU_MAIN_EXECUTOR)
		pudu_terminate(PUDU_MAIN_EXECUTOR, status);
	for (;;)
		pudu_terminate(0, status);
}

/* There is one process, the caller's own; its number is for raise() only. */
pid_t getpid(void)
{
	return 1;
}

/* A signal that nobody handles ends the program, as abort() does by way of raise(). */
int kill(pid_t process, int signal)
{
	(void)process;
	_exit(128 + signal);
}
