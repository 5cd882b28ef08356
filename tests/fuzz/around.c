/* SPDX-License-Identifier: MIT */
/* around.c - see fuzz.h: what changes without a call of map: budgets, new handles, what boot maps.
 */
#include "model.h"

#include "kernel/executor.h"
#include "kernel/frame.h"

void set_budget(unsigned s, uint64_t left)
{
	uint64_t used = budget_used(space[s]->account), sum = 0, most;

	for (unsigned i = 0; i < SPACES; i++)
		sum += i == s ? 0 : budget_limit(space[i]->account);
	most = frame_boot_total() - base_frames - sum;
	if (used + left > most)
		left = most > used ? most - used : 0;
	atomic_store(&space[s]->account, budget_account(used + left, used));
}

static void set_account(unsigned s, uint64_t limit)
{
	uint64_t used = budget_used(space[s]->account);

	atomic_store(&space[s]->account, budget_account(limit > used ? limit : used, used));
}

/* The budget had no limit for a while, and gets this one, or more if more is used. All budgets
 * together are not more than there is: others get less. */
static void limit_again(unsigned s, uint64_t limit)
{
	uint64_t sum = base_frames;

	set_account(s, limit);
	for (unsigned i = 0; i < SPACES; i++)
		sum += budget_limit(space[i]->account);
	for (unsigned i = 0; i < SPACES && sum > frame_boot_total(); i++) {
		uint64_t before = budget_limit(space[i]->account), more = sum - frame_boot_total();

		set_account(i, before > more ? before - more : 0);
		sum -= before - budget_limit(space[i]->account);
	}
}

void gap_repair(unsigned s, unsigned cell)
{
	uint64_t limit = budget_limit(space[s]->account);
	struct call call = { .number = CALL_UNMAP,
			     .vas = handle_of(s, true),
			     .start = cell_at[cell],
			     .length = cell_at[cell + 1] - cell_at[cell] };

	free_hostages();
	atomic_store(&space[s]->account,
		     budget_account(BUDGET_MAX, budget_used(space[s]->account)));
	must(run_call(&call).status == PUDU_OK, "a gap can't be unmapped");
	limit_again(s, limit);
}

void do_handle(unsigned s, unsigned cell, unsigned number)
{
	refusal = (struct refusal){ 0 };
	calls++, entries++;
	lock_acquire(&space[s]->lock, LOCK_VAS);
	int64_t status =
		mapping_handle(space[s], cell_at[cell], object[number], object_type[number]);

	lock_release(&space[s]->lock, LOCK_VAS);
	if (model[s][cell].what != NONE) {
		must(status == PUDU_ERR_EXISTS, "a handle is put over another: %ld", (long)status);
		return;
	}
	if (status == PUDU_OK) {
		model_set(s, cell,
			  (struct page){ .what = HANDLE,
					 .id = (uint16_t)number,
					 .rights = PTE_R | PTE_W });
		object_leaves[number]++;
	} else {
		must(status == PUDU_ERR_MEMORY &&
			     (refusal.n > 0 || (hostages != 0 && current()->short_of)),
		     "mapping_handle answers %ld", (long)status);
		current()->short_of = 0;
	}
	model_compare(s, cell, 1);
	frames_are_charged();
}

/* Boot maps an image or a device, where nothing is and with all the memory it needs. */
void do_physical(unsigned s, unsigned cell, unsigned n, unsigned first, bool device,
		 uint64_t rights)
{
	uint64_t base = device ? DEVICE : FIXED, image = frame_number(FIXED);
	uint64_t limit = budget_limit(space[s]->account);

	for (unsigned i = cell; i < cell + n; i++)
		if (model[s][i].what != NONE || cell_pages(i) != 1 || cell_area[i] == AREA_HANDLES)
			return;
	free_hostages();
	atomic_store(&space[s]->account,
		     budget_account(BUDGET_MAX, budget_used(space[s]->account)));
	for (unsigned i = 0; i < n && !device; i++)
		frame_get(frame_of(FIXED + (first + i) * PAGE_SIZE));
	must(mapping_physical(space[s], cell_at[cell], base + first * PAGE_SIZE, n * PAGE_SIZE,
			      rights | PTE_U | (device ? PTE_DEVICE : PTE_MEMORY)),
	     "boot can't map");
	limit_again(s, limit);
	for (unsigned i = 0; i < n; i++) {
		struct page page = { .what = device ? DEVICE_PAGE : MEMORY,
				     .id = (uint16_t)(first + i + (device ? 0 : image)),
				     .rights = (uint8_t)rights };

		page.written = page.maybe = !device;
		if (!device)
			content[page.id].refs++;
		model_set(s, cell + i, page);
	}
	model_compare(s, cell, n);
}

void do_idle(unsigned n, bool flush)
{
	for (unsigned i = 0; i < n && frame_zero_one(); i++)
		;
	if (flush)
		atomic_fetch_or(&global->flush, 1ull << this_hart->slot);
	frame_flush_cache();
	frames_are_charged();
}
