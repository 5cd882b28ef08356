/* SPDX-License-Identifier: MIT */
/* calls.c - see fuzz.h: calls as a program makes them, each with its restarts. */
#include "model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/executor.h"
#include "kernel/syscall.h"

#define MANY_ENTRIES 1000000
#define IDLE	     5	 /* kernel entries between two times that the hart idles, */
#define FLUSH	     505 /* between two wishes of others for frames, */
#define CHECK	     61	 /* and between two looks at the tables */

uint64_t calls, faults, entries, input_entries;
bool trace, restless;
static const struct call *at_hand; /* with right arguments */

void fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fprintf(stderr, "\nmismatch in call %lu: ", (unsigned long)calls);
	vfprintf(stderr, format, arguments);
	fprintf(stderr, "\n");
	va_end(arguments);
	abort();
}

static struct result enter(const struct call *call, uint64_t done)
{
	switch (call->number) {
	case CALL_MAP:
		return sys_map(call->vas, call->start, call->length, call->from_vas, call->source,
			       call->flags, done);
	case CALL_UNMAP:
		return sys_unmap(call->vas, call->start, call->length, 0, 0, 0, done);
	case CALL_PROTECT:
		return sys_protect(call->vas, call->start, call->length, call->flags, 0, 0, done);
	default:
		return sys_dirty(call->vas, call->start, call->length, call->flags, 0, 0, done);
	}
}

/* Until it answers; what others do in between is to give frames back. */
struct result run_call(const struct call *call)
{
	struct result result;
	uint64_t done = call->done;

	refusal = (struct refusal){ 0 };
	for (unsigned i = 0; i < MANY_ENTRIES; i++) {
		helped = false;
		result = enter(call, done);
		entries++;
		must(current()->short_of == 0, "a shortage is noted, and nobody looks");
		if (result.status <= 0)
			return result;
		must(result.status == LEAVE_RESTART || result.status == LEAVE_QUEUE, "leave %ld",
		     (long)result.status);
		uint64_t now = current()->x[X_A6 - 1];

		must(now >= done && now <= call->length, "a6 is %#lx after %#lx",
		     (unsigned long)now, (unsigned long)done);
		must(now != done || i < MANY_ENTRIES / 2, "a call goes on for ever");
		if (result.status == LEAVE_QUEUE || (helped && call->number != CALL_UNMAP)) {
			must(hostages != 0, "a call waits, but no frame is on its way");
			free_hostages();
		}
		if (++input_entries % CHECK == 0)
			invariants(false);
		if (restless && input_entries % IDLE == 0)
			do_idle(1, input_entries % FLUSH == 0);
		done = now;
	}
	fail("a call goes on for ever");
}

static void show(const struct call *call, unsigned errors)
{
	static const char *const names[] = { "map", "unmap", "protect", "dirty" };

	fprintf(stderr,
		"%lu: %s space %u cell %u, n %u, first %u, from space %u cell %u, flags %#lx; expected "
		"errors %#x\n",
		(unsigned long)calls, names[call->number], call->to, call->cell, call->n,
		call->first, call->from, call->source_cell, (unsigned long)call->flags, errors);
}

static bool bitmap_is_fine(const struct call *call)
{
	uint64_t bytes = (call->length / PAGE_SIZE + 63) / 64 * 8, offset = call->flags % PAGE_SIZE;
	unsigned cell = call->flags < cell_at[cells] ? cell_of(call->flags) : cells;

	if (call->number != CALL_DIRTY)
		return true;
	if (cell == cells)
		return false;
	return offset >= 8 && offset + bytes <= PAGE_SIZE - 8 && cell_pages(cell) == 1 &&
	       model[0][cell].what != DEVICE_PAGE;
}

static void other_hart_is_at(unsigned s, unsigned cell, bool stores)
{
	if (stores && other_hart_stores(s, cell_at[cell]))
		model_written(s, cell, is_large(s, cell));
	other_hart_looks(s, cell_at[cell]);
}

void other_hart_runs(bool stores)
{
	const struct call *call = at_hand;
	unsigned n = call == NULL ? 0 : call->n;

	/* In the middle of a step of dirty, a store may be told or not: there are none. */
	stores = stores && n != 0 && call->number != CALL_DIRTY;
	if (n != 0 && call->number == CALL_DIRTY)
		other_hart_looks(0, call->flags & ~(PAGE_SIZE - 1));
	for (unsigned i = 0; i < n; i += i == n - 1 || n < 4 ? 1 : (n - 1) / 2) {
		other_hart_is_at(call->to, call->cell + i, stores);
		if (call->source_cell != call->cell || call->from != call->to)
			other_hart_is_at(call->from, call->source_cell + i, stores);
	}
}

void do_call(struct call *call)
{
	unsigned errors = model_arguments(call);
	bool right = (errors & ~(1u << -PUDU_ERR_DEAD)) == 0;
	uint64_t shots = code_shots;

	if (right && (!model_can(call) || !bitmap_is_fine(call)))
		return;
	if (call->number == CALL_DIRTY && call->flags < cell_at[cells])
		call->large = is_large(0, cell_of(call->flags));
	at_hand = right ? call : NULL;
	other_hart_runs(false);
	calls++;
	if (trace)
		show(call, errors);
	struct result result = run_call(call);

	at_hand = NULL;
	if (trace)
		fprintf(stderr, "\tstatus %ld, done %#lx\n", (long)result.status,
			(unsigned long)result.value);
	if (errors != 0) {
		must(result.status < 0 && (errors >> -result.status & 1),
		     "status %ld for bad arguments %#x", (long)result.status, errors);
		must((result.value == 0 || result.value == call->done),
		     "done is %#lx after an error", (unsigned long)result.value);
		if (right)
			model_compare(call->to, call->cell, call->n);
	} else if (call->number == CALL_DIRTY) {
		model_follow_dirty(call, result.status, result.value);
	} else {
		model_follow(call, result.status, result.value);
		must(result.status != PUDU_OK || !(call->rights & PTE_X) ||
			     call->number == CALL_UNMAP || code_shots > shots,
		     "code was mapped, and no hart was told");
	}
	other_hart_is_right();
	frames_are_charged();
}

