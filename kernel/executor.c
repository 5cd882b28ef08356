/* SPDX-License-Identifier: MIT */
/* executor.c - see executor.h: birth and death. */
#include "kernel/executor.h"

#include "abi/status.h"
#include "kernel/budget.h"
#include "kernel/frame.h"
#include "kernel/graves.h"
#include "kernel/hart.h"
#include "kernel/quiesce.h"
#include "kernel/sched.h"
#include "kernel/vas_load.h"

void executor_forget(struct executor *executor)
{
	if (executor->member_of == NULL)
		return;
	*executor->member_of = executor->member;
	if (executor->member != NULL)
		executor->member->member_of = executor->member_of;
	executor->member_of = NULL;
}

/* Make it an executor of its address space, stopped. Result: false: that is dead. */
static bool join(struct executor *executor)
{
	struct vas *vas = executor->vas;

	lock_acquire(&vas->lock, LOCK_VAS);
	bool alive = (vas->flags & VAS_DEAD) == 0;

	if (alive) {
		vas->executors += 2;
		frame_get(frame_of(phys(vas)));
		atomic_store_explicit(&executor->over, 0, memory_order_relaxed);
		atomic_store_explicit(&executor->state, STATE_STOPPED, memory_order_relaxed);
		executor->member = vas->members;
		executor->member_of = &vas->members;
		if (vas->members != NULL)
			vas->members->member_of = &executor->member;
		vas->members = executor;
	}
	lock_release(&vas->lock, LOCK_VAS);
	return alive;
}

/* The opposite; the last one out makes the address space dead, or it was what that waited for. */
static void leave(struct executor *executor)
{
	struct vas *vas = executor->vas;

	lock_acquire(&vas->lock, LOCK_VAS);
	executor_forget(executor);
	vas->executors -= 2;
	bool last = vas->executors == 0, begun = last && graves_begin(vas);
	lock_release(&vas->lock, LOCK_VAS);

	if (last && !begun)
		graves_wake(vas);
	vas_put(vas);
}

/* @n: a multiple of 8. */
static inline void words_zero(uint64_t *word, unsigned n)
{
	for (uint64_t *end = word + n; word != end; word += 8) {
		word[0] = word[1] = word[2] = word[3] = 0;
		word[4] = word[5] = word[6] = word[7] = 0;
		__asm__ volatile("" ::: "memory"); /* no call of memset: it is slower */
	}
}

struct executor *executor_new(struct vas *account, uint64_t pc, uint64_t sp, uint64_t argument)
{
	struct executor *executor =
		frame_take_any(FRAME_FIXED); /* no executor yet: nobody looks at it */

	if (executor == NULL)
		return NULL;
	/* All but the parts that are not used: a page of zeros costs more than the rest of this. */
	words_zero(&executor->pc, 32);
	words_zero(executor->f, 40);
	atomic_store_explicit(&executor->state, STATE_OWNED, memory_order_relaxed);
	executor->frame = frame_of(phys(executor));
	executor->next = NULL;
	executor->context = CONTEXT_CALL;
	atomic_store_explicit(&executor->hart, NULL, memory_order_relaxed);
	executor->fp_tag = 0;
	executor->code = 0;
	executor->address = 0;
	atomic_store_explicit(&executor->ended, 0, memory_order_relaxed);
	executor->short_of = 0;
	executor->buried = 0;
	atomic_store_explicit(&executor->over, OVER_BURIED, memory_order_relaxed);
	executor->account = account;
	executor->member_of = NULL;
	executor->resource.tag = 0;
	executor->pc = pc;
	executor->x[X_SP - 1] = sp;
	executor->x[X_A0 - 1] = argument;
	executor->frame->type = FRAME_EXECUTOR;
	return executor;
}

void executor_discard(struct executor *executor)
{
	frame_give(executor, executor->frame);
}

int64_t executor_start_life(struct executor *executor, struct vas *vas, struct executor *supervisor)
{
	if (supervisor != NULL && !frame_get_live(frame_of(phys(supervisor))))
		return PUDU_ERR_HANDLE;
	executor->vas = vas;
	executor->supervisor = supervisor;
	executor->resource.self = executor;
	if (!join(executor)) {
		if (supervisor != NULL)
			executor_put(supervisor);
		return PUDU_ERR_DEAD;
	}
	/* With the tag, others can open it by its handle: release what was written before. */
	atomic_thread_fence(memory_order_release);
	*(volatile uint64_t *)&executor->resource.tag =
		atomic_fetch_add_explicit(&global->next_id, 1, memory_order_relaxed) << 8 |
		RESOURCE_EXECUTOR;
	return PUDU_OK;
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

static void tell_supervisor(struct executor *executor)
{
	struct executor *supervisor = executor->supervisor;

	if (supervisor == NULL)
		return;
	/* If it is about to park it finds EVENT there; if it is parked, it wakes, and EVENT stays
	 * for its next park_if, which then returns at once. */
	state_add(&supervisor->state, STATE_EVENT);
	sched_wake(supervisor, STATE_PARKED);
	executor_put(supervisor);
}

/* One of the two things that have to be over has happened. */
static void set_over(struct executor *executor, uint64_t what)
{
	/* What both parties did to the page is done for the one who frees it. */
	uint64_t before = atomic_fetch_or_explicit(&executor->over, what, memory_order_acq_rel);

	if ((before | what) == (OVER_UNNAMED | OVER_BURIED))
		quiesce_free(executor);
}

/* What has to be done once. */
static void depart(struct executor *executor)
{
	executor->buried = 1;
	/* The charge of a page that nobody names goes back before its address space can be clear.
	 */
	executor_put(executor);
	tell_supervisor(executor);
	leave(executor);
}

int executor_bury(struct executor *executor)
{
	if (!executor->buried)
		depart(executor);
	if (graves_step())
		return 1;
	set_over(executor, OVER_BURIED);
	return 0;
}

void executor_end_with_vas(struct executor *executor)
{
	if (atomic_exchange_explicit(&executor->ended, 1, memory_order_relaxed) != 0)
		return;
	state_add(&executor->state, STATE_DEAD);
	if (executor == current()) {
		sched_interrupt(this_hart); /* its call may return to it before it ends */
	} else if (state_claim(&executor->state)) {
		depart(executor);
		set_over(executor, OVER_BURIED);
	} else {
		sched_nudge(executor);
	}
}

void executor_end_unreachable(struct executor *executor)
{
	if (!state_claim(&executor->state))
		return; /* it runs, and may go on until it waits; or it is dead */
	atomic_store_explicit(&executor->ended, 1, memory_order_relaxed);
	state_add(&executor->state, STATE_DEAD);
	sched_enqueue(executor); /* to be buried */
}

void executor_put(struct executor *executor)
{
	uint32_t before =
		atomic_fetch_sub_explicit(&executor->frame->references, 1, memory_order_acq_rel);

	if (before == 2) {
		/* The reference is gone before we look for OWNED; pairs with executor_let_go. */
		atomic_thread_fence(memory_order_seq_cst);
		executor_end_unreachable(executor);
	} else if (before == 1) {
		executor->resource.tag = 0;
		budget_give(executor->account, 1);
		set_over(executor, OVER_UNNAMED);
	}
}
