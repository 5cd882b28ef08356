/* SPDX-License-Identifier: MIT */
/* follow.c - see fuzz.h: the model does what a call has done, page by page. */
#include "model.h"

#include <string.h>

#define BIT(error) (1u << -(error))

/* A frame that nobody else maps is kept; its charge comes along, if there is budget. */
static void keep_frame(unsigned s, unsigned id)
{
	struct content *of = &content[id];
	uint8_t now = model_kernel_owner(id);

	must(now == s || (now == of->owner && refusal.n > 0),
	     "space %u keeps frame %u, charged to %u", s, id, now);
	model_new_owner(of, now);
}

static void must_be_copy(unsigned id, unsigned of)
{
	must(memcmp(virt(RAM + id * PAGE_SIZE), virt(RAM + of * PAGE_SIZE), PAGE_SIZE) == 0,
	     "frame %u is no copy of %u", id, of);
}

void model_settle(unsigned s, unsigned cell, bool later)
{
	struct page page = model[s][cell];
	struct content *of = &content[page.id];

	if (page.what == LAZY) {
		page = (struct page){ .what = MEMORY, .rights = page.rights };
		page.id = (uint16_t)model_new_content(s, cell, (uint8_t)s, NULL);
		content[page.id].refs = 1;
	} else if (page.shy) {
		unsigned id = model_frame_at(s, cell);
		bool alone = of->owner != NOBODY && of->refs == 1;
		bool perhaps = of->owner != NOBODY && of->refs - of->pending == 1;

		must(id == page.id ? perhaps : !alone,
		     "space %u cell %u: frame %u settled as %u, %u references", s, cell, page.id,
		     id, of->refs);
		if (id == page.id) {
			keep_frame(s, id);
		} else {
			id = model_new_content(s, cell, (uint8_t)s, of);
			content[id].refs = 1;
			if (!later && !model_has_bitmap && of->refs > 1)
				must_be_copy(id, page.id);
			model_drop_later(page.id);
			page.id = (uint16_t)id;
		}
		page.shy = false;
	}
	page.maybe = true;
	model_set(s, cell, page);
	if (!later)
		model_drop_now();
}

/* The errors of a source page. */
static unsigned source_errors(const struct call *call, const struct page *page)
{
	bool plain = page->what == HANDLE || page->what == DEVICE_PAGE;

	if (page->what == NONE)
		return BIT(PUDU_ERR_ADDRESS);
	if (plain && ((call->rights & PTE_X) || call->kind == KIND_COW))
		return BIT(PUDU_ERR_ARGUMENT);
	if (call->kind == KIND_COW)
		return page->rights & PTE_R ? 0 : BIT(PUDU_ERR_RIGHT);
	return call->rights & ~(uint64_t)page->rights ? BIT(PUDU_ERR_RIGHT) : 0;
}

static unsigned protect_errors(const struct call *call, const struct page *page)
{
	if (page->what == NONE)
		return BIT(PUDU_ERR_ADDRESS);
	if ((call->rights & ~(uint64_t)page->rights) == 0 || page->what == LAZY)
		return 0;
	if (page->shy && (page->rights & PTE_R))
		return 0;
	if (page->what == MEMORY && content[page->id].owner == call->to)
		return 0;
	return BIT(PUDU_ERR_RIGHT);
}

/* The errors that page @i may be answered with; 0: nothing is wrong. */
static unsigned page_errors(const struct call *call, unsigned i)
{
	const struct page *page = &model[call->to][call->cell + i];
	unsigned errors = 0;

	if (call->number == CALL_PROTECT)
		return protect_errors(call, page);
	if (call->number != CALL_MAP)
		return 0;
	if (page->what != NONE && !call->replace)
		errors |= BIT(PUDU_ERR_EXISTS);
	if (call->kind != KIND_FRESH && call->kind != KIND_LAZY)
		errors |= source_errors(call, &model[call->from][call->source_cell + i]);
	return errors;
}

static void map_new(const struct call *call, unsigned cell)
{
	struct page page = { .what = LAZY, .rights = (uint8_t)call->rights };

	model_clear(call->to, cell, true);
	if (call->kind == KIND_FRESH) {
		unsigned id = model_new_content(call->to, cell, (uint8_t)call->to, NULL);

		page.what = MEMORY;
		page.id = (uint16_t)id;
		page.written = page.maybe = true;
		content[id].refs = 1;
		if (id % 8 != 5)
			model_write(id, model_new_value());
	}
	model_set(call->to, cell, page);
}

/* MOVE: does the charge go with the frame? */
static void move_charge(const struct call *call, unsigned id)
{
	struct content *of = &content[id];
	uint8_t now;

	if (of->owner == NOBODY || of->owner == call->to)
		return;
	if (of->refs == 1) {
		model_new_owner(of, (uint8_t)call->to);
	} else if (of->refs - of->pending == 1) {
		now = model_kernel_owner(id);
		must(now == call->to || now == of->owner, "frame %u went to a third", id);
		model_new_owner(of, now);
	}
}

