/* SPDX-License-Identifier: MIT */
/* model.c - see fuzz.h: what the pages of the address spaces are, and what an entry must look like.
 */
#include "model.h"

#include <string.h>

#define BLOCK_CELLS 512
#define SAMPLE	    64

struct page model[SPACES][CELLS_MAX];
struct content content[RAM_FRAMES];
uint64_t mapped[SPACES], owned[SPACES + 1];
uint32_t object_leaves[OBJECTS];
static uint64_t next_value;
bool model_has_bitmap;

/* References that the call at hand replaces: the kernel drops them when a step is done. */
static struct {
	uint32_t id, life;
} replaced[SPACES * CELLS_MAX];
static unsigned n_replaced;

static uint64_t *words_of(unsigned id)
{
	return virt(RAM + id * PAGE_SIZE);
}

void model_write(unsigned id, uint64_t value)
{
	words_of(id)[0] = value;
	words_of(id)[511] = value == 0 ? 0 : ~value;
	content[id].value = value;
}

uint64_t model_new_value(void)
{
	return ++next_value;
}

static void count_owner(uint8_t owner, int64_t change)
{
	if (owner != NOBODY)
		owned[owner] += (uint64_t)change;
}

void model_boot(void)
{
	static bool booted;

	for (unsigned s = 0; s < SPACES; s++)
		must(mapped[s] == 0 && owned[s] == 0, "the model is not empty");
	for (unsigned i = 0; i < FIXED_FRAMES && !booted; i++) {
		unsigned id = (unsigned)frame_number(FIXED) + i;

		content[id] = (struct content){ .owner = NOBODY, .live = true };
		model_write(id, model_new_value());
	}
	booted = true;
	n_replaced = 0;
}

void model_set(unsigned s, unsigned cell, struct page page)
{
	struct page *at = &model[s][cell];

	mapped[s] += cell_pages(cell) * ((uint64_t)(page.what != NONE) - (at->what != NONE));
	*at = page;
}

static void content_dies(struct content *of)
{
	count_owner(of->owner, -1);
	of->live = false;
	of->refs = of->pending = 0;
}

static void drop_reference(unsigned id)
{
	struct content *of = &content[id];

	must(of->refs > 0, "the model drops what it has not");
	if (--of->refs == 0 && of->owner != NOBODY)
		content_dies(of);
}

void model_drop_later(unsigned id)
{
	content[id].pending++;
	replaced[n_replaced].id = id;
	replaced[n_replaced++].life = content[id].life;
}

void model_drop_now(void)
{
	for (unsigned i = 0; i < n_replaced; i++) {
		struct content *of = &content[replaced[i].id];

		if (!of->live || of->life != replaced[i].life)
			continue; /* the kernel had done it, and has used the frame again */
		of->pending--;
		drop_reference(replaced[i].id);
	}
	n_replaced = 0;
}

void model_clear(unsigned s, unsigned cell, bool later)
{
	struct page *page = &model[s][cell];

	if (page->what == MEMORY && later)
		model_drop_later(page->id);
	else if (page->what == MEMORY)
		drop_reference(page->id);
	else if (page->what == HANDLE)
		object_leaves[page->id]--;
	model_set(s, cell, (struct page){ .what = NONE });
}

static uint64_t leaf_at(uint64_t entry, unsigned level, uint64_t address)
{
	return entry & PTE_V ? entry + ((address & (pte_span(level) - 1)) >> 2) : entry;
}

unsigned model_frame_at(unsigned s, unsigned cell)
{
	struct pt_place place = walk(s, cell_at[cell]);
	uint64_t leaf = leaf_at(*place.entry, place.level, cell_at[cell]);
	uint64_t id = frame_number(pte_physical(leaf));

	must((leaf & (PTE_V | PTE_U)) == (PTE_V | PTE_U) && id < RAM_FRAMES,
	     "space %u cell %u: %#lx is no leaf of memory", s, cell, (unsigned long)leaf);
	return (unsigned)id;
}

static void must_be_zero(unsigned id)
{
	const uint64_t *word = words_of(id);

	must(word[0] == 0 && word[511] == 0, "a new frame is not zero");
	if (id % 8 != 3 || model_has_bitmap)
		return;
	must(memcmp(word, word + 1, PAGE_SIZE - 8) == 0, "a new frame is not all zero");
}

