/* SPDX-License-Identifier: MIT */
/*
 * deadlines.h - a heap of times, ordered by the earliest, whose nodes lie in the executor pages.
 *
 * A leftist heap (Crane 1972; Knuth, The Art of Computer Programming 3, 5.2.3): each node's right
 * side is no longer than its left one, so the way along right sides is at most log2(n + 1) long.
 * Adding merges along it; taking any node out merges its two sides, and mends the ranks above:
 * at most log2(n + 1) of them change, because those that do grow by one with each step up.
 */
#ifndef KERNEL_DEADLINES_H
#define KERNEL_DEADLINES_H

#include <stdint.h>

/* One that is in no heap has no use for these words. All: under the lock of the heap. */
struct deadline {
	uint64_t time;		       /* ticks */
	struct deadline *left, *right; /* not earlier; NULL: none */
	struct deadline *up;	       /* NULL: the first of all */
	uint64_t rank;		       /* nodes on the way along right sides, with this one */
};

/* deadlines_add - @node, whose time is set, into the heap *@first. O(log n). */
void deadlines_add(struct deadline **first, struct deadline *node);

/* deadlines_remove - @node, which is in the heap *@first, out of it. O(log n). */
void deadlines_remove(struct deadline **first, struct deadline *node);

#endif
