/* SPDX-License-Identifier: MIT */
/*
 * green.h - green threads: many threads of control on a few executors, without the kernel.
 *
 * A run has workers, ordinary threads, usually one for each hart. A green thread goes on until it
 * yields, waits or returns; then its worker takes the next one of its queue or, when that is empty,
 * up to half of another worker's. Workers that find nothing sleep in the kernel.
 *
 * What a green thread must know:
 *
 * - Its stack is small. Below a page, only a check word lies under it, which is looked at when the
 *   thread leaves its worker; from a page on, an unmapped page. Either way an overflow ends the
 * run.
 * - It may go on in another worker whenever it yields or waits: thread-local variables are the
 *   worker's (errno too), and no lock of <pudu/sync.h> or of the C library may be held then.
 * - All registers that a call keeps are its own, fs0 to fs11 among them. The rounding mode and the
 *   flags of floating point (fcsr) are the worker's.
 * - A system call that waits makes the worker wait.
 */
#ifndef PUDU_GREEN_H
#define PUDU_GREEN_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"

#define PUDU_GREEN_WORKERS_MAX 32
#define PUDU_GREEN_THREADS_MAX 0x1000000
#define PUDU_GREEN_STACK       4096 /* bytes, if options->stack is 0 */
#define PUDU_GREEN_STACK_MIN   512
#define PUDU_GREEN_STACK_MAX   0x100000

struct pudu_green;

/* How a run is to be. All bits zero: as many workers as harts, 1024 green threads. */
struct pudu_green_options {
	unsigned workers; /* up to PUDU_GREEN_WORKERS_MAX; 0: one for each hart */
	uint32_t threads; /* at once, up to PUDU_GREEN_THREADS_MAX; 0: 1024 */
	size_t stack;	  /* bytes for each, PUDU_GREEN_STACK_MIN to _MAX; rounded up to a multiple
			   * of 16, from a page on to pages */
};

/* What one worker did. */
struct pudu_green_stats {
	uint64_t ended;	 /* green threads that ended there */
	uint64_t stolen; /* green threads that it took from other workers */
	uint64_t slept;	 /* times that it found nothing to do */
};

/*
 * Green threads that are waited for together. All bits zero is an empty group; it can be used
 * again.
 */
struct pudu_green_group {
	_Atomic uint64_t state; /* see user/lib/parallel/green.c */
};

/*
 * Run function(argument) as the first green thread, and wait until it and all others have ended.
 * Not in a green thread.
 * Arguments:
 *   options    read during the call only.
 *   function   the first green thread.
 *   argument   any.
 *   stats      gets what each worker did: as many as there are workers; or NULL.
 * Result: PUDU_OK; all memory is given back in any case:
 *   PUDU_ERR_ARGUMENT  an option is out of its range, or the caller is a green thread.
 *   PUDU_ERR_MEMORY    no memory, addresses or handle slots for the workers and stacks.
 *   PUDU_ERR_STATE     all green threads that are left wait for each other: they were dropped.
 *   PUDU_ERR_DEAD      a green thread faulted or left its stack; all others were dropped when they
 *                      left their workers next.
 */
int64_t pudu_green_run(const struct pudu_green_options *options, void (*function)(void *),
		       void *argument, struct pudu_green_stats *stats);

/*
 * Make a green thread: function(argument). It ends when the function returns.
 * Arguments:
 *   group      that it belongs to, or NULL.
 * Result: PUDU_OK;
 *   PUDU_ERR_MEMORY  as many as options->threads are there, or no memory for its stack.
 *   PUDU_ERR_STATE   the caller is no green thread.
 */
int64_t pudu_green_spawn(struct pudu_green_group *group, void (*function)(void *), void *argument);

/* Let those that are ready in the worker's queue go first. Returns at once if there are none. */
void pudu_green_yield(void);

/*
 * Wait until all green threads of a group have ended. What they did is seen after. One green
 * thread at a time waits for a group; new members are made by it or by members only.
 */
void pudu_green_join(struct pudu_green_group *group);

/*
 * Wait for pudu_green_unpark(). One that came since the last wait counts. It may also return
 * without a reason: whoever waits looks again whether it is over.
 */
void pudu_green_park(void);

/*
 * Let a green thread of the same run go on, or not wait the next time. Only green threads call it.
 * Arguments:
 *   thread   of pudu_green_self(). If it has ended, nothing bad happens before the run is over.
 */
void pudu_green_unpark(struct pudu_green *thread);

/* The calling green thread; NULL in another thread. */
struct pudu_green *pudu_green_self(void);

#endif
