/* SPDX-License-Identifier: MIT */
/*
 * user.h - the only way to user memory. The addresses are checked against the areas that programs
 * can map memory in; the MMU checks the rest, and asm/access.S turns its faults into
 * PUDU_ERR_ADDRESS.
 */
#ifndef KERNEL_USER_H
#define KERNEL_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/memory.h"

struct loaded {
	int64_t status; /* PUDU_OK or PUDU_ERR_ADDRESS */
	uint64_t value;
};

/* access_load32 (asm/access.S) - the word at @address, on 4 bytes, in a checked range. */
struct loaded access_load32(uint64_t address);

/*
 * access_copy (asm/access.S) - copy @length bytes, by words if all is on 8 bytes; one of the two
 * ranges is user memory and was checked. Result: PUDU_OK, or PUDU_ERR_ADDRESS after a part was
 * copied.
 */
int64_t access_copy(uint64_t to, uint64_t from, uint64_t length);

/*
 * user_range - is [address, address + length) inside the user half and outside the handle window?
 * length > 0
 */
bool user_range(uint64_t address, uint64_t length);

/* user_pc - can @pc be a program counter: even, and in the user half? */
static inline bool user_pc(uint64_t pc)
{
	if ((pc & 1) != 0)
		return false;
	return pc - PUDU_MEMORY_START < PUDU_HANDLES - PUDU_MEMORY_START || user_range(pc, 2);
}

/*
 * user_read, user_write - copy @length bytes (0 is fine) from or to user memory of the current
 * address space; user_load32 - the word at @address, on 4 bytes, in a checked range. Pages that are
 * lazy or copy-on-write are settled as for the program. Require no lock. Result: PUDU_OK;
 * PUDU_ERR_ADDRESS: not user memory, or a right is missing; PUDU_ERR_MEMORY: a page was to be
 * settled and the budget is used up; MAPPING_WAIT (mapping.h). A part may have been copied.
 */
int64_t user_load32(uint64_t address, uint32_t *value);
int64_t user_read(void *to, uint64_t from, size_t length);
int64_t user_write(uint64_t to, const void *from, size_t length);

#endif
