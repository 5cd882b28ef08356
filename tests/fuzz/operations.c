/* SPDX-License-Identifier: MIT */
/* operations.c - see fuzz.h: the bytes of an input become calls and their arguments. */
#include "fuzz.h"

#include <string.h>

#define BLOCK  (512 * PAGE_SIZE)
#define RECENT 4

static const uint8_t *input, *input_end;
static bool large;					/* calls are about whole blocks */
static unsigned recent[RECENT], n_recent, recent_count; /* cells, and how many */

void input_set(const uint8_t *data, size_t size)
{
	input = data, input_end = data + size;
	memset(recent, 0, sizeof recent);
	n_recent = 0, recent_count = 1;
}

bool input_is_left(void)
{
	return input < input_end;
}

unsigned byte(void)
{
	return input < input_end ? *input++ : 0;
}

static unsigned two_bytes(void)
{
	unsigned low = byte();

	return low | byte() << 8;
}

/* A page of some region, near its edges more often. */
static unsigned pick_cell(bool handles)
{
	static const uint8_t usual[16] = { 0, 0, 0, 1, 1, 1, 1, 2, 2, 5, 6, 6, 7, 0, 1, 4 };
	unsigned b = byte(), r = handles ? 3 + (b >> 4) % 4 / 3 : usual[b >> 4], first, n, at;

	if ((b & 15) == 13 && !handles && recent[b >> 6] != 0)
		return recent[b >> 6];
	r = r < region_count() ? r : r % 3;
	region_get(r, &first, &n);
	if ((b & 15) < 6)
		at = byte() & 31;
	else if ((b & 15) < 8)
		at = byte();
	else if ((b & 15) < 10)
		at = n - 1 - (byte() & 15);
	else if ((b & 15) < 13) /* around an edge of a block */
		at = 512 * (byte() % 4) + (r == 0 ? 511 : 0) - (b & 15) % 3 * 4;
	else
		at = two_bytes();
	first += at % n;
	if (!handles)
		recent[n_recent++ % RECENT] = first;
	if (large && !handles) {
		uint64_t start = cell_at[first] & ~(BLOCK - 1);
		unsigned block = cell_of(start);

		return cell_at[block] == start && cell_area[block] != AREA_NEVER ? block : first;
	}
	return first;
}

static unsigned pick_count(unsigned cell)
{
	unsigned b = byte(), n, end = cell;
	bool aligned = cell_at[cell] % BLOCK == 0;

	if (large && aligned)
		n = 512 * (1 + b / 250);
	else if (b < 200)
		n = 1 + b % 8;
	else if (b < 216)
		n = recent_count;
	else if (b < 232)
		n = 1 + byte() % 64;
	else if (b < 240)
		n = 1 + two_bytes() % 600;
	else if (b < 252)
		n = aligned ? 512 * (1 + b % 3) : 1 + b % 16;
	else
		n = two_bytes() % CELLS_MAX; /* over gaps */
	while (end < cells && end - cell < n && cell_area[end] == cell_area[cell])
		end++;
	recent_count = n;
	return end - cell;
}

static uint64_t pick_rights(void)
{
	static const uint8_t rights[16] = { 3, 3, 3, 3, 3, 3, 3, 1, 1, 5, 7, 7, 7, 4, 5, 1 };

	return rights[byte() & 15];
}

/* One argument is something else. */
static void spoil(struct call *call)
{
	unsigned how = byte();
	uint64_t by = two_bytes();
	uint64_t *argument[] = { &call->start, &call->length, &call->source,  &call->flags,
				 &call->done,  &call->vas,    &call->from_vas };

	switch (how % 8) {
	case 7:
		if (call->number != CALL_DIRTY) /* which writes to its bitmap before it looks */
			space[how >> 3 & 1 ? call->from : call->to]->flags |= VAS_DEAD;
		break;
	case 5:
	case 6:
		*argument[how % 8] = how & 8 ? handle_of((unsigned)by % SPACES, how >> 4 & 1)
					     : *argument[how % 8] ^ by << (how >> 4);
		break;
	case 4:
		call->done = how & 0x40 ? by : by * PAGE_SIZE;
		break;
	default:
		if (how & 8)
			*argument[how % 8] ^= 1ull << by % 64;
		else if (how & 16)
			*argument[how % 8] = by << (how >> 5) * 8;
		else
			*argument[how % 8] += (how & 0x40 ? 1 : by & 0xff)
					      << (how & 0x20 ? PAGE_SHIFT : 0);
	}
}

static void finish(struct call *call, bool spoiled)
{
	if (spoiled)
		spoil(call);
	do_call(call);
	for (unsigned s = 0; s < SPACES; s++)
		space[s]->flags = 0;
}

