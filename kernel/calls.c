/* SPDX-License-Identifier: MIT */
/* calls.c - see calls.h. */
#include "kernel/calls.h"

#include "abi/executor.h"
#include "abi/status.h"
#include "kernel/callers.h"
#include "kernel/hart.h"
#include "kernel/sched.h"
#include "kernel/timer.h"
#include "riscv/relax.h"

/* What accept shows of a caller: the kind of its resource is that of its call. */
_Static_assert(PUDU_CALLER_CALL == RESOURCE_EXECUTOR, "badge");

/* All registers that a system call may change are in the page from now on: those after a0 to @last
 * as zero. The caller owns it. */
static void complete(struct executor *executor, unsigned last)
{
	for (unsigned n = last + 1; n <= X_A7; n++)
		executor->x[n - 1] = 0;
	executor->x[4] = executor->x[5] = executor->x[6] = 0; /* t0 to t2 */
	for (unsigned n = 28; n < 32; n++)
		executor->x[n - 1] = 0; /* t3 to t6 */
	executor->context = CONTEXT_FULL;
}

/* The words of @caller go to @callee, whose page the caller of this owns. */
static void deliver(struct executor *callee, const struct executor *caller)
{
	callee->x[X_A0 - 1] = caller->badge;
	for (unsigned n = X_A1; n < X_A1 + CALL_WORDS; n++)
		callee->x[n - 1] = caller->x[n - 1];
}

/* From here on, @self waits for an answer: before anybody can give one. */
static void begin(struct executor *self, struct executor *callee)
{
	atomic_store_explicit(&self->callee, callee, memory_order_relaxed);
	state_add(&self->state, STATE_CALLING);
}

void calls_hand_over(struct executor *callee)
{
	struct executor *self = current();

	begin(self, callee);
	if (atomic_load_explicit(&callee->timer, memory_order_relaxed) != TIMER_NONE)
		timer_end_wait(callee);
	atomic_store_explicit(&callee->caller, (uintptr_t)self, memory_order_relaxed);
	deliver(callee, self);
	complete(callee, X_A1 + CALL_WORDS - 1);
	callee->pc += 4;
	this_hart->handoff = callee;
}

int64_t calls_call(struct executor *callee)
{
	struct executor *self = current();
	uint64_t waits = STATE_ACCEPTING;

	if (callee == self)
		return PUDU_ERR_STATE;
	begin(self, callee);
	if (atomic_compare_exchange_strong(&callee->state, &waits, STATE_OWNED)) {
		calls_hand_over(callee);
		return PUDU_OK;
	}
	if (callers_join(self, callee))
		return PUDU_OK;
	atomic_fetch_and(&self->state, ~(uint64_t)STATE_CALLING);
	return PUDU_ERR_DEAD;
}

void calls_keep(void)
{
	struct executor *self = current();

	if (atomic_load_explicit(&self->caller, memory_order_relaxed) == 0)
		return;
	/* Under the lock, so that a caller that dies finds itself here or there. */
	lock_acquire(&self->callers_lock, LOCK_CALLERS);
	uint64_t caller = atomic_exchange_explicit(&self->caller, 0, memory_order_relaxed);

	if (caller != CALLER_GONE)
		callers_keep((struct executor *)caller, self);
	lock_release(&self->callers_lock, LOCK_CALLERS);
}

bool calls_take(void)
{
	struct executor *self = current();

	lock_acquire(&self->callers_lock, LOCK_CALLERS);
	struct executor *first = self->callers;

	if (first != NULL) {
		callers_remove(first, self);
		atomic_store_explicit(&self->caller, (uintptr_t)first, memory_order_relaxed);
		deliver(self, first); /* its words stay until it has an answer */
	}
	lock_release(&self->callers_lock, LOCK_CALLERS);
	return first != NULL;
}

/*
 * Become the owner of one that waits for an answer. Others own it for a few steps only: the hart on
 * which it called, which lets go of it, or who reads its registers. As in mcs_wait, it naps in an
 * emulator that does not run that hart meanwhile. Result: as calls_answer.
 */
static __attribute__((noinline)) int64_t wait_to_own(struct executor *caller)
{
	for (unsigned polls = 1; !state_claim(&caller->state); polls++) {
		uint64_t state = atomic_load_explicit(&caller->state, memory_order_relaxed);

		if (state & STATE_DEAD)
			return PUDU_ERR_DEAD;
		if ((state & STATE_CALLING) == 0)
			return PUDU_ERR_STATE;
		cpu_relax();
		if (polls % MCS_PATIENCE == 0)
			timer_nap(MCS_NAPS_PER_SECOND);
	}
	return PUDU_OK;
}

