/* SPDX-License-Identifier: MIT */
/*
 * green.c - see <pudu/green.h>: what green threads call.
 *
 * A green thread can't be put where another worker finds it before its registers are saved. So it
 * only says what shall become of it, and whoever runs next on that worker does it: green_left().
 *
 * The state of a group: members that have not ended in its lower half, index + 1 of the green
 * thread that waits in its upper half. The last member learns in one step that it is the last and
 * who waits; it does not touch the group after that, since the group may be gone then.
 */
#include <pudu/calls.h>
#include <pudu/handle.h>

#include "green_parts.h"

#define CHECK_WORD   0x6b6361747320666f /* at the lower end of small stacks */
#define WAITER_SHIFT 32

_Thread_local struct green_worker *green_worker_here;

/* The compiler takes the address of a thread-local variable once in a function, but tp changes when
 * a green thread moves: so the address is only taken in here. */
__attribute__((noinline)) struct green_worker *green_worker_self(void)
{
	struct green_worker *worker = green_worker_here;

	__asm__ volatile("" : "+r"(worker));
	return worker;
}

/* The record of the stack with this index; the stack ends above it. */
static struct pudu_green *green_at(const struct green_run *run, uint64_t index)
{
	return (struct pudu_green *)(run->area + (index + 1) * (run->stack + run->guard)) - 1;
}

/* A stack that was never used, or NULL. */
static struct pudu_green *stack_fresh(struct green_run *run)
{
	uint64_t kind = run->stack > PUDU_PAGE_SIZE ? PUDU_MAP_LAZY : PUDU_MAP_FRESH;
	struct pudu_green *green = green_at(run, run->fresh);
	uint64_t start = (uint64_t)(green + 1) - run->stack;

	if (run->fresh == run->threads ||
	    (run->guard != 0 &&
	     pudu_map(PUDU_OWN_VAS, start, run->stack, 0, 0, PUDU_R | PUDU_W | kind).status !=
		     PUDU_OK))
		return NULL;
	green->index = run->fresh++;
	green->check = run->guard == 0 ? (uint64_t *)start : NULL;
	return green;
}

/* A stack that was used and is free, or a fresh one; NULL if there is none. */
static struct pudu_green *stack_take(struct green_run *run)
{
	/* acquire: pairs with the compare-exchange of stack_give(), for next_free. */
	uint64_t old = atomic_load_explicit(&run->free, memory_order_acquire), new;
	struct pudu_green *green;

	while ((uint32_t)old != 0) {
		green = green_at(run, (uint32_t)old - 1);
		/* The count makes the exchange fail if others took this one and gave it back. */
		new = ((old >> 32) + 1) << 32 |
		      atomic_load_explicit(&green->next_free, memory_order_relaxed);
		if (atomic_compare_exchange_strong(&run->free, &old, new))
			return green;
	}
	pudu_mutex_lock(&run->lock);
	green = stack_fresh(run);
	pudu_mutex_unlock(&run->lock);
	return green;
}

static void stack_give(struct green_run *run, struct pudu_green *green)
{
	uint64_t old = atomic_load_explicit(&run->free, memory_order_relaxed), new;

	do {
		atomic_store_explicit(&green->next_free, (uint32_t)old, memory_order_relaxed);
		new = ((old >> 32) + 1) << 32 | (green->index + 1);
	} while (!atomic_compare_exchange_strong(&run->free, &old, new));
}

/* Put a green thread into the queue of the caller's worker, and wake another one if it sleeps. */
static inline void ready(struct green_worker *worker, struct pudu_green *green)
{
	green_push(&worker->queue, green);
	/* Pairs with the fence of worker_sleep(): the queue's tail before, the bits after. */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&worker->run->asleep, memory_order_relaxed) != 0)
		green_wake(worker->run, 0);
}

/* A green thread has ended: its stack is free, and its group and the run may be over. */
static void green_end(struct green_worker *worker, struct pudu_green *green)
{
	struct pudu_green_group *group = green->group;
	struct green_run *run = worker->run;
	uint64_t old;

	worker->stats.ended++;
	stack_give(run, green);
	if (group != NULL) {
		/* release: what it did; acquire: what others did. Pairs with itself and with the
		 * loads of pudu_green_join(). */
		old = atomic_fetch_sub_explicit(&group->state, 1, memory_order_acq_rel);
		if ((uint32_t)(old) == 1 && old >> WAITER_SHIFT != 0)
			pudu_green_unpark(green_at(run, (old >> WAITER_SHIFT) - 1));
	}
	/* acq_rel: the end of each is before the end of the run. Pairs with itself. */
	if (atomic_fetch_sub_explicit(&run->alive, 1, memory_order_acq_rel) == 1)
		green_stop(run, PUDU_OK);
}

