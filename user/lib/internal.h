/* SPDX-License-Identifier: MIT */
/* internal.h - what the files of the library know of each other, and programs need not. */
#ifndef PUDU_LIB_INTERNAL_H
#define PUDU_LIB_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include <pudu/sync.h>

struct pudu_start;

/* Remember the start block and the environment in it: crt0.S calls this before any constructor. */
void pudu_start_set(const struct pudu_start *start);

/* Write out the calling thread's unfinished line. Only there in programs that use stdio. */
void pudu_stdio_flush(void) __attribute__((weak));

/* The robust locks that a thread has or waits for: sync/robust.c. */
struct pudu_robust_held {
	_Atomic(struct pudu_robust *) lock[PUDU_ROBUST_HELD]; /* or NULL, in any place */
};

/* A thread's record, at the upper end of its stack; below its TLS block. */
struct pudu_thread {
	void *tls;	   /* first: crt0.S loads it into tp */
	uint64_t executor; /* handle */
	int64_t (*function)(void *);
	void *argument;
	struct pudu_thread *next;  /* in pudu_threads */
	struct pudu_thread **link; /* what points to this one there */
	uint64_t area;		   /* start of what was mapped for it; 0: not the library's */
	size_t guard;		   /* bytes without memory below it */
	size_t size;		   /* bytes of it */
	struct pudu_robust_held robust;
} __attribute__((aligned(16)));

/* All threads but the first, and the lock of the list. _exit() takes the lock for ever. */
extern struct pudu_thread *pudu_threads;
extern struct pudu_mutex pudu_threads_lock;

/* The calling thread's executor and record; NULL in the first thread. */
extern _Thread_local uint64_t pudu_self;
extern _Thread_local struct pudu_thread *pudu_self_thread;

/* What a thread starts with. */
struct pudu_thread_options {
	void *memory; /* of the stack, NULL to map some; all else of the thread is in it, too */
	size_t stack; /* bytes, as for pudu_thread_prepare() */
	size_t guard; /* bytes left without memory below the stack; not with memory */
	uint64_t supervisor; /* handle of the executor that is told when the thread ends */
};

/* As pudu_thread_prepare(), with more to choose from. */
int64_t pudu_thread_prepare_with(struct pudu_thread **thread, int64_t (*function)(void *),
				 void *argument, const struct pudu_thread_options *options);

/* Release what a thread had. Its executor has ended. */
void pudu_thread_release(struct pudu_thread *thread);

/* How an executor has ended. */
struct pudu_executor_end {
	int64_t code; /* as executor_state tells it */
	int faulted;
	uint64_t address; /* of the fault */
};

/* Look whether an executor has ended. Result: 1 if so, with *end filled; else 0. */
int pudu_executor_ended(uint64_t executor, struct pudu_executor_end *end);

/* Sleep until an executor that the caller supervises may have ended: the caller looks again. */
void pudu_executor_end_wait(void);

/*
 * Let go of all locks of a thread that has ended, or is the caller and about to end: those who wait
 * learn of it. Only there in programs that use robust locks.
 * Arguments:
 *   handle   of its executor, not closed yet.
 */
void pudu_robust_end(struct pudu_robust_held *held, uint64_t handle) __attribute__((weak));

/* The same for the caller, whichever thread it is. */
void pudu_robust_end_self(void) __attribute__((weak));

void pudu_thread_entry(void);
_Noreturn void pudu_thread_main(struct pudu_thread *self);

/*
 * Map fresh memory, all or nothing.
 * Arguments:
 *   start, length   on pages.
 *   rights          PUDU_R, PUDU_W, PUDU_X.
 * Result: as map answers.
 */
int64_t pudu_map_fresh(uint64_t start, uint64_t length, uint64_t rights);

#endif
