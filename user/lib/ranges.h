/* SPDX-License-Identifier: MIT */
/*
 * ranges.h - numbers given out in ranges: addresses of the arena, slots of the handle window.
 *
 * The free ranges are a sorted list without neighbours that touch. The first few lie in the struct;
 * when they are too many, pages of PUDU_RECORDS are mapped for them.
 */
#ifndef PUDU_LIB_RANGES_H
#define PUDU_LIB_RANGES_H

#include <stdint.h>

#include <pudu/sync.h>

#define RANGES_INITIAL 16

struct range {
	uint64_t start, end; /* free: start ... end - 1 */
};

struct ranges {
	struct pudu_mutex lock; /* of all below */
	struct range *list;	/* sorted by start */
	uint32_t n, capacity;	/* ranges */
	uint64_t records;	/* where more of the list goes: on a page */
	uint64_t records_end;
	struct range initial[RANGES_INITIAL];
};

/* A struct ranges in which start ... end - 1 is free; its list may grow over records. */
#define RANGES(name, start, end, records, records_end)                                             \
	{                                                                                          \
		PUDU_MUTEX, (name).initial, 1, RANGES_INITIAL, records, records_end,               \
		{                                                                                  \
			{                                                                          \
				start, end                                                         \
			}                                                                          \
		}                                                                                  \
	}

/*
 * Take the lowest free range.
 * Arguments:
 *   length      at least 1.
 *   alignment   of its start, a power of two.
 * Result: its start; 0 if there is none.
 */
uint64_t ranges_take(struct ranges *ranges, uint64_t length, uint64_t alignment);

/*
 * Give a range back. If it would need a record more and there is no memory for one, it is lost:
 * that loses a number, never memory.
 */
void ranges_give(struct ranges *ranges, uint64_t start, uint64_t length);

#endif