static inline int64_t own(struct executor *caller)
{
	return state_claim(&caller->state) ? PUDU_OK : wait_to_own(caller);
}

/* The end of a call: @caller, which the caller of this owns, has its answer in its page. Result:
 * the same, if it is ready; or NULL, and somebody else may own it. */
static struct executor *finish(struct executor *caller)
{
	atomic_fetch_and(&caller->state, ~(uint64_t)STATE_CALLING);
	switch (executor_let_go(caller)) {
	case STILL_READY:
		return caller;
	case STILL_DEAD:
		sched_enqueue(caller); /* to be buried */
		break;
	default:
		break;
	}
	return NULL;
}

void calls_write(struct executor *caller, const uint64_t words[REPLY_WORDS])
{
	caller->x[X_A0 - 1] = PUDU_OK;
	for (unsigned i = 0; i < REPLY_WORDS; i++)
		caller->x[X_A1 - 1 + i] = words[i];
	complete(caller, X_A1 + REPLY_WORDS - 1);
}

/*
 * @caller is dead: if @self has accepted it last, neither looks for the other any more. @was_last:
 * it has; who buries it may be about to say so, or has said so just now.
 */
static void forget_last(struct executor *caller, struct executor *self, bool was_last)
{
	uint64_t last = (uintptr_t)caller;

	if (atomic_compare_exchange_strong(&self->caller, &last, 0))
		atomic_fetch_and(&caller->state, ~(uint64_t)STATE_CALLING);
	else if (was_last)
		atomic_store_explicit(&self->caller, 0, memory_order_relaxed);
}

/* Does @caller, owned, wait for the answer of @self, which has accepted it? Then it is accepted no
 * more. */
static bool settle_with(struct executor *caller, struct executor *self)
{
	uint64_t state = atomic_load_explicit(&caller->state, memory_order_relaxed);
	uint64_t last = (uintptr_t)caller;

	if ((state & STATE_CALLING) == 0 ||
	    atomic_load_explicit(&caller->callee, memory_order_relaxed) != self)
		return false;
	lock_acquire(&self->callers_lock, LOCK_CALLERS);
	bool accepted = caller->place != PLACE_WAITS;

	if (accepted)
		callers_remove(caller, self);
	lock_release(&self->callers_lock, LOCK_CALLERS);
	if (accepted)
		atomic_compare_exchange_strong(&self->caller, &last, 0);
	return accepted;
}

int64_t calls_answer(struct executor *caller, const uint64_t words[REPLY_WORDS],
		     struct executor **ready)
{
	struct executor *self = current();
	bool was_last = caller == NULL;

	*ready = NULL;
	if (was_last) {
		uint64_t last = atomic_load_explicit(&self->caller, memory_order_relaxed);

		if (last == 0)
			return PUDU_ERR_STATE;
		if (last == CALLER_GONE) {
			atomic_store_explicit(&self->caller, 0, memory_order_relaxed);
			return PUDU_ERR_DEAD;
		}
		caller = (struct executor *)last;
	}
	int64_t status = own(caller);

	if (status != PUDU_OK) {
		if (status == PUDU_ERR_DEAD)
			forget_last(caller, self, was_last);
		return status;
	}
	if (!settle_with(caller, self)) {
		sched_let_go(caller);
		return PUDU_ERR_STATE;
	}
	calls_write(caller, words);
	*ready = finish(caller);
	return PUDU_OK;
}

void calls_withdraw(struct executor *executor)
{
	struct executor *callee = atomic_load_explicit(&executor->callee, memory_order_relaxed);
	uint64_t last = (uintptr_t)executor;

	lock_acquire(&callee->callers_lock, LOCK_CALLERS);
	callers_remove(executor, callee);
	atomic_compare_exchange_strong(&callee->caller, &last, CALLER_GONE);
	lock_release(&callee->callers_lock, LOCK_CALLERS);
}

bool calls_refuse(struct executor *executor)
{
	struct executor *caller = callers_forget(executor), *ready;

	if (caller == NULL)
		return false;
	if (own(caller) != PUDU_OK) {
		/* Dead, too: who buries it must not look here any more. */
		atomic_fetch_and(&caller->state, ~(uint64_t)STATE_CALLING);
		return true;
	}
	complete(caller, X_A0);
	caller->x[X_A0 - 1] = (uint64_t)PUDU_ERR_DEAD;
	ready = finish(caller);
	if (ready != NULL)
		sched_enqueue(ready);
	return true;
}