static void map_source(const struct call *call, unsigned i)
{
	unsigned cell = call->cell + i, source_cell = call->source_cell + i;
	struct page *source = &model[call->from][source_cell], page;

	if (call->kind == KIND_SHARE &&
	    (source->what == LAZY || (source->shy && (source->rights & PTE_W))))
		model_settle(call->from, source_cell, true);
	page = *source;
	page.rights = (uint8_t)call->rights;
	if (page.what == MEMORY) {
		page.shy |= call->kind == KIND_COW;
		page.written = page.maybe = true;
		if (call->kind == KIND_MOVE)
			move_charge(call, page.id);
		else
			content[page.id].refs++;
		if (call->kind == KIND_COW)
			source->shy = true;
	} else if (page.what == HANDLE && call->kind != KIND_MOVE) {
		object_leaves[page.id]++;
	}
	model_clear(call->to, cell, true);
	if (call->kind == KIND_MOVE)
		model_set(call->from, source_cell, (struct page){ .what = NONE });
	model_set(call->to, cell, page);
}

static void do_page(const struct call *call, unsigned i)
{
	unsigned cell = call->cell + i;

	if (call->number == CALL_UNMAP && model[call->to][cell].what != NONE)
		model_clear(call->to, cell, false);
	if (call->number == CALL_UNMAP)
		return;
	if (call->number == CALL_PROTECT)
		model[call->to][cell].rights = (uint8_t)call->rights;
	else if (call->kind == KIND_FRESH || call->kind == KIND_LAZY)
		map_new(call, cell);
	else
		map_source(call, i);
}

/* A call has stopped inside of a gap, where the model knows no pages: what is there goes. */
static void tear(const struct call *call, unsigned i)
{
	bool two = call->number == CALL_MAP && call->kind == KIND_MOVE;

	must(cell_pages(call->cell + i) != 1, "a part of a page is done");
	model_set(call->to, call->cell + i, (struct page){ .what = NONE });
	gap_repair(call->to, call->cell + i);
	if (two) {
		model_set(call->from, call->source_cell + i, (struct page){ .what = NONE });
		gap_repair(call->from, call->source_cell + i);
	}
}

/* SHARE settles the source before it finds no memory for the rest. */
static void settled_in_vain(const struct call *call, unsigned i)
{
	unsigned cell = call->source_cell + i;
	const struct page *page = &model[call->from][cell];
	uint64_t entry = *walk(call->from, cell_at[cell]).entry;

	if (call->number != CALL_MAP || call->kind != KIND_SHARE)
		return;
	if ((page->what == LAZY && (entry & PTE_V)) ||
	    (page->shy && (entry & (PTE_V | PTE_U | PTE_RSW)) == (PTE_V | PTE_U)))
		model_settle(call->from, cell, true);
}

void model_follow(const struct call *call, int64_t status, uint64_t done)
{
	unsigned i = call->first, errors;
	uint64_t end = call->start + done;

	must(done >= call->done && done <= call->length, "done is %#lx", (unsigned long)done);
	must(status != PUDU_OK || done == call->length, "OK, but not all is done");
	if (call->number == CALL_UNMAP && mapped[call->to] == 0 && status == PUDU_OK)
		return;
	for (; i < call->n && cell_at[call->cell + i + 1] <= end; i++) {
		errors = page_errors(call, i);
		must(errors == 0, "cell %u: errors %#x were not told", call->cell + i, errors);
		do_page(call, i);
	}
	if (status == PUDU_ERR_MEMORY) {
		must(refusal.n > 0, "ERR_MEMORY, but no charge was refused");
		must(refusal.pages <= 512, "ERR_MEMORY for a charge of %lu",
		     (unsigned long)refusal.pages);
		if (i < call->n)
			settled_in_vain(call, i);
		if (i < call->n && cell_at[call->cell + i] != end)
			tear(call, i);
	} else if (status != PUDU_OK) {
		must(i < call->n && cell_at[call->cell + i] == end, "an error inside of a page");
		errors = page_errors(call, i);
		must(errors & BIT(status), "cell %u: status %ld, not one of %#x", call->cell + i,
		     (long)status, errors);
	}
	model_drop_now();
	model_compare(call->to, call->cell, call->n);
	if (call->from != call->to || call->source_cell != call->cell)
		model_compare(call->from, call->source_cell, call->n);
}

bool model_may(unsigned s, unsigned cell, uint64_t right)
{
	const struct page *page = &model[s][cell];

	return (page->what == LAZY || page->what == MEMORY || page->what == DEVICE_PAGE) &&
	       (page->rights & right);
}
