/* SPDX-License-Identifier: MIT */
/* graves.c - see graves.h. */
#include "kernel/graves.h"

#include "kernel/budget.h"
#include "kernel/frame.h"
#include "kernel/hart.h"
#include "kernel/sched.h"
#include "kernel/vas_load.h"

#define ENDS_PER_STEP 4 /* executors: each may take an interrupt to another hart */

/* What grave says of a dead address space. Even, as all words of a root's page. */
enum {
	GRAVE_NONE = 0,	  /* alive, or all is done for now */
	GRAVE_LISTED = 2, /* in global->graves */
	GRAVE_BUSY = 4,	  /* a hart is at work on it */
	GRAVE_AGAIN = 6,  /* the same, and meanwhile what it waited for has happened */
	GRAVE_WAITS = 8,  /* for executors to be buried, or children to be clear */
};

/* How a step has ended. */
enum outcome { MORE, WAIT, DONE };

/* REQUIRES(grave_lock) */
static void append(struct vas *vas)
{
	vas->grave = GRAVE_LISTED;
	vas->next = NULL;
	vas->newer = NULL;
	if (atomic_load_explicit(&global->graves, memory_order_relaxed) == NULL) {
		atomic_store_explicit(&global->graves, vas, memory_order_relaxed);
	} else {
		vas->newer = global->graves_last;
		global->graves_last->next = vas;
	}
	global->graves_last = vas;
}

/* REQUIRES(grave_lock) */
static void unlink(struct vas *vas)
{
	if (vas->newer == NULL)
		atomic_store_explicit(&global->graves, vas->next, memory_order_relaxed);
	else
		vas->newer->next = vas->next;
	if (vas->next == NULL)
		global->graves_last = vas->newer;
	else
		vas->next->newer = vas->newer;
}

/*
 * The next to work on: @wanted, if it is in the list, or the first. *owed: if not 0, it is clear,
 * and there is nothing to do for it but to give so many pages back.
 */
static struct vas *take(struct vas *wanted, uint64_t *owed)
{
	lock_acquire(&global->grave_lock, LOCK_GRAVES);
	struct vas *vas = atomic_load_explicit(&global->graves, memory_order_relaxed);

	if (wanted != NULL && wanted->grave == GRAVE_LISTED)
		vas = wanted;
	*owed = 0;
	if (vas != NULL) {
		unlink(vas);
		*owed = vas->owed / 2;
		vas->owed = 0;
		vas->grave = *owed == 0 ? GRAVE_BUSY : GRAVE_NONE;
	}
	lock_release(&global->grave_lock, LOCK_GRAVES);
	return vas;
}

void graves_owe(struct vas *vas, uint64_t pages)
{
	lock_acquire(&global->grave_lock, LOCK_GRAVES);
	vas->owed += 2 * pages;
	if (vas->grave == GRAVE_NONE)
		append(vas);
	lock_release(&global->grave_lock, LOCK_GRAVES);
}

/* REQUIRES(grave_lock) */
static void wake(struct vas *vas)
{
	if (vas->grave == GRAVE_WAITS)
		append(vas);
	else if (vas->grave == GRAVE_BUSY)
		vas->grave = GRAVE_AGAIN;
}

void graves_wake(struct vas *vas)
{
	lock_acquire(&global->grave_lock, LOCK_GRAVES);
	wake(vas);
	lock_release(&global->grave_lock, LOCK_GRAVES);
}

void graves_add_child(struct vas *vas)
{
	lock_acquire(&global->grave_lock, LOCK_GRAVES);
	struct vas *older = vas->parent->children;

	vas->older = older;
	vas->newer = NULL;
	if (older != NULL)
		older->newer = vas;
	vas->parent->children = vas;
	lock_release(&global->grave_lock, LOCK_GRAVES);
}

/* REQUIRES(grave_lock) */
static void remove_child(struct vas *vas)
{
	if (vas->newer == NULL)
		vas->parent->children = vas->older;
	else
		vas->newer->older = vas->older;
	if (vas->older != NULL)
		vas->older->newer = vas->newer;
}

void graves_remove_child(struct vas *vas)
{
	lock_acquire(&global->grave_lock, LOCK_GRAVES);
	remove_child(vas);
	lock_release(&global->grave_lock, LOCK_GRAVES);
}

bool graves_begin(struct vas *vas)
{
	if (vas->flags & VAS_DEAD)
		return false;
	vas->flags |= VAS_DEAD;
	frame_get(frame_of(phys(vas)));
	lock_acquire(&global->grave_lock, LOCK_GRAVES);
	if (vas->parent != NULL) {
		remove_child(vas);
		vas->parent->dying += 2;
	}
	append(vas);
	lock_release(&global->grave_lock, LOCK_GRAVES);
	return true;
}

