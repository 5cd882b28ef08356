/* SPDX-License-Identifier: MIT */
/* deadlines.c - see deadlines.h. */
#include "kernel/deadlines.h"

#include <stddef.h>

static inline uint64_t rank(const struct deadline *node)
{
	return node == NULL ? 0 : node->rank;
}

/* Put the longer side on the left. Result: has the rank changed? */
static inline int mend(struct deadline *node)
{
	uint64_t before = node->rank;

	if (rank(node->left) < rank(node->right)) {
		struct deadline *left = node->left;

		node->left = node->right;
		node->right = left;
	}
	node->rank = rank(node->right) + 1;
	return node->rank != before;
}

/* Two heaps become one. Result: its first. Down along the right sides, then up again. */
static struct deadline *merge(struct deadline *one, struct deadline *other)
{
	struct deadline *above = NULL, *first = NULL;

	while (one != NULL && other != NULL) {
		if (other->time < one->time) {
			struct deadline *later = one;

			one = other;
			other = later;
		}
		/* one comes first: it goes below above, and the rest below it */
		one->up = above;
		if (above == NULL)
			first = one;
		else
			above->right = one;
		above = one;
		one = one->right;
	}

	struct deadline *rest = one != NULL ? one : other;

	if (above == NULL)
		return rest;
	above->right = rest;
	if (rest != NULL)
		rest->up = above;
	for (; above != NULL; above = above->up)
		mend(above);
	return first;
}

void deadlines_add(struct deadline **first, struct deadline *node)
{
	node->left = NULL;
	node->right = NULL;
	node->up = NULL;
	node->rank = 1;
	*first = merge(*first, node);
	(*first)->up = NULL;
}

void deadlines_remove(struct deadline **first, struct deadline *node)
{
	struct deadline *up = node->up, *rest;

	if (*first == node && node->left == NULL) {
		*first = NULL; /* it was alone, as most often */
		return;
	}
	if (node->left != NULL)
		node->left->up = NULL;
	if (node->right != NULL)
		node->right->up = NULL;
	rest = merge(node->left, node->right);
	if (rest != NULL)
		rest->up = up;
	if (up == NULL) {
		*first = rest;
		return;
	}
	if (up->left == node)
		up->left = rest;
	else
		up->right = rest;
	while (up != NULL && mend(up))
		up = up->up;
}
