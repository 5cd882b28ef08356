/* SPDX-License-Identifier: MIT */
/*
 * thread.h - further executors of this program, each with its own stack and thread-local variables.
 *
 * <pthread.h> and <threads.h> are above this: there any thread can join, and a fault is noticed.
 *
 * A program ends when main() returns or a thread calls exit(): the others are ended then.
 */
#ifndef PUDU_THREAD_H
#define PUDU_THREAD_H

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"

#define PUDU_THREAD_STACK 65536 /* bytes that pudu_thread_create() gives */

struct pudu_thread;

/* How a thread has ended. */
struct pudu_thread_end {
	int64_t code; /* what its function returned, or pudu_thread_exit() got; if it
		       * faulted: -(cause + 1), see pudu_fault_name() */
	int faulted;
	uint64_t address; /* of the fault */
};

/* The handle of the calling thread's executor, RW. */
uint64_t pudu_thread_self(void);

/*
 * Start a thread: function(argument) runs in a new executor of this address space, with a stack
 * of PUDU_THREAD_STACK bytes above an unmapped page. It must be joined: the stack is kept for that.
 * Arguments:
 *   thread     gets the thread.
 *   function   its result is the thread's code.
 *   argument   any.
 * Result: PUDU_OK; PUDU_ERR_MEMORY if there is no memory, no address or no handle slot.
 */
int64_t pudu_thread_create(struct pudu_thread **thread, int64_t (*function)(void *),
			   void *argument);

/*
 * The same, not started yet: pudu_thread_start() does that.
 * Arguments:
 *   stack   bytes of stack, 4096 to 2^30, rounded up to pages.
 * Result: as above; PUDU_ERR_LENGTH for another size of stack.
 */
int64_t pudu_thread_prepare(struct pudu_thread **thread, int64_t (*function)(void *),
			    void *argument, size_t stack);

/* Let a prepared thread run. */
void pudu_thread_start(struct pudu_thread *thread);

/* The handle of a thread's executor, RW. Closed by pudu_thread_join(). */
uint64_t pudu_thread_executor(const struct pudu_thread *thread);

/*
 * Wait until a thread has ended and release what it had.
 * Arguments:
 *   thread   of pudu_thread_create(). Called once for each, by the thread that created it: only
 *            that one is told of a fault; another one that joins waits for ever then.
 *   end      gets how it ended; may be NULL.
 */
void pudu_thread_join(struct pudu_thread *thread, struct pudu_thread_end *end);

/* End the calling thread. In the first thread: end the program, like exit(). */
_Noreturn void pudu_thread_exit(int64_t code);

#endif