/* Take a few of its executors out of the list of those that were not told. Result: how many. */
static unsigned take_members(struct vas *vas, struct executor *member[ENDS_PER_STEP])
{
	unsigned n = 0;

	lock_acquire(&vas->lock, LOCK_VAS);
	while (n < ENDS_PER_STEP && vas->members != NULL) {
		member[n++] = vas->members;
		executor_forget(vas->members);
	}
	lock_release(&vas->lock, LOCK_VAS);
	return n;
}

/* Tell a few of its executors to end. Result: false: all have been told. */
static bool end_members(struct vas *vas)
{
	struct executor *member[ENDS_PER_STEP];
	unsigned n = take_members(vas, member);

	/* The pages of those that are buried meanwhile stay until this hart leaves the kernel. */
	for (unsigned i = 0; i < n; i++)
		executor_end_with_vas(member[i]);
	return n != 0;
}

/* Let one of its children die. Result: false: none is alive. */
static bool end_child(struct vas *vas)
{
	lock_acquire(&global->grave_lock, LOCK_GRAVES);
	struct vas *child = vas->children;
	lock_release(&global->grave_lock, LOCK_GRAVES);

	if (child == NULL)
		return false;
	lock_acquire(&child->lock, LOCK_VAS);
	graves_begin(child);
	lock_release(&child->lock, LOCK_VAS);
	return true;
}

/* Are all of its executors buried, and all of its children clear? */
static bool is_alone(struct vas *vas)
{
	lock_acquire(&vas->lock, LOCK_VAS);
	lock_acquire(&global->grave_lock, LOCK_GRAVES);
	bool alone = vas->executors == 0 && vas->dying == 0;
	lock_release(&global->grave_lock, LOCK_GRAVES);
	lock_release(&vas->lock, LOCK_VAS);
	return alone;
}

/* Does another hart have @vas loaded? Nobody runs there any more, so no hart will load it again. */
static bool loaded_elsewhere(struct vas *vas)
{
	bool loaded = false;

	for (unsigned s = 0; s < global->n_harts; s++) {
		struct hart *hart = global->harts[s];

		/* acquire: pairs with the store of vas_switch, after satp has another root */
		if (hart != this_hart &&
		    atomic_load_explicit(&hart->vas, memory_order_acquire) == vas) {
			sched_interrupt(hart);
			loaded = true;
		}
	}
	return loaded;
}

static enum outcome work_on(struct vas *vas)
{
	if (end_members(vas) || end_child(vas))
		return MORE;
	if (!is_alone(vas))
		return WAIT;
	if (loaded_elsewhere(vas))
		return MORE;
	if (atomic_load_explicit(&this_hart->vas, memory_order_relaxed) == vas)
		vas_switch(NULL);
	return vas_clear_step(vas) ? DONE : MORE;
}

/* Nothing is left in @vas: its budget goes back, and then who waits for that is told. */
static void finish(struct vas *vas)
{
	struct vas *parent = vas->parent;

	budget_close(vas);
	lock_acquire(&vas->lock, LOCK_VAS);
	vas_remove_info(vas);
	vas->flags |= VAS_CLEAR;
	lock_release(&vas->lock, LOCK_VAS);

	lock_acquire(&global->grave_lock, LOCK_GRAVES);
	vas->grave = GRAVE_NONE;
	if (vas->owed != 0)
		append(vas);
	if (parent != NULL) {
		parent->dying -= 2;
		wake(parent);
	}
	lock_release(&global->grave_lock, LOCK_GRAVES);
	vas_put(vas); /* the reference of the graves */
}

static void put_down(struct vas *vas, enum outcome outcome)
{
	lock_acquire(&global->grave_lock, LOCK_GRAVES);
	if (outcome == MORE || vas->grave == GRAVE_AGAIN)
		append(vas);
	else
		vas->grave = GRAVE_WAITS;
	lock_release(&global->grave_lock, LOCK_GRAVES);
}

bool graves_step_for(struct vas *wanted)
{
	if (atomic_load_explicit(&global->graves, memory_order_relaxed) == NULL)
		return false;

	uint64_t owed;
	struct vas *vas = take(wanted, &owed);
	if (vas == NULL)
		return false;

	enum outcome outcome = owed == 0 ? work_on(vas) : DONE;

	if (owed != 0)
		budget_give(vas, owed);
	else if (outcome == DONE)
		finish(vas);
	else
		put_down(vas, outcome);
	return atomic_load_explicit(&global->graves, memory_order_relaxed) != NULL;
}

bool graves_step(void)
{
	return graves_step_for(NULL);
}

void graves_help(void)
{
	if (graves_step())
		sched_call_a_hart();
}
