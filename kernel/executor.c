/* SPDX-License-Identifier: MIT */
/* executor.c - see executor.h: birth and death. */
#include "kernel/executor.h"

#include "abi/status.h"
#include "kernel/frame.h"
#include "kernel/graves.h"
#include "kernel/hart.h"
#include "kernel/quiesce.h"
#include "kernel/sched.h"
#include "kernel/vas.h"

/* Count a new executor of @vas. Result: false: it is dead. */
static bool join(struct vas *vas)
{
	lock_acquire(&vas->lock, LOCK_VAS);
	bool alive = (vas->flags & VAS_DEAD) == 0;

	if (alive) {
		vas->executors += 2;
		frame_get(frame_of(phys(vas)));
	}
	lock_release(&vas->lock, LOCK_VAS);
	return alive;
}

/* The opposite of join; the last one out makes the address space dead. */
static void leave(struct vas *vas)
{
	lock_acquire(&vas->lock, LOCK_VAS);
	vas->executors -= 2;
	bool last = vas->executors == 0;

	if (last)
		vas->flags |= VAS_DEAD;
	lock_release(&vas->lock, LOCK_VAS);

	if (last)
		graves_add(vas); /* with the reference that join took */
	else
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

struct executor *executor_new(uint64_t pc, uint64_t sp, uint64_t argument)
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
	executor->shortages = 0;
	executor->buried = 0;
	executor->resource.tag = 0;
	executor->pc = pc;
	executor->x[X_SP - 1] = sp;
	executor->x[X_A0 - 1] = argument;
	executor->frame->type = FRAME_EXECUTOR;
	return executor;
}

int64_t executor_start_life(struct executor *executor, struct vas *vas, struct executor *supervisor)
{
	if (supervisor != NULL && !frame_get_live(frame_of(phys(supervisor))))
		return PUDU_ERR_HANDLE;
	if (!join(vas)) {
		if (supervisor != NULL)
			executor_put(supervisor);
		return PUDU_ERR_DEAD;
	}
	executor->satp = vas_satp(vas);
	executor->vas = vas;
	executor->supervisor = supervisor;
	executor->resource.self = executor;
	atomic_store_explicit(&executor->state, STATE_STOPPED, memory_order_relaxed);
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

int executor_bury(struct executor *executor)
{
	if (!executor->buried) {
		executor->buried = 1;
		leave(executor->vas);
		tell_supervisor(executor);
	}
	if (graves_step())
		return 1;
	executor_put(executor);
	return 0;
}

void executor_end_unreachable(struct executor *executor)
{
	if (!state_claim(&executor->state))
		return; /* it runs, and may go on until it waits */
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
		quiesce_free(executor);
	}
}
