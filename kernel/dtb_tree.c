/* SPDX-License-Identifier: MIT */
/* dtb_tree.c - see dtb_tree.h. */
#include "kernel/dtb_tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/dtb.h"

#define PATH_SHOWN 80

/* "device tree: PATH: " Result: its length; at least @room: it did not fit. */
static size_t write_place(const struct dtb *dtb, int node, char *text, size_t room)
{
	char path[PATH_SHOWN];
	int length;

	if (node < 0)
		length = snprintf(text, room, "device tree: ");
	else if (fdt_get_path(dtb->fdt, node, path, sizeof path) == 0)
		length = snprintf(text, room, "device tree: %s: ", path);
	else
		length = snprintf(text, room, "device tree: .../%.*s: ", PATH_SHOWN,
				  fdt_get_name(dtb->fdt, node, NULL));
	return length < 0 ? room : (size_t)length;
}

int dtb_fail(const struct dtb *dtb, int node, const char *format, ...)
{
	size_t used = write_place(dtb, node, dtb->why, dtb->why_size);
	va_list list;

	if (used < dtb->why_size) {
		va_start(list, format);
		vsnprintf(dtb->why + used, dtb->why_size - used, format, list);
		va_end(list);
	}
	return -1;
}

/* The line is complete only with its newline: else the notes end where they ended before. */
static void end_note(char *notes, size_t before, size_t length)
{
	if (before + length + 1 < PLATFORM_NOTES)
		memcpy(notes + before + length, "\n", 2);
	else
		notes[before] = 0;
}

void dtb_note(const struct dtb *dtb, int node, const char *format, ...)
{
	char *notes = dtb->out->notes;
	size_t before = strlen(notes), room = PLATFORM_NOTES - before;
	va_list list;

	if (room < PATH_SHOWN)
		return;

	size_t used = write_place(dtb, node, notes + before, room);
	int length = 0;

	if (used < room) {
		va_start(list, format);
		length = vsnprintf(notes + before + used, room - used, format, list);
		va_end(list);
	}
	end_note(notes, before, used + (length < 0 ? room : (size_t)length));
}

void dtb_note_failure(const struct dtb *dtb, const char *what)
{
	char *notes = dtb->out->notes;
	size_t before = strlen(notes);
	int length = snprintf(notes + before, PLATFORM_NOTES - before, "%s: %s", dtb->why, what);

	end_note(notes, before, length < 0 ? PLATFORM_NOTES : (size_t)length);
	dtb->why[0] = 0;
}

const char *dtb_string(const struct dtb *dtb, int node, const char *name)
{
	int size;
	const char *text = fdt_getprop(dtb->fdt, node, name, &size);

	if (text == NULL)
		return NULL;
	return memchr(text, 0, (size_t)size) == NULL ? "" : text;
}

bool dtb_string_is(const struct dtb *dtb, int node, const char *name, const char *value)
{
	const char *text = dtb_string(dtb, node, name);

	return text != NULL && strcmp(text, value) == 0;
}

bool dtb_available(const struct dtb *dtb, int node)
{
	const char *status = dtb_string(dtb, node, "status");

	return status == NULL || strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0;
}

bool dtb_compatible(const struct dtb *dtb, int node, const char *name)
{
	return fdt_node_check_compatible(dtb->fdt, node, name) == 0;
}

static uint64_t read_cells(const fdt32_t *cell, uint32_t n)
{
	return n == 1 ? fdt32_ld(cell) : (uint64_t)fdt32_ld(cell) << 32 | fdt32_ld(cell + 1);
}

int dtb_number(const struct dtb *dtb, int node, const char *name, uint64_t *value)
{
	int size;
	const void *cells = fdt_getprop(dtb->fdt, node, name, &size);

	if (cells == NULL)
		return 0;
	if (size != 4 && size != 8)
		return dtb_fail(dtb, node, "%s has %d bytes, expected 4 or 8", name, size);
	*value = read_cells(cells, (uint32_t)size / 4);
	return 1;
}

