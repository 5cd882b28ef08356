/* SPDX-License-Identifier: MIT */
/* callers.c - see callers.h. */
#include "kernel/callers.h"

#include "kernel/hart.h"
#include "kernel/sched.h"

void callers_keep(struct executor *caller, struct executor *callee)
{
	struct executor *first = callee->kept;

	caller->place = PLACE_KEPT;
	caller->caller_before = NULL;
	caller->caller_next = first;
	if (first != NULL)
		first->caller_before = caller;
	callee->kept = caller;
}

/* REQUIRES(callee->callers_lock) */
static void link_last(struct executor *caller, struct executor *callee)
{
	struct executor *last = callee->callers == NULL ? NULL : callee->callers_last;

	caller->place = PLACE_WAITS;
	caller->caller_next = NULL;
	caller->caller_before = last;
	if (last != NULL)
		last->caller_next = caller;
	else
		callee->callers = caller;
	callee->callers_last = caller;
}

void callers_remove(struct executor *caller, struct executor *callee)
{
	struct executor *next = caller->caller_next, *before = caller->caller_before;

	if (caller->place == PLACE_NONE)
		return;
	if (before != NULL)
		before->caller_next = next;
	else if (caller->place == PLACE_WAITS)
		callee->callers = next;
	else
		callee->kept = next;
	if (next != NULL)
		next->caller_before = before;
	else if (caller->place == PLACE_WAITS)
		callee->callers_last = before;
	caller->place = PLACE_NONE;
	if (callee->callers == NULL)
		atomic_fetch_and(&callee->state, ~(uint64_t)STATE_CALLERS);
}

bool callers_join(struct executor *self, struct executor *callee)
{
	lock_acquire(&callee->callers_lock, LOCK_CALLERS);
	link_last(self, callee);

	/* If DEAD comes after this, who buries the callee looks at the line (calls_wanted) later
	 * still. */
	uint64_t before = state_add(&callee->state, STATE_CALLERS);

	if (before & STATE_DEAD)
		callers_remove(self, callee);
	lock_release(&callee->callers_lock, LOCK_CALLERS);
	if (before & STATE_DEAD)
		return false;
	if (before & STATE_ACCEPTING)
		sched_wake(callee, STATE_ACCEPTING);
	return true;
}

struct executor *callers_forget(struct executor *self)
{
	lock_acquire(&self->callers_lock, LOCK_CALLERS);
	uint64_t last = atomic_exchange_explicit(&self->caller, 0, memory_order_relaxed);
	struct executor *caller = self->callers != NULL ? self->callers : self->kept;

	if (last != 0 && last != CALLER_GONE)
		caller = (struct executor *)last;
	else if (caller != NULL)
		callers_remove(caller, self);
	lock_release(&self->callers_lock, LOCK_CALLERS);
	return caller;
}
