/* SPDX-License-Identifier: MIT */
/* budget.c - see budget.h. */
#include "kernel/budget.h"

bool budget_take(struct vas *vas, uint64_t pages)
{
	return budget_charge(vas, pages);
}

void budget_give_slowly(struct vas *vas, uint64_t pages)
{
	for (unsigned climbed = 0; pages != 0; climbed++) {
		uint64_t before = atomic_load_explicit(&vas->account, memory_order_relaxed), change;

		if (climbed == BUDGET_CLIMB && (before & BUDGET_CLOSED)) {
			vas_owe(vas, pages);
			return;
		}
		do {
			change = budget_account(before & BUDGET_CLOSED ? pages : 0, pages);
		} while (!atomic_compare_exchange_strong(&vas->account, &before, before - change));
		if ((before & BUDGET_CLOSED) == 0)
			return;

		struct vas *parent = vas->parent;

		/* The reference of its budget goes; with the page, what that was charged. */
		if (budget_used(before) == pages && vas_drop(vas))
			pages += vas_pages();
		if (parent == NULL)
			return;
		vas = parent;
	}
}

void budget_carve(struct vas *vas, uint64_t pages)
{
	atomic_store_explicit(&vas->account, budget_account(pages, 0), memory_order_relaxed);
}

void budget_close(struct vas *vas)
{
	uint64_t before = atomic_load_explicit(&vas->account, memory_order_relaxed), used;

	do {
		used = budget_used(before);
	} while (!atomic_compare_exchange_strong(&vas->account, &before,
						 budget_account(used, used) | BUDGET_CLOSED));
	if (vas->parent != NULL)
		budget_give(vas->parent, budget_limit(before) - used);
	if (used == 0)
		vas_put(vas); /* the reference of its budget */
}

bool budget_resize(struct vas *vas, uint64_t pages)
{
	uint64_t before = atomic_load_explicit(&vas->account, memory_order_relaxed), more;

	for (;;) {
		if (budget_used(before) > pages)
			return false;
		more = pages > budget_limit(before) ? pages - budget_limit(before) : 0;
		if (more != 0 && !budget_take(vas->parent, more))
			return false;
		if (atomic_compare_exchange_strong(&vas->account, &before,
						   budget_account(pages, budget_used(before))))
			break;
		budget_give(vas->parent, more);
	}
	if (budget_limit(before) > pages)
		budget_give(vas->parent, budget_limit(before) - pages);
	return true;
}
