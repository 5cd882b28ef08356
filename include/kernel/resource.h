/* SPDX-License-Identifier: MIT */
/*
 * resource.h - what every page that a handle can name has in common: its tag, at 0x900.
 *
 * A handle is an address in the handle window of the caller, whose leaf has U=0. The kernel runs on
 * the caller's page table, so it reads the tag through the handle, and the MMU is the check: an
 * empty slot is a load fault, a missing W a store fault, both mended by asm/access.S. The page may
 * be unmapped by another hart a moment later; it is not reused before this hart has left the
 * kernel (quiesce.h), so what was found stays good until then.
 *
 * All words are even: in a root table they lie in entries whose V is 0.
 */
#ifndef KERNEL_RESOURCE_H
#define KERNEL_RESOURCE_H

#include <stdint.h>

#include "abi/memory.h"
#include "abi/status.h"

#define RESOURCE_OFFSET	   0x900

#define RESOURCE_EXECUTOR  2 /* kinds; also PUDU_KIND_* are told from them */
#define RESOURCE_VAS	   4
#define RESOURCE_ROOT	   6
#define RESOURCE_KIND_MASK 0xff

struct resource {
	uint64_t tag;	  /* (c) kind, and id << 8; 0 once the page is free */
	void *self;	  /* (c) the page, in the direct map */
	uint64_t touched; /* stored to, as 0, to prove that a handle has W; never read */
};

struct handle_result {
	int64_t status; /* PUDU_OK or an error */
	void *page;	/* in the direct map, if PUDU_OK */
};

/*
 * handle_open_read, handle_open_write - the object that @handle names in the current address
 * space, if it is of @kind (RESOURCE_*) and the handle has R, or R and W.
 * Result: PUDU_OK and the page; PUDU_ERR_HANDLE: not in the window, not on a page, or empty;
 * PUDU_ERR_KIND; PUDU_ERR_RIGHT: no W. The page stays valid until this kernel entry ends.
 */
struct handle_result handle_open_read(uint64_t handle, uint64_t kind);
struct handle_result handle_open_write(uint64_t handle, uint64_t kind);

/* handle_check_slot - Result: PUDU_OK if @slot is a page of the handle window, else
 * PUDU_ERR_HANDLE. */
static inline int64_t handle_check_slot(uint64_t slot)
{
	return slot < PUDU_HANDLES || slot >= PUDU_HANDLES_END || slot % PUDU_PAGE_SIZE != 0
		       ? PUDU_ERR_HANDLE
		       : PUDU_OK;
}

static inline uint64_t resource_id(const struct resource *resource)
{
	return resource->tag >> 8;
}

#endif
