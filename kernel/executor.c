/* SPDX-License-Identifier: MIT */
/* executor.c - see executor.h: the end of an executor. */
#include "kernel/executor.h"

#include "abi/status.h"
#include "kernel/budget.h"
#include "kernel/calls.h"
#include "kernel/fp.h"
#include "kernel/frame.h"
#include "kernel/graves.h"
#include "kernel/hart.h"
#include "kernel/quiesce.h"
#include "kernel/sched.h"
#include "kernel/syscall.h"
#include "kernel/timer.h"
#include "kernel/trap.h"
#include "kernel/vas_load.h"

static inline void forget(struct executor *executor)
{
	if (executor->member_of == NULL)
		return;
	*executor->member_of = executor->member;
	if (executor->member != NULL)
		executor->member->member_of = executor->member_of;
	executor->member_of = NULL;
}

void executor_forget(struct executor *executor)
{
	forget(executor);
}

/* The last one is out of @vas: that is dead from now on, or this was what it waited for.
 * REQUIRES(vas->lock), which is released. */
static __attribute__((noinline)) void leave_last(struct vas *vas)
{
	bool begun = graves_begin(vas);
	lock_release(&vas->lock, LOCK_VAS);

	if (!begun)
		graves_wake(vas);
	vas_put(vas); /* the reference of its executors */
}

/* It is no executor of its address space any more. */
static inline void leave(struct executor *executor)
{
	struct vas *vas = executor->vas;

	lock_acquire(&vas->lock, LOCK_VAS);
	forget(executor);
	vas->executors -= 2;
	if (vas->executors == 0)
		leave_last(vas);
	else
		lock_release(&vas->lock, LOCK_VAS);
}

int64_t executor_end(struct executor *executor, uint64_t code, uint64_t address)
{
	/* Of all who end it, one writes the code. */
	if (atomic_exchange_explicit(&executor->ended, 1, memory_order_relaxed) != 0)
		return PUDU_ERR_DEAD;
	executor->code = code;
	executor->address = address;
	state_add(&executor->state, STATE_DEAD); /* a full fence: who sees DEAD sees the code */
	if (executor == current())
		return PUDU_OK;
	if (state_claim(&executor->state))
		sched_enqueue(executor); /* to be buried */
	else
		sched_nudge(executor);
	return PUDU_OK;
}

static void tell_supervisor(struct executor *supervisor)
{
	/* If it is about to park it finds EVENT there; if it is parked, it wakes, and EVENT stays
	 * for its next park_if, which then returns at once. */
	state_add(&supervisor->state, STATE_EVENT);
	sched_wake(supervisor, STATE_WAITS);
	executor_put(supervisor);
}

/* One of the two things that have to be over has happened. */
static inline void set_over(struct executor *executor, uint64_t what)
{
	/* What both parties did to the page is done for the one who frees it. */
	uint64_t before = atomic_fetch_or_explicit(&executor->over, what, memory_order_acq_rel);

	if ((before | what) == (OVER_UNNAMED | OVER_BURIED) &&
	    quiesce_add(executor, executor->frame))
		quiesce_hurry();
}

/* No reference is left. */
static __attribute__((noinline)) void unnamed(struct executor *executor)
{
	executor->resource.tag = 0;
	budget_give(executor->account, 1);
	set_over(executor, OVER_UNNAMED);
}

/* What has to be done once. */
static void depart(struct executor *executor)
{
	executor->buried = 1;
	if (atomic_load_explicit(&executor->timer, memory_order_relaxed) != TIMER_NONE)
		timer_end_wait(executor);
	/* Without CALLING, callee is from a call before, and may be gone. */
	if (atomic_load_explicit(&executor->state, memory_order_relaxed) & STATE_CALLING)
		calls_withdraw(executor);
	/* The charge of a page that nobody names goes back before its address space can be clear.
	 */
	if (frame_put(executor->frame))
		unnamed(executor);
	if (executor->supervisor != NULL)
		tell_supervisor(executor->supervisor);
	leave(executor);
}

