/* SPDX-License-Identifier: MIT */
/*
 * graves.h - the death of address spaces: a list of those that something can be done for.
 *
 * A dead address space goes through these, a bounded step at a time: its executors are told to end;
 * its children die; it waits, out of the list, until the executors are buried and the children
 * clear; no hart has it loaded any more; what it maps is released; its budget goes back to the
 * parent. So a tree dies from the root and is cleared from the leaves, and who sees an address
 * space clear knows that all below it is. The last executor and the last child put it back into the
 * list.
 *
 * All progress is in the address space, none in the one who works on it: the steps are done by
 * dying executors, idle harts, calls, and by interrupts where all harts are busy. Nothing recurs:
 * what a step kills gets steps of its own.
 */
#ifndef KERNEL_GRAVES_H
#define KERNEL_GRAVES_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/hart.h"

struct vas;

/*
 * graves_begin - @vas dies: it gets no executor, child or mapping any more, and steps of its own.
 * Requires the lock of @vas. Takes LOCK_GRAVES. Result: false: it was dead.
 */
bool graves_begin(struct vas *vas);

/* graves_wake - the last executor of @vas, which is dead, is buried. Takes LOCK_GRAVES. */
void graves_wake(struct vas *vas);

/*
 * graves_add_child, graves_remove_child - put @vas into the tree, below its parent, or take it out
 * again while nobody else knows it. Require the lock of the parent, which is not dead. Take
 * LOCK_GRAVES.
 */
void graves_add_child(struct vas *vas);
void graves_remove_child(struct vas *vas);

/*
 * graves_owe - @pages come back to @vas, whose budget is closed; a step gives them to budget_give.
 * Takes LOCK_GRAVES.
 */
void graves_owe(struct vas *vas, uint64_t pages);

/*
 * graves_step - one bounded step for the first of the list. Not for an idle hart (quiesce.h). Takes
 * LOCK_VAS, LOCK_FRAMES, LOCK_GRAVES, LOCK_QUEUE. Requires no lock.
 * Result: true if a further step has something to do: the caller goes on, soon, or calls a hart.
 */
bool graves_step(void);

/*
 * graves_step_for - the same, but for @vas if something can be done for it: who waits for it does
 * not wait for what others have left behind.
 */
bool graves_step_for(struct vas *vas);

/* graves_wait - is there anything in the list? A peek. */
static inline bool graves_wait(void)
{
	return atomic_load_explicit(&global->graves, memory_order_relaxed) != NULL;
}

/* graves_help - the same for a caller that does not go on. */
void graves_help(void);

#endif