unsigned model_new_content(unsigned s, unsigned cell, uint8_t owner, const struct content *copied)
{
	unsigned id = model_frame_at(s, cell);
	struct content *of = &content[id];
	uint64_t value = copied == NULL ? 0 : copied->value;

	must(!of->live || (of->owner != NOBODY && of->refs == of->pending),
	     "space %u cell %u: frame %u is in use already", s, cell, id);
	if (of->live)
		content_dies(of);
	of->live = true;
	of->life++;
	of->owner = owner;
	of->value = value;
	count_owner(owner, 1);
	if (copied == NULL)
		must_be_zero(id);
	must(words_of(id)[0] == value, "space %u cell %u: a copy is none", s, cell);
	return id;
}

void model_new_owner(struct content *of, uint8_t owner)
{
	count_owner(of->owner, -1);
	of->owner = owner;
	count_owner(owner, 1);
}

uint8_t model_kernel_owner(unsigned id)
{
	uint64_t owner = frame_of(RAM + id * PAGE_SIZE)->owner;

	for (uint8_t s = 0; s < SPACES; s++)
		if (owner == (uintptr_t)space[s])
			return s;
	fail("frame %u is charged to nobody", id);
}

void model_written(unsigned s, unsigned cell, bool large)
{
	unsigned first = cell, n = 1;

	if (large) {
		first = cell_of(cell_at[cell] & ~(pte_span(1) - 1));
		n = BLOCK_CELLS;
	}
	for (unsigned i = first; i < first + n; i++)
		model[s][i].maybe = true;
	model[s][cell].written = true;
}

static uint64_t memory_bits(const struct page *page)
{
	if (!page->shy)
		return page->rights | PTE_MEMORY;
	return (page->rights & ~PTE_W) | (page->rights & PTE_W ? PTE_COPY : PTE_SNAPSHOT);
}

static uint64_t leaf_of(const struct page *page)
{
	if (page->what == MEMORY)
		return pte_of(RAM + page->id * PAGE_SIZE, memory_bits(page) | PTE_U);
	if (page->what == DEVICE_PAGE)
		return pte_of(DEVICE + page->id * PAGE_SIZE, page->rights | PTE_U | PTE_DEVICE);
	return pte_of(phys(object[page->id]), page->rights | object_type[page->id]);
}

void model_compare_entry(unsigned s, unsigned cell, uint64_t entry, unsigned level)
{
	const struct page *page = &model[s][cell];
	uint64_t leaf = leaf_at(entry, level, cell_at[cell]), expected = 0;

	if (page->what == LAZY)
		expected = PTE_LAZY | page->rights;
	else if (page->what != NONE)
		expected = leaf_of(page) | PTE_V | PTE_A | (leaf & PTE_D);
	must(leaf == expected, "space %u cell %u (%#lx): entry %#lx, not %#lx", s, cell,
	     (unsigned long)cell_at[cell], (unsigned long)leaf, (unsigned long)expected);
	if (page->what != MEMORY)
		return;
	const uint64_t *word = words_of(page->id);
	uint64_t value = content[page->id].value;

	must(page->maybe || (leaf & PTE_D) == 0, "space %u cell %u: D without a store", s, cell);
	must(!page->written || (leaf & PTE_D) != 0, "space %u cell %u: a store is lost", s, cell);
	must(word[0] == value && word[511] == (value == 0 ? 0 : ~value),
	     "space %u cell %u: contents %#lx, not %#lx", s, cell, (unsigned long)word[0],
	     (unsigned long)value);
}

void model_compare(unsigned s, unsigned cell, unsigned n)
{
	/* Of many, some: invariants() looks at all of them, later. */
	unsigned step = 1 + n / SAMPLE;

	for (unsigned i = cell; i < cell + n; i += i < cell + SAMPLE / 4 ? 1 : step) {
		struct pt_place place = walk(s, cell_at[i]);

		if (cell_pages(i) == 1)
			model_compare_entry(s, i, *place.entry, place.level);
	}
}
