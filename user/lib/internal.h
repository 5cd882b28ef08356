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

/* A thread's record, at the upper end of its stack; below its TLS block. */
struct pudu_thread {
	void *tls;	   /* first: crt0.S loads it into tp */
	uint64_t executor; /* handle */
	int64_t (*function)(void *);
	void *argument;
	struct pudu_thread *next;  /* in pudu_threads */
	struct pudu_thread **link; /* what points to this one there */
	uint64_t area;		   /* addresses taken, with the guard page */
	size_t size;		   /* bytes of them */
} __attribute__((aligned(16)));

/* All threads but the first, and the lock of the list. _exit() takes the lock for ever. */
extern struct pudu_thread *pudu_threads;
extern struct pudu_mutex pudu_threads_lock;

/* The calling thread's executor and record; NULL in the first thread. */
extern _Thread_local uint64_t pudu_self;
extern _Thread_local struct pudu_thread *pudu_self_thread;

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
