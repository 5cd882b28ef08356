/* SPDX-License-Identifier: MIT */
/* symbols.c - see symbols.h. */
#include "kernel/symbols.h"

#include <stddef.h>

#include "kernel/image.h"

extern const uint32_t symbols_count;	 /* made by tools/symbols.py */
extern const uint32_t symbols_offsets[]; /* from the start of text, sorted */
extern const uint32_t symbols_names[];	 /* into the blob */
extern const char symbols_blob[];

const char *symbols_find(uint64_t address, uint64_t *offset)
{
	uint64_t start = (uintptr_t)text_start, low = 0, high = symbols_count;

	if (address < start || address >= (uintptr_t)text_end)
		return NULL;
	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (symbols_offsets[middle] <= address - start)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	*offset = address - start - symbols_offsets[low - 1];
	return symbols_blob + symbols_names[low - 1];
}
