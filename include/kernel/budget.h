/* SPDX-License-Identifier: MIT */
/*
 * budget.h - how many pages an address space may use, and does.
 *
 * Every page that is not free is charged to one address space: a frame of memory to the one it was
 * mapped in first, until nothing maps it any more; a table to the one whose tree it is in; an
 * executor to the one that made it; a root, and the whole budget of a child, to the parent. The
 * first budget is what boot leaves free, less a reserve for the caches of the harts, so a charge
 * that fits always finds its frame, if need be after a wait (shortage.h).
 *
 * Both numbers are in one word, so they change together: bits 63 to 32 the budget, 31 to 2 what is
 * used, bit 1 CLOSED: the address space is torn down, and its budget shrinks with what comes back,
 * which goes to the parent. Bit 0 is clear: see vas.h. While anything is charged to it the page of
 * an address space stays: its budget has a reference to it from birth until it is closed and
 * nothing is charged any more. So the parent's page stays, too: the child's is charged to it.
 */
#ifndef KERNEL_BUDGET_H
#define KERNEL_BUDGET_H

#include "kernel/vas.h"

#define BUDGET_MAX    0x3fffffffull /* pages */
#define BUDGET_CLOSED 2ull
#define BUDGET_CLIMB  4 /* closed address spaces that one call goes up */

static inline uint64_t budget_limit(uint64_t account)
{
	return account >> 32;
}

static inline uint64_t budget_used(uint64_t account)
{
	return (account & 0xfffffffc) >> 2;
}

static inline uint64_t budget_account(uint64_t limit, uint64_t used)
{
	return limit << 32 | used << 2;
}

/* budget_take - charge @pages to @vas. Result: false: more than it has left; nothing has changed.
 */
bool budget_take(struct vas *vas, uint64_t pages);

/* budget_charge - the same, inline. */
static inline bool budget_charge(struct vas *vas, uint64_t pages)
{
	uint64_t before = atomic_load_explicit(&vas->account, memory_order_relaxed);

	do {
		if (budget_used(before) + pages > budget_limit(before))
			return false;
	} while (!atomic_compare_exchange_strong(&vas->account, &before,
						 before + budget_account(0, pages)));
	return true;
}

/* budget_give_slowly - the rest of budget_give. */
void budget_give_slowly(struct vas *vas, uint64_t pages);

/*
 * budget_give - @pages that were charged to @vas are not any more. If @vas is closed they go to its
 * parent at once, and so on, up to BUDGET_CLIMB; from there the graves carry them on. The page of
 * @vas may be freed. Takes LOCK_GRAVES if it is closed.
 */
static inline void budget_give(struct vas *vas, uint64_t pages)
{
	uint64_t before = atomic_load_explicit(&vas->account, memory_order_relaxed);

	if ((before & BUDGET_CLOSED) != 0 ||
	    !atomic_compare_exchange_strong(&vas->account, &before,
					    before - budget_account(0, pages)))
		budget_give_slowly(vas, pages);
}

/* budget_carve - the account of a new address space gets @pages (up to BUDGET_MAX), none used. */
void budget_carve(struct vas *vas, uint64_t pages);

/*
 * budget_close - @vas is torn down: what it does not use goes to its parent, and the rest as it
 * comes back. Requires a reference, and no lock.
 */
void budget_close(struct vas *vas);

/*
 * budget_resize - @vas gets a budget of @pages; the difference is its parent's.
 * @pages: up to BUDGET_MAX. Result: false: it uses more, or the parent has not so many left;
 * nothing has changed. Requires the lock of @vas, which is not dead and has a parent.
 */
bool budget_resize(struct vas *vas, uint64_t pages);

#endif
