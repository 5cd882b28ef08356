/* SPDX-License-Identifier: MIT */
/* user.c - see user.h. */
#include "kernel/user.h"

#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/pt.h"

bool user_range(uint64_t address, uint64_t length)
{
	uint64_t last = address + length - 1;

	if (last < address)
		return false;
	if (address >= PUDU_MEMORY_START && last < PUDU_HANDLES)
		return true;
	return pt_levels == 4 && address >= PUDU_MEMORY48_START && last < PUDU_MEMORY48_END;
}

bool user_pc(uint64_t pc)
{
	return (pc & 1) == 0 && user_range(pc, 2);
}

int64_t user_read(void *to, uint64_t from, size_t length)
{
	if (length == 0)
		return PUDU_OK;
	if (!user_range(from, length))
		return PUDU_ERR_ADDRESS;
	return access_copy((uintptr_t)to, from, length);
}

int64_t user_write(uint64_t to, const void *from, size_t length)
{
	if (length == 0)
		return PUDU_OK;
	if (!user_range(to, length))
		return PUDU_ERR_ADDRESS;
	return access_copy(to, (uintptr_t)from, length);
}
