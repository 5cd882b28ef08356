/* SPDX-License-Identifier: MIT */
/* follow_dirty.c - see fuzz.h: what a call of dirty has told is what was written. */
#include "model.h"

/* The bits that dirty has told, for the pages that are done. */
static void check_bits(const struct call *call, const uint64_t *words, unsigned end)
{
	for (unsigned i = call->first; i < end; i++) {
		unsigned cell = call->cell + i;
		struct page *page = &model[call->to][cell];
		bool told = words[i / 64] >> i % 64 & 1, memory = page->what == MEMORY;

		must(!told || (memory && page->maybe), "cell %u: dirty without a store", cell);
		must(told || !(memory && page->written), "cell %u: a store is not told", cell);
		page->written = false;
		page->maybe = memory && end < call->n && walk(call->to, cell_at[cell]).level > 0;
	}
}

void model_follow_dirty(const struct call *call, int64_t status, uint64_t done)
{
	unsigned bitmap = cell_of(call->flags), end = call->first;
	bool may = bitmap < cells && call->flags < cell_at[cells] &&
		   cell_area[bitmap] != AREA_HANDLES && model_may(0, bitmap, PTE_W);

	must(done >= call->done && done <= call->length, "done is %#lx", (unsigned long)done);
	must(may || status == PUDU_ERR_ADDRESS, "dirty has written to a bitmap that may not be");
	must(!may || status == PUDU_OK || (status == PUDU_ERR_MEMORY && refusal.n > 0),
	     "dirty answers %ld", (long)status);
	must(status != PUDU_OK || done == call->length, "OK, but not all is done");
	while (end < call->n && cell_at[call->cell + end + 1] <= call->start + done)
		end++;
	if (may) {
		uint64_t entry = *walk(0, cell_at[bitmap]).entry;
		struct page *page = &model[0][bitmap];

		if ((entry & PTE_V) && (entry & PTE_W) && (page->what == LAZY || page->shy))
			model_has_bitmap = true, model_settle(0, bitmap, false);
		model_has_bitmap = false;
		if (page->what == MEMORY && !page->shy) {
			model_written(0, bitmap, call->large);
			check_bits(call,
				   (uint64_t *)(void *)((char *)virt(RAM + page->id * PAGE_SIZE) +
							call->flags % PAGE_SIZE),
				   end);
			if (*walk(0, cell_at[bitmap]).entry & PTE_D)
				model_written(0, bitmap, is_large(0, bitmap));
		}
	}
	model_drop_now();
	model_compare(call->to, call->cell, call->n);
}
