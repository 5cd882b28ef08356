/* SPDX-License-Identifier: MIT */
/*
 * executor.h - an executor: one thread of user control, held in exactly one page.
 *
 * asm/trap.S reads and writes the page with offsets generated from this struct. Words that several
 * harts write lie 512 bytes apart, so no two of them share a line.
 *
 * Access keys, the same in every struct of this kernel:
 *	(c) constant once created	(a) atomic, any hart, any time
 *	(o) the owner (state.h)		(Q) under the lock of the run queue
 *	(V) under the lock of the address space	(F) under the lock of the frames
 *	(h) only the hart itself	(b) written at boot, constant after
 *	(C) under callers_lock
 */
#ifndef KERNEL_EXECUTOR_H
#define KERNEL_EXECUTOR_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/deadlines.h"
#include "kernel/frame.h"
#include "kernel/mcs.h"
#include "kernel/resource.h"
#include "kernel/state.h"

struct hart;
struct vas;

#define X_RA	       1 /* numbers of the integer registers */
#define X_SP	       2
#define X_A0	       10
#define X_A1	       11
#define X_A6	       16
#define X_A7	       17

/* What was saved when it last left its hart: the callee-saved registers, and the others are 0; or
 * all. */
#define CONTEXT_CALL   0
#define CONTEXT_FULL   1
#define CONTEXT_ACCEPT 2 /* as CALL, and a0 to a2; goes on by accept with these, from the start */
#define CONTEXT_TIMED  3 /* as FULL; by park_if with a deadline, whose answer is in a0 */

#define TIMER_NONE     0ull  /* executor->timer, if it is no hart page */
#define TIMER_PASSED   1ull  /* the time has come; the owner has not seen it yet */
#define TIMER_NEVER    ~0ull /* a time */

#define CALLER_GONE    1ull /* executor->caller: it has ended */

/* Where one that calls is; executor->place. */
#define PLACE_NONE     0u /* accepted last, or not known to the callee any more */
#define PLACE_WAITS    1u /* in line */
#define PLACE_KEPT     2u /* accepted before the last one, and not answered */

#define OVER_UNNAMED   1ull /* no reference is left */
#define OVER_BURIED    2ull /* it has done its last work, or never lived */

struct executor {
	alignas(4096) uint64_t pc;   /* (o) at 0x000 */
	uint64_t x[31];		     /* (o) x[n - 1] is xn */
	struct executor *next;	     /* (Q) run-queue link; (h) link of a dead list */
	uint64_t context;	     /* (o) CONTEXT_* */
	_Atomic uint64_t timer;	     /* (a) TIMER_*, or the hart whose heap it is in; see timer.h */
	struct vas *vas;	     /* (c) */
	_Atomic(struct hart *) hart; /* (a) it runs on, or last ran on; written by the owner */
	uint64_t fp_tag;	     /* (o) names the contents of f, see fp.h; 0: zeros, not in f */
	uint64_t root;		     /* (c) of its address space: the page number, as in satp */
	uint64_t badge;		     /* (c) its resource.tag, for fast_call.S */
	struct frame *frame;	     /* (c) of this page: counts the references to it */
	struct executor *supervisor; /* (c) told of the end; NULL: none. Counts as a handle. */
	uint64_t code;		     /* by who set ended: given to terminate, or -(cause + 1) */
	uint64_t address;	     /* by the same: stval of the fault. Both read once DEAD */
	_Atomic uint64_t ended;	     /* (a) 1: somebody ends it, and writes code and address */
	uint64_t short_of;	     /* (o) of shortage.h */
	uint64_t buried;	     /* (o) 1: has left its address space and told its supervisor */
	_Atomic uint64_t over;	     /* (a) OVER_*: the page is free when both are set */
	struct vas *account;	     /* (c) what the page is charged to */
	struct executor *member;     /* (V) of vas: link of its members */
	struct executor **member_of; /* (V) of vas: what points to this one there, or NULL */
	alignas(512) _Atomic uint64_t state;  /* (a) STATE_*, only by the functions of state.h */
	struct deadline deadline;	      /* of the heap in which it is */
	alignas(512) _Atomic uint64_t caller; /* (a) whom it serves, see calls.h; 0: nobody */
	_Atomic(struct executor *) callee;    /* (a) whom it calls, while CALLING; or NULL */
	uint64_t place;			      /* PLACE_*, under callers_lock of the callee */
	struct executor *caller_next, *caller_before; /* the same: links of the list of its place */
	struct mcs_lock callers_lock;		      /* LOCK_CALLERS */
	struct executor *callers, *callers_last; /* (C) those in line, the first and the last */
	struct executor *kept;			 /* (C) those kept */
	alignas(256) char reserved[0x400];
	struct resource resource;	 /* (c) 0x900 */
	alignas(256) uint64_t f[40];	 /* (o) f0 to f31, fcsr, as they were when fp_tag was set */
	alignas(1024) char vector[1024]; /* kept for harts with V */
};