static int read_cell_count(const struct dtb *dtb, int node, const char *name, uint32_t absent,
			   uint32_t *count)
{
	int size;
	const fdt32_t *cells = fdt_getprop(dtb->fdt, node, name, &size);

	*count = cells == NULL ? absent : size == 4 ? fdt32_ld(cells) : 0;
	if (*count != 1 && *count != 2)
		return dtb_fail(dtb, node, "%s is not 1 or 2", name);
	return 0;
}

int dtb_cells_of(const struct dtb *dtb, int node, struct dtb_cells *cells)
{
	if (read_cell_count(dtb, node, "#address-cells", 2, &cells->address) != 0)
		return -1;
	return read_cell_count(dtb, node, "#size-cells", 1, &cells->size);
}

int dtb_reg(const struct dtb *dtb, int node, const struct dtb_cells *cells, unsigned *at,
	    struct range *range)
{
	int size;
	const fdt32_t *reg = fdt_getprop(dtb->fdt, node, "reg", &size);
	uint32_t entry = cells->address + cells->size;

	if (reg == NULL || *at == (unsigned)size / 4)
		return 0;
	if ((size & 3) != 0 || (unsigned)size / 4 - *at < entry)
		return dtb_fail(dtb, node, "reg has %d bytes, no multiple of %lu", size,
				(unsigned long)entry * 4);
	reg += *at;
	*at += entry;
	range->base = read_cells(reg, cells->address);
	range->size = read_cells(reg + cells->address, cells->size);
	if (range->base + range->size < range->base)
		return dtb_fail(dtb, node, "reg: 0x%llx + 0x%llx overflows",
				(unsigned long long)range->base, (unsigned long long)range->size);
	return 1;
}

/*
 * One step up: *range, in addresses of the children of @bus, becomes one of its own parent's.
 * An empty ranges says that they are the same; none at all, that there is no way through.
 */
static int translate(const struct dtb *dtb, int bus, int parent, struct range *range)
{
	struct dtb_cells child, own;
	int size;
	const fdt32_t *ranges = fdt_getprop(dtb->fdt, bus, "ranges", &size);

	if (ranges == NULL)
		return dtb_fail(dtb, bus, "no ranges: harts can't reach what is on this bus");
	if (dtb_cells_of(dtb, bus, &child) != 0 || dtb_cells_of(dtb, parent, &own) != 0)
		return -1;

	int entry = (int)(child.address + own.address + child.size) * 4;

	for (int left = size; left >= entry; left -= entry) {
		uint64_t from = read_cells(ranges, child.address);
		uint64_t to = read_cells(ranges + child.address, own.address);
		uint64_t length = read_cells(ranges + child.address + own.address, child.size);

		if (range->base - from < length && range->size <= length - (range->base - from)) {
			range->base = range->base - from + to;
			return 0;
		}
		ranges += entry / 4;
	}
	return size == 0
		       ? 0
		       : dtb_fail(dtb, bus, "ranges does not cover 0x%llx, size 0x%llx",
				  (unsigned long long)range->base, (unsigned long long)range->size);
}

int dtb_device(const struct dtb *dtb, int node, struct range *range)
{
	int bus = fdt_parent_offset(dtb->fdt, node);
	struct dtb_cells cells;

	if (bus < 0)
		return dtb_fail(dtb, node, "the root is no device");
	if (dtb_cells_of(dtb, bus, &cells) != 0)
		return -1;

	unsigned at = 0;
	int found = dtb_reg(dtb, node, &cells, &at, range);

	if (found < 0)
		return -1;
	if (found == 0 || range->size == 0)
		return dtb_fail(dtb, node, "no reg, or an empty one");
	while (bus != 0) {
		int parent = fdt_parent_offset(dtb->fdt, bus);

		if (parent < 0 || translate(dtb, bus, parent, range) != 0)
			return -1;
		bus = parent;
	}
	if (range->base + range->size < range->base)
		return dtb_fail(dtb, node, "reg and the ranges above overflow");
	return 0;
}