static void map(enum mapping_kind kind, bool spoiled)
{
	static const uint64_t kinds[] = { PUDU_MAP_FRESH, PUDU_MAP_LAZY, PUDU_MAP_SHARE,
					  PUDU_MAP_MOVE, PUDU_MAP_COW };
	unsigned who = byte(), to = who % SPACES, from = who / SPACES % SPACES;
	bool paired = kind >= KIND_SHARE, handles = paired && who >= 240;
	unsigned cell = pick_cell(handles), n = pick_count(cell), source = cell;

	if (paired && byte() % 4 != 0)
		source = pick_cell(handles);
	struct call call = { .number = CALL_MAP,
			     .vas = handle_of(to, true),
			     .start = cell_at[cell],
			     .flags = pick_rights() | kinds[kind] };

	if (handles)
		call.flags &= ~(uint64_t)PUDU_X;
	if (who >> 5 & 1)
		call.flags |= PUDU_MAP_REPLACE;
	for (unsigned i = 0; i < n && source + i < cells; i++) {
		if (paired && cell_pages(source + i) != cell_pages(cell + i))
			break;
		if (kind == KIND_FRESH && cell_pages(cell + i) != 1)
			break;
		call.length += cell_pages(cell + i) * PAGE_SIZE;
	}
	if (paired) {
		call.from_vas = handle_of(from, kind != KIND_SHARE);
		call.source = cell_at[source];
	}
	call.to = to, call.from = from;
	finish(&call, spoiled);
}

static void change(unsigned number, bool spoiled)
{
	unsigned s = byte(), cell = pick_cell(s >= 240), n = pick_count(cell);
	struct call call = { .number = number,
			     .vas = handle_of(s % SPACES, true),
			     .start = cell_at[cell],
			     .length = cell_at[cell + n] - cell_at[cell] };

	call.to = call.from = s % SPACES;
	if (number == CALL_PROTECT)
		call.flags = pick_rights();
	if (number == CALL_DIRTY)
		call.flags = cell_at[pick_cell(false)] + 1024;
	finish(&call, spoiled);
}

static void surroundings(void)
{
	unsigned what = byte(), s = byte(), n, cell;

	switch (what % 8) {
	case 0:
		take_hostages(byte() % 32);
		break;
	case 1:
		if (what & 8)
			do_idle(byte(), what & 16);
		else
			free_hostages();
		break;
	case 2:
	case 3:
		set_budget(s % SPACES, what & 8 ? 1500 : byte() % 16);
		break;
	case 4:
	case 5:
		do_handle(s % SPACES, pick_cell(true), s / SPACES % OBJECTS);
		break;
	default:
		cell = pick_cell(false);
		n = 1 + byte() % 8;
		if (cell_at[cell] % BLOCK == 0 && (s & 0x40))
			n = 512;
		if (cell + n <= cells)
			do_physical(s % SPACES, cell, n, n == 512 ? 0 : s & 31, what & 1,
				    rights_of_flags(pick_rights()));
	}
}

static void touch(void)
{
	static const uint64_t right[4] = { PTE_R, PTE_W, PTE_W, PTE_X };
	unsigned s = byte(), cell = pick_cell(false), n = 1 + (s >> 4 & 3);

	for (unsigned i = 0; i < n && cell + i < cells && cell_pages(cell + i) == 1; i++)
		do_touch(s % SPACES, cell + i, right[s >> 6]);
}

static void query(void)
{
	unsigned s = byte();
	uint64_t address = cell_at[pick_cell(s >= 240)];

	if (s >> 4 == 3)
		address += two_bytes();
	else if (s >> 4 == 4)
		address = (uint64_t)two_bytes() << 32;
	do_query(s % SPACES, address, s >> 4 == 5);
}

void operation(void)
{
	unsigned b = byte(), op = b & 31;
	bool spoiled = b >> 5 == 7;

	large = b >> 5 == 3;
	if (op < 4)
		map(KIND_FRESH, spoiled);
	else if (op < 7)
		map(KIND_LAZY, spoiled);
	else if (op < 10)
		map(KIND_SHARE, spoiled);
	else if (op < 13)
		map(KIND_MOVE, spoiled);
	else if (op < 17)
		map(KIND_COW, spoiled);
	else if (op < 20)
		change(CALL_UNMAP, spoiled);
	else if (op < 23)
		change(CALL_PROTECT, spoiled);
	else if (op < 27)
		touch();
	else if (op < 28)
		change(CALL_DIRTY, spoiled);
	else if (op < 30)
		query();
	else
		surroundings();
}