#define LAYOUT(type, field, offset)                                                                \
	_Static_assert(offsetof(struct type, field) == (offset), #type "." #field)

LAYOUT(executor, pc, 0x000);
LAYOUT(executor, x, 0x008);
LAYOUT(executor, next, 0x100);
LAYOUT(executor, vas, 0x118);
LAYOUT(executor, hart, 0x120);
LAYOUT(executor, state, 0x200);
LAYOUT(executor, resource, RESOURCE_OFFSET);
LAYOUT(executor, f, 0xa00);
LAYOUT(executor, vector, 0xc00);
_Static_assert(sizeof(struct executor) == 4096, "an executor is one page");

/*
 * executor_new (sys_create.c) - a stopped executor of @vas, which is not dead, whose registers are
 * 0, but for pc, sp and a0. Its one reference is its own, until it is buried. @account: what its
 * page has been charged to. NULL: no memory. Takes LOCK_FRAMES, LOCK_VAS.
 */
struct executor *executor_new(struct vas *account, struct vas *vas, uint64_t pc, uint64_t sp,
			      uint64_t argument);

/*
 * executor_end - mark @executor dead: it never runs again. @code, @address: for executor_state.
 * Whoever owns it buries it; if it is the current one, the caller goes on to sched_leave.
 * Result: PUDU_OK; PUDU_ERR_DEAD: it was.
 */
int64_t executor_end(struct executor *executor, uint64_t code, uint64_t address);

/*
 * executor_end_with_vas - the same, with code 0, because its address space is dead; one that waits
 * is buried at once. For graves.c, which does the further work. Requires no lock.
 */
void executor_end_with_vas(struct executor *executor);

/*
 * executor_bury - one bounded step of what a dead executor's owner has to do: drop its own
 * reference, tell the supervisor, leave the address space; then steps for those that are dead
 * (graves.h); at last the page. Requires ownership. Result: 0 when done (the page may be gone), 1
 * if a further step is needed.
 */
int executor_bury(struct executor *executor);

/* executor_forget - take @executor out of the members of its address space. Requires that one's
 * lock. */
void executor_forget(struct executor *executor);

/* executor_end_unreachable - end @executor, which no handle names, if it waits and calls nobody,
 * and no deadline lets it go on: it has none, or is stopped. */
void executor_end_unreachable(struct executor *executor);

/*
 * executor_let_go - the owner is done with @executor; see state_let_go. An executor that waits
 * for others and that nobody has a handle to can never run again: it is ended. The page is there
 * until this hart leaves the kernel. Result: as of state_let_go, but LET_GO for LET_GO_UNNAMED.
 */
static inline enum let_go executor_let_go(struct executor *executor)
{
	enum let_go let_go = state_let_go(&executor->state);

	if (let_go != LET_GO_UNNAMED)
		return let_go;
	executor_end_unreachable(executor);
	return LET_GO;
}

/*
 * executor_put - drop a reference to the page. With the last one its charge is given back, and the
 * page is freed once it is buried and no hart can look at it. Requires no lock of an address space.
 */
void executor_put(struct executor *executor);

/* executor_put_more - the rest of it: there were @before references, 1 or 2. */
void executor_put_more(struct executor *executor, uint32_t before);

#endif
