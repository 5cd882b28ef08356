/* SPDX-License-Identifier: MIT */
/* handle.c - see <pudu/handle.h>. */
#include <pudu/handle.h>

#include <pudu/calls.h>
#include <pudu/memory.h>

#include "ranges.h"

static struct ranges slots = RANGES(slots, PUDU_SLOT_FREE, PUDU_HANDLE_SLOTS,
				    PUDU_RECORDS_START + 0x40000000, PUDU_RECORDS_END);

uint64_t pudu_slots_take(uint64_t n)
{
	return n == 0 || n > PUDU_HANDLE_SLOTS ? 0 : ranges_take(&slots, n, 1);
}

void pudu_slots_give(uint64_t first, uint64_t n)
{
	ranges_give(&slots, first, n);
}

void pudu_handle_close(uint64_t handle)
{
	if (handle == 0)
		return;
	pudu_unmap(PUDU_OWN_VAS, handle, PUDU_PAGE_SIZE);
	pudu_slots_give((handle - PUDU_HANDLES) / PUDU_PAGE_SIZE, 1);
}
