/* SPDX-License-Identifier: MIT */
/*
 * mcs.h - FIFO spin locks, each hart spinning on a line of its own.
 *
 * Algorithm: Mellor-Crummey and Scott, ACM TOCS 9(1), 1991. A lock is the tail of a queue of nodes, NULL
 * when free. The nodes are in the hart page, one for each class of lock, so a hart holds at most one
 * lock of a class; where two classes nest, the lower number is taken first:
 *	LOCK_VAS, LOCK_VAS_2 (the one at the higher address)  ->  LOCK_FRAMES, LOCK_GRAVES,
 *	LOCK_QUEUE  ->  LOCK_CONSOLE
 */
#ifndef KERNEL_MCS_H
#define KERNEL_MCS_H

#include <stdatomic.h>
#include <stdint.h>

enum lock_class { LOCK_VAS, LOCK_VAS_2, LOCK_FRAMES, LOCK_GRAVES, LOCK_QUEUE, LOCK_CONSOLE,
		  LOCK_CLASSES };

/* One node. next and held are MCS_HELD_OFFSET apart: never on the same line. */
struct mcs_node {
	_Atomic(struct mcs_node *) next;	/* written by the successor, read by the holder */
	char pad[0x200 - 8];
	_Atomic uint64_t held;			/* 1: wait; cleared by the predecessor */
};

/* What the hart page has of a node: the other members lie in the array of helds, 0x200 further. */
union mcs_slot {
	_Atomic(struct mcs_node *) next;
	_Atomic uint64_t held;
	char line[64];
};

struct mcs_lock {
	_Atomic(struct mcs_node *) tail;	/* the last in the queue; NULL: free */
};

/*
 * mcs_acquire - wait for @lock, in order of arrival. @me: this hart's node of the lock's class, not in
 * use. On return everything that earlier holders wrote is visible.
 */
void mcs_acquire(struct mcs_lock *lock, struct mcs_node *me);

/* mcs_release - pass @lock, acquired with @me, to the next in the queue, if there is one. */
void mcs_release(struct mcs_lock *lock, struct mcs_node *me);

#endif