int executor_bury(struct executor *executor)
{
	if (calls_wanted(executor) && calls_refuse(executor))
		return 1;
	if (!executor->buried)
		depart(executor);
	if (graves_wait() && graves_step())
		return 1;
	set_over(executor, OVER_BURIED);
	return 0;
}

void executor_end_with_vas(struct executor *executor)
{
	if (atomic_exchange_explicit(&executor->ended, 1, memory_order_relaxed) != 0)
		return;
	executor->code = 0;
	executor->address = 0;
	state_add(&executor->state, STATE_DEAD);
	if (executor == current()) {
		sched_interrupt(this_hart); /* its call may return to it before it ends */
	} else if (state_claim(&executor->state)) {
		if (calls_wanted(executor)) {
			sched_enqueue(executor); /* to be buried: that takes several steps */
			return;
		}
		depart(executor);
		set_over(executor, OVER_BURIED);
	} else {
		sched_nudge(executor);
	}
}

/* Will @executor, which waits and which nothing names, go on by itself? Its callee wakes it, or its
 * deadline; but nobody starts one that is stopped. */
static bool goes_on(struct executor *executor)
{
	uint64_t state = atomic_load_explicit(&executor->state, memory_order_relaxed);

	if (state & STATE_CALLING)
		return true;
	return (state & STATE_STOPPED) == 0 &&
	       atomic_load_explicit(&executor->timer, memory_order_relaxed) != TIMER_NONE;
}

void executor_end_unreachable(struct executor *executor)
{
	for (;;) {
		if (!state_claim(&executor->state))
			return; /* it runs, and may go on until it waits; or it is dead */
		if (!goes_on(executor))
			break;
		if (state_let_go(&executor->state) > LET_GO_UNNAMED) {
			sched_enqueue(executor);
			return;
		}
		/* A stop that found us in its way has left this to us. */
		if (goes_on(executor))
			return;
	}
	if (atomic_exchange_explicit(&executor->ended, 1, memory_order_relaxed) == 0) {
		executor->code = 0;
		executor->address = 0;
	}
	state_add(&executor->state, STATE_DEAD);
	sched_enqueue(executor); /* to be buried */
}

void executor_put(struct executor *executor)
{
	uint32_t before =
		atomic_fetch_sub_explicit(&executor->frame->references, 1, memory_order_acq_rel);

	if (before <= 2)
		executor_put_more(executor, before);
}

void executor_put_more(struct executor *executor, uint32_t before)
{
	if (before == 2) {
		/* Who lets go of it from now on sees this, or has let go of it before. */
		state_add(&executor->state, STATE_UNNAMED);
		executor_end_unreachable(executor);
	} else {
		unnamed(executor);
	}
}

/* Is there nothing to do for @executor, which runs here and is dead, but to leave? */
static inline bool is_free(struct executor *executor)
{
	return !calls_wanted(executor) && executor->supervisor == NULL && !graves_wait() &&
	       this_hart->handoff == NULL &&
	       atomic_load_explicit(&executor->timer, memory_order_relaxed) == TIMER_NONE;
}

uint64_t short_terminate(uint64_t code)
{
	struct executor *self = current();

	if (atomic_exchange_explicit(&self->ended, 1, memory_order_relaxed) != 0)
		return SHORT_NOT;
	self->code = code;
	self->address = 0;
	state_add(&self->state, STATE_DEAD); /* a full fence: who sees DEAD sees the code */
	if (!is_free(self))
		trap_resume(sched_leave());
	/* As sched_leave and executor_bury. */
	fp_leave(self);
	self->buried = 1;
	if (frame_put(self->frame))
		unnamed(self);
	leave(self);
	atomic_store_explicit(&this_hart->current, NULL, memory_order_relaxed);
	if (graves_wait() && graves_step())
		sched_enqueue(self); /* for a further step */
	else
		set_over(self, OVER_BURIED);
	return SHORT_DONE;
}