static uint64_t description(const struct page *page)
{
	static const uint64_t kinds[] = { [LAZY] = PUDU_KIND_MEMORY,
					  [MEMORY] = PUDU_KIND_MEMORY,
					  [DEVICE_PAGE] = PUDU_KIND_DEVICE };
	static const uint64_t objects[] = { PUDU_KIND_EXECUTOR, PUDU_KIND_VAS, PUDU_KIND_ROOT };
	uint64_t kind = page->what == HANDLE ? objects[page->id] : kinds[page->what];

	if (page->what == NONE)
		return 0;
	return kind << 8 | (page->rights & PTE_R ? PUDU_R : 0) |
	       (page->rights & PTE_W ? PUDU_W : 0) | (page->rights & PTE_X ? PUDU_X : 0) |
	       (page->what == LAZY ? PUDU_LAZY : 0) | (page->shy ? PUDU_COPY : 0);
}

void do_query(unsigned s, uint64_t address, bool dead)
{
	const uint64_t *x = current()->x;

	space[s]->flags = dead ? VAS_DEAD : 0;
	struct result result = sys_query(handle_of(s, false), address);

	space[s]->flags = 0;
	calls++, entries++;
	if (address % PAGE_SIZE != 0 || address >= cell_at[cells]) {
		must(result.status == PUDU_ERR_ADDRESS, "query answers %ld", (long)result.status);
		return;
	}
	if (dead) {
		must(result.status == PUDU_ERR_DEAD, "query answers %ld", (long)result.status);
		return;
	}
	unsigned cell = cell_of(address);
	const struct page *page = &model[s][cell];
	uint64_t what = x[X_A1 - 1], length = x[X_A1], mask = 0xff07 | PUDU_LAZY | PUDU_COPY;
	static const uint64_t ids[OBJECTS] = { 7, 2, 5 };

	must(result.status == LEAVE_RESULTS && x[X_A0 - 1] == PUDU_OK, "query answers %ld",
	     (long)result.status);
	must((what & mask) == description(page), "query tells %#lx, not %#lx", (unsigned long)what,
	     (unsigned long)description(page));
	must((what & ~(mask | PUDU_ACCESSED | PUDU_DIRTY | 0x30000)) == 0, "query tells %#lx",
	     (unsigned long)what);
	must(what == 0 || PUDU_LEVEL(what) == walk(s, address).level, "query tells a wrong level");
	must(page->what == NONE || page->what == LAZY || (what & PUDU_ACCESSED), "no ACCESSED");
	if (page->what == MEMORY)
		must((what & PUDU_DIRTY) ? page->maybe : !page->written, "DIRTY is wrong");
	must(x[X_A1 + 1] == (page->what == HANDLE ? ids[page->id] : 0), "query tells id %lu",
	     (unsigned long)x[X_A1 + 1]);
	must(length != 0 && length % PAGE_SIZE == 0 && length <= cell_at[cells] - address,
	     "query tells length %#lx", (unsigned long)length);
	for (; cell < cells && cell_at[cell] < address + length; cell++)
		must(description(&model[s][cell]) == description(page),
		     "query's length covers cell %u", cell);
}

void do_touch(unsigned s, unsigned cell, uint64_t right)
{
	const struct page *page = &model[s][cell];
	bool may = model_may(s, cell, right);
	bool settles = may && (page->what == LAZY || (page->shy && right == PTE_W));
	uint64_t physical, shots = code_shots;

	if (trace)
		fprintf(stderr, "access to space %u cell %u for %#lx\n", s, cell,
			(unsigned long)right);
	faults++;
	other_hart_looks(s, cell_at[cell]);
	int64_t status = mmu_access(s, cell_at[cell], right, &physical);

	if (!may) {
		must(status == PUDU_ERR_ADDRESS, "space %u cell %u: an access that may not be: %ld",
		     s, cell, (long)status);
		return;
	}
	if (status != PUDU_OK) {
		must(status == PUDU_ERR_MEMORY && refusal.n > 0 && settles,
		     "space %u cell %u: no access: %ld", s, cell, (long)status);
		model_compare(s, cell, 1);
		frames_are_charged();
		return;
	}
	if (page->what == DEVICE_PAGE)
		return;
	unsigned before = page->id;

	if (settles)
		model_settle(s, cell, false);
	must(!(page->rights & PTE_X) || !settles || before == page->id || code_shots > shots,
	     "a new page of code, and no hart was told");
	must(physical == RAM + page->id * PAGE_SIZE,
	     "space %u cell %u: access to frame %lu, not %u", s, cell,
	     (unsigned long)frame_number(physical), page->id);
	if (right == PTE_W) {
		model_written(s, cell, is_large(s, cell));
		model_write(page->id, model_new_value());
	}
	model_compare(s, cell, 1);
	other_hart_is_right();
	if (settles)
		frames_are_charged();
}
