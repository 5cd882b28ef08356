/* SPDX-License-Identifier: MIT */
/* user.c - see user.h. */
#include "kernel/user.h"

#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/pt.h"

#define TRIES 4 /* another hart may make a page copy-on-write again just after it was settled */

bool user_range(uint64_t address, uint64_t length)
{
	uint64_t last = address + length - 1;

	if (last < address)
		return false;
	if (address >= PUDU_MEMORY_START && last < PUDU_HANDLES)
		return true;
	return pt_levels == 4 && address >= PUDU_MEMORY48_START && last < PUDU_MEMORY48_END;
}

/*
 * An access to user memory that needs @right was refused: settle the pages that are lazy,
 * copy-on-write and the like. Result: PUDU_OK: try again; or as settle_fault.
 */
static int64_t settle_range(uint64_t address, uint64_t length, uint64_t right)
{
	uint64_t page = address & ~(PAGE_SIZE - 1);
	int64_t status = PUDU_OK;

	for (; page < address + length && status == PUDU_OK; page += PAGE_SIZE)
		status = settle_fault(current()->vas, page, right);
	return status;
}

int64_t user_load32(uint64_t address, uint32_t *value)
{
	int64_t status = PUDU_OK;

	for (unsigned try = 0; try < TRIES && status == PUDU_OK; try++) {
		struct loaded loaded = access_load32(address);

		*value = (uint32_t)loaded.value;
		if (loaded.status == PUDU_OK)
			return PUDU_OK;
		status = settle_range(address, sizeof *value, PTE_R);
	}
	return status == PUDU_OK ? PUDU_ERR_ADDRESS : status;
}

static int64_t copy(uint64_t to, uint64_t from, size_t length, uint64_t user, uint64_t right)
{
	int64_t status = PUDU_OK;

	if (length == 0)
		return PUDU_OK;
	if (!user_range(user, length))
		return PUDU_ERR_ADDRESS;
	for (unsigned try = 0; try < TRIES && status == PUDU_OK; try++) {
		if (access_copy(to, from, length) == PUDU_OK)
			return PUDU_OK;
		status = settle_range(user, length, right);
	}
	return status == PUDU_OK ? PUDU_ERR_ADDRESS : status;
}

int64_t user_read(void *to, uint64_t from, size_t length)
{
	return copy((uintptr_t)to, from, length, from, PTE_R);
}

int64_t user_write(uint64_t to, const void *from, size_t length)
{
	return copy(to, (uintptr_t)from, length, to, PTE_W);
}
