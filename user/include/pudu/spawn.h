/* SPDX-License-Identifier: MIT */
/* spawn.h - start programs of the initrd in address spaces of their own, and wait for them. */
#ifndef PUDU_SPAWN_H
#define PUDU_SPAWN_H

#include <stddef.h>
#include <stdint.h>

#include "abi/status.h"

#define PUDU_SPAWN_STACK  131072 /* bytes of the first stack if options->stack is 0 */
#define PUDU_SPAWN_BUDGET 512	 /* pages */

/* A handle that the new program gets, in its slot PUDU_SLOT_GRANTED + index. */
struct pudu_grant {
	uint64_t handle; /* the caller's; 0 leaves the slot empty for pudu_process_grant() */
	uint64_t rights; /* PUDU_R or PUDU_R|PUDU_W, at most the caller's */
};

/*
 * What to start, and with what. All bits zero but `path`: the program alone. Without a budget it
 * gets a quarter of what this program has left, but PUDU_SPAWN_BUDGET if half of it is as much: so
 * programs that start programs that start programs do in 64 MiB. pudu_vas_budget() changes it.
 */
struct pudu_spawn_options {
	const char *path;  /* of the program in the initrd, "bin/x" or "x"; its name in logs */
	const void *image; /* ELF file in memory, instead of the initrd's; or NULL */
	size_t image_size; /* bytes */
	char *const *argv; /* strings and NULL; NULL: the path alone */
	char *const *envp; /* strings and NULL; NULL: the caller's environment */
	size_t stack;	   /* bytes of its first stack, up to 2^30; 0: PUDU_SPAWN_STACK */
	uint64_t budget;   /* pages for all it has, carved out of this program's; 0: see below */
	const struct pudu_grant *grants;
	size_t n_grants;    /* up to PUDU_GRANTED_MAX */
	void *shared;	    /* memory that both see, RW, on a page; or NULL */
	size_t shared_size; /* bytes, rounded up to pages */
	int hide_initrd;    /* 1: the program does not get the initrd */
	int hide_parent;    /* 1: it does not get a handle to wake the caller */
	int stopped;	    /* 1: it waits for pudu_process_start() */
};

struct pudu_process {
	uint64_t vas;	   /* handle, RW; 0 once released */
	uint64_t executor; /* handle of its first executor, RW */
	char name[16];	   /* for messages, may be cut */
	char error[160];   /* what pudu_spawn() did not like: a sentence without a full stop */
};

/* How a program has ended. */
struct pudu_exit {
	int faulted;	  /* 1: a fault ended it */
	int64_t code;	  /* exit code, if it did not fault */
	uint64_t cause;	  /* of the fault: pudu_fault_name() */
	uint64_t address; /* of the fault */
};

/*
 * Start a program. On an error nothing is left behind, and process->error says what was wrong.
 * The caller's thread becomes its supervisor: that thread alone can wait for it.
 * Arguments:
 *   options   read during the call only.
 *   process   gets the program.
 * Result: PUDU_OK;
 *   PUDU_ERR_HANDLE    no such file in the initrd, or there is no initrd.
 *   PUDU_ERR_ARGUMENT  the file is no program for this machine; wrong options.
 *   PUDU_ERR_LENGTH    arguments and environment take more than half of the stack.
 *   PUDU_ERR_MEMORY    out of memory, addresses or handle slots.
 *   or what a system call answered.
 */
int64_t pudu_spawn(const struct pudu_spawn_options *options, struct pudu_process *process);

/* Let a program run that was spawned with options->stopped. Result: as executor_start answers. */
int64_t pudu_process_start(struct pudu_process *process);

/*
 * Give a program one more handle, in its slot PUDU_SLOT_GRANTED + index.
 * Arguments:
 *   index    below PUDU_GRANTED_MAX.
 *   handle   the caller's.
 *   rights   PUDU_R or PUDU_R|PUDU_W, at most the caller's.
 * Result: as map answers; PUDU_ERR_ARGUMENT for a larger index.
 */
int64_t pudu_process_grant(struct pudu_process *process, uint64_t index, uint64_t handle,
			   uint64_t rights);

/*
 * Look whether a program has ended, without waiting.
 * Arguments:
 *   process   not released yet.
 *   end       gets how, if it has; may be NULL.
 * Result: 1 if it has ended, else 0.
 */
int pudu_process_ended(const struct pudu_process *process, struct pudu_exit *end);

/*
 * Wait until a program has ended. Only in the thread that spawned it. Its handles stay valid.
 * Arguments:
 *   process   not released yet.
 *   end       gets how; may be NULL.
 */
void pudu_wait(const struct pudu_process *process, struct pudu_exit *end);

/*
 * End a program, with all that it has made: executors, programs. When it returns nothing of it
 * runs, and its memory is free, but for what others map and the pages that the two handles name,
 * which stay valid. Arguments: code   what pudu_wait() tells, unless it has ended before.
 */
void pudu_kill(struct pudu_process *process, int64_t code);

/* The same with code 0, and give its handles back. Does nothing the second time. */
void pudu_release(struct pudu_process *process);

#endif
