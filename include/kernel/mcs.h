/* SPDX-License-Identifier: MIT */
/*
 * mcs.h - FIFO spin locks, each hart spinning on a line of its own.
 *
 * Algorithm: Mellor-Crummey and Scott, ACM TOCS 9(1), 1991. A lock is the tail of a queue of
 * nodes, NULL when free. The nodes are in the hart page, one for each class of lock, so a hart
 * holds at most one lock of a class; where two classes nest, the lower number is taken first:
 *	LOCK_VAS, LOCK_VAS_2 (the one at the higher address)  ->  LOCK_FRAMES, LOCK_GRAVES,
 *	LOCK_QUEUE, LOCK_TIMERS, LOCK_CALLERS  ->  LOCK_CONSOLE
 */
#ifndef KERNEL_MCS_H
#define KERNEL_MCS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Polls before a nap. Locks are held for less, unless what plays the hart that has it does not run:
 * in an emulator with more harts than the host has processors. Then polling keeps it from running.
 */
#define MCS_PATIENCE	    4096
#define MCS_NAPS_PER_SECOND 50000

enum lock_class {
	LOCK_VAS,
	LOCK_VAS_2,
	LOCK_FRAMES,
	LOCK_GRAVES,
	LOCK_QUEUE,
	LOCK_TIMERS,
	LOCK_CALLERS,
	LOCK_CONSOLE,
	LOCK_CLASSES
};

/* One node. next and held are MCS_HELD_OFFSET apart: never on the same line. */
struct mcs_node {
	_Atomic(struct mcs_node *) next; /* written by the successor, read by the holder */
	char pad[0x200 - 8];
	_Atomic uint64_t held; /* 1: wait; cleared by the predecessor */
};

/* What the hart page has of a node: the other members lie in the array of helds, 0x200 further. */
union mcs_slot {
	_Atomic(struct mcs_node *) next;
	_Atomic uint64_t held;
	char line[64];
};

struct mcs_lock {
	_Atomic(struct mcs_node *) tail; /* the last in the queue; NULL: free */
};

/* mcs_wait, mcs_pass_on - the parts of the two below for a lock that others want too (mcs.c). */
void mcs_wait(struct mcs_node *before, struct mcs_node *me);
void mcs_pass_on(struct mcs_node *me);

/*
 * mcs_acquire - wait for @lock, in order of arrival. @me: this hart's node of the lock's class,
 * not in use. On return everything that earlier holders wrote is visible.
 */
static inline void mcs_acquire(struct mcs_lock *lock, struct mcs_node *me)
{
	atomic_store_explicit(&me->next, (struct mcs_node *)0, memory_order_relaxed);

	/* release: our successor must find next = NULL done. acquire: pairs with the
	 * compare-exchange of the holder that left the lock free. */
	struct mcs_node *before = atomic_exchange_explicit(&lock->tail, me, memory_order_acq_rel);

	if (__builtin_expect(before != 0, 0))
		mcs_wait(before, me);
}

/* mcs_try - the same, if nobody has @lock. Result: false: somebody has, or came just now. */
static inline bool mcs_try(struct mcs_lock *lock, struct mcs_node *me)
{
	struct mcs_node *nobody = (struct mcs_node *)0;

	atomic_store_explicit(&me->next, (struct mcs_node *)0, memory_order_relaxed);
	/* The full fence is more than the release and the acquire of mcs_acquire. */
	return atomic_compare_exchange_strong(&lock->tail, &nobody, me);
}

/* mcs_release_leaf - as mcs_release, but no function is called: for short ways. */
static inline void mcs_release_leaf(struct mcs_lock *lock, struct mcs_node *me)
{
	struct mcs_node *expected = me;

	if (__builtin_expect(atomic_compare_exchange_strong(&lock->tail, &expected, 0), 1))
		return;
#ifdef HOST_TEST
	mcs_pass_on(me);
#else
	/* The same, of asm/fast.S: it changes these registers only. */
	__asm__ volatile("mv t1, %0\n\tjal t0, mcs_fast_pass_on" ::"r"(me)
			 : "t0", "t1", "t2", "memory");
#endif
}

/* mcs_release - pass @lock, acquired with @me, to the next in the queue, if there is one. */
static inline void mcs_release(struct mcs_lock *lock, struct mcs_node *me)
{
	struct mcs_node *expected = me;

	/* A compare-exchange that is less than seq_cst loses its release in GCC 12. */
	if (__builtin_expect(!atomic_compare_exchange_strong(&lock->tail, &expected, 0), 0))
		mcs_pass_on(me);
}

#endif