void green_left(struct green_worker *worker, struct pudu_green *left)
{
	uint32_t none = PERMIT_NONE;

	if (left->check != NULL &&
	    (*left->check != CHECK_WORD || (uint64_t *)left->sp <= left->check)) {
		/* Others may have been damaged: this worker runs none of them any more. */
		green_stop(worker->run, PUDU_ERR_DEAD);
		pudu_terminate(0, 0);
	}
	if (left->leaving == LEAVING_READY)
		ready(worker, left);
	else if (left->leaving == LEAVING_ENDS)
		green_end(worker, left);
	/* From here on it may run elsewhere, unless a permit is there. Pairs with the exchange of
	 * pudu_green_unpark(), for its registers. */
	else if (left->leaving == LEAVING_WAITS &&
		 !atomic_compare_exchange_strong(&left->permit, &none, PERMIT_WAITS))
		ready(worker, left);
}

/* The next one of the queue, or NULL; once the run is over, the worker itself. */
static inline struct pudu_green *next_ready(struct green_worker *worker)
{
	uint64_t taken;

	if (atomic_load_explicit(&worker->run->over, memory_order_relaxed) != 0)
		return &worker->idle;
	return green_take(&worker->queue, NULL, &taken);
}

/* Go on with the next one or, if there is none, with the worker itself. */
static inline void leave(struct green_worker *worker, struct pudu_green *next, enum leaving how)
{
	struct pudu_green *self = worker->current;

	self->leaving = how;
	worker->current = next != NULL ? next : &worker->idle;
	self = pudu_green_switch(self, worker->current);
	green_left(green_worker_self(), self);
}

/* Where a green thread starts. */
static void green_main(struct pudu_green *left)
{
	struct green_worker *worker = green_worker_self();
	struct pudu_green *self = worker->current;

	green_left(worker, left);
	self->function(self->argument);
	worker = green_worker_self();
	leave(worker, next_ready(worker), LEAVING_ENDS);
}

struct pudu_green *green_make(struct green_run *run, void (*function)(void *), void *argument)
{
	struct pudu_green *green = stack_take(run);
	uint64_t *frame;

	if (green == NULL)
		return NULL;
	if (green->check != NULL)
		*green->check = CHECK_WORD;
	green->sp = frame = (uint64_t *)green - GREEN_FRAME_WORDS;
	frame[0] = (uint64_t)green_main;
	green->function = function;
	green->argument = argument;
	green->group = NULL;
	atomic_store_explicit(&green->permit, PERMIT_NONE, memory_order_relaxed);
	atomic_fetch_add_explicit(&run->alive, 1, memory_order_relaxed);
	return green;
}

int64_t pudu_green_spawn(struct pudu_green_group *group, void (*function)(void *), void *argument)
{
	struct green_worker *worker = green_worker_self();
	struct pudu_green *green;

	if (worker == NULL)
		return PUDU_ERR_STATE;
	green = green_make(worker->run, function, argument);
	if (green == NULL)
		return PUDU_ERR_MEMORY;
	green->group = group;
	if (group != NULL)
		atomic_fetch_add_explicit(&group->state, 1, memory_order_relaxed);
	ready(worker, green);
	return PUDU_OK;
}

void pudu_green_yield(void)
{
	struct green_worker *worker = green_worker_self();
	struct pudu_green *next = next_ready(worker);

	if (next != NULL)
		leave(worker, next, LEAVING_READY);
}

void pudu_green_park(void)
{
	struct green_worker *worker = green_worker_self();
	struct pudu_green *self = worker->current;

	if (atomic_load_explicit(&self->permit, memory_order_relaxed) == PERMIT_NONE)
		leave(worker, next_ready(worker), LEAVING_WAITS);
	/* acquire: pairs with the exchange of pudu_green_unpark(). */
	atomic_exchange_explicit(&self->permit, PERMIT_NONE, memory_order_acquire);
}

void pudu_green_unpark(struct pudu_green *thread)
{
	/* release: what the caller did, for pudu_green_park(); acquire: that the thread has left
	 * its worker, from green_left(). */
	if (atomic_exchange_explicit(&thread->permit, PERMIT_GIVEN, memory_order_acq_rel) ==
	    PERMIT_WAITS)
		ready(green_worker_self(), thread);
}

void pudu_green_join(struct pudu_green_group *group)
{
	uint64_t self = (uint64_t)(pudu_green_self()->index + 1) << WAITER_SHIFT;

	atomic_fetch_or_explicit(&group->state, self, memory_order_relaxed);
	/* acquire: pairs with the fetch_sub of green_end(). */
	while ((uint32_t)atomic_load_explicit(&group->state, memory_order_acquire) != 0)
		pudu_green_park();
	atomic_fetch_and_explicit(&group->state, ~self, memory_order_relaxed);
}

struct pudu_green *pudu_green_self(void)
{
	struct green_worker *worker = green_worker_self();

	return worker == NULL ? NULL : worker->current;
}
