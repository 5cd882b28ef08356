/* SPDX-License-Identifier: MIT */
/* ranges.c - see ranges.h. */
#include "ranges.h"

#include <string.h>

#include "abi/memory.h"
#include "abi/status.h"
#include "internal.h"

/* Make room for one record more. Result: 1 if there is. */
static int ranges_room(struct ranges *ranges)
{
	uint64_t at = ranges->records;

	if (ranges->n < ranges->capacity)
		return 1;
	if (at == ranges->records_end ||
	    pudu_map_fresh(at, PUDU_PAGE_SIZE, PUDU_R | PUDU_W) != PUDU_OK)
		return 0;
	if (ranges->list == ranges->initial) {
		ranges->list = (struct range *)at;
		ranges->capacity = 0;
		memcpy(ranges->list, ranges->initial, sizeof(ranges->initial));
	}
	ranges->capacity += (uint32_t)(PUDU_PAGE_SIZE / sizeof(struct range));
	ranges->records += PUDU_PAGE_SIZE;
	return 1;
}

static void ranges_insert(struct ranges *ranges, uint32_t at, uint64_t start, uint64_t end)
{
	struct range *list = ranges->list;

	memmove(&list[at + 1], &list[at], (ranges->n - at) * sizeof(*list));
	list[at] = (struct range){ start, end };
	ranges->n++;
}

static void ranges_remove(struct ranges *ranges, uint32_t at)
{
	struct range *list = ranges->list;

	ranges->n--;
	memmove(&list[at], &list[at + 1], (ranges->n - at) * sizeof(*list));
}

/* Cut start ... end - 1 out of the range at `at`, which holds it. Result: 1 if done. */
static int ranges_cut(struct ranges *ranges, uint32_t at, uint64_t start, uint64_t end)
{
	struct range *range = &ranges->list[at];

	if (range->start == start && range->end == end) {
		ranges_remove(ranges, at);
	} else if (range->start == start) {
		range->start = end;
	} else if (range->end == end) {
		range->end = start;
	} else {
		if (!ranges_room(ranges))
			return 0;
		ranges_insert(ranges, at + 1, end, ranges->list[at].end);
		ranges->list[at].end = start;
	}
	return 1;
}

uint64_t ranges_take(struct ranges *ranges, uint64_t length, uint64_t alignment)
{
	uint64_t found = 0;

	pudu_mutex_lock(&ranges->lock);
	for (uint32_t i = 0; i < ranges->n; i++) {
		uint64_t end = ranges->list[i].end;
		uint64_t start = (ranges->list[i].start + alignment - 1) & ~(alignment - 1);

		if (start >= end || end - start < length)
			continue;
		if (ranges_cut(ranges, i, start, start + length))
			found = start;
		break;
	}
	pudu_mutex_unlock(&ranges->lock);
	return found;
}

void ranges_give(struct ranges *ranges, uint64_t start, uint64_t length)
{
	uint64_t end = start + length;
	uint32_t i = 0;

	pudu_mutex_lock(&ranges->lock);
	while (i < ranges->n && ranges->list[i].end < start)
		i++;
	if (i < ranges->n && ranges->list[i].end == start) {
		ranges->list[i].end = end;
		if (i + 1 < ranges->n && ranges->list[i + 1].start == end) {
			ranges->list[i].end = ranges->list[i + 1].end;
			ranges_remove(ranges, i + 1);
		}
	} else if (i < ranges->n && ranges->list[i].start == end) {
		ranges->list[i].start = start;
	} else if (ranges_room(ranges)) {
		ranges_insert(ranges, i, start, end);
	}
	pudu_mutex_unlock(&ranges->lock);
}
