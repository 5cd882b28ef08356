/* SPDX-License-Identifier: MIT */
/* vas.c - see vas.h. */
#include "kernel/vas.h"

#include "abi/memory.h"
#include "kernel/frame.h"
#include "kernel/graves.h"
#include "kernel/hart.h"
#include "kernel/layout.h"
#include "kernel/pt.h"
#include "kernel/quiesce.h"
#include "riscv/csr.h"

static uint64_t *upper_table;		       /* (b) of layout.h */
static unsigned direct_end = DIRECT_MAP_FIRST; /* (b) behind the last entry of the direct map */
static uint64_t kernel_root;		       /* (b) physical */
static uint64_t satp_mode;		       /* (b) */
static uint64_t info_entry; /* (b) entry of a root or the table below for the info window */

/* Where the info window's entry is: under Sv39 in the root; under Sv48 in a table of its own. */
#define INFO_INDEX (PUDU_INFO_PAGE >> 30)

void vas_boot(uint64_t *root, uint64_t *upper, uint64_t info_table, unsigned levels)
{
	upper_table = upper;
	for (unsigned i = DIRECT_MAP_FIRST; i < DIRECT_MAP_FIRST + DIRECT_MAP_ENTRIES; i++)
		if (upper[i] != 0)
			direct_end = i + 1;
	kernel_root = phys(root);
	pt_levels = levels;
	satp_mode = levels == 4 ? SATP_SV48_BITS : SATP_SV39_BITS;
	info_entry = pte_of(info_table, PTE_V);
}

uint64_t vas_satp(const struct vas *vas)
{
	return satp_mode | (vas == NULL ? kernel_root : phys(vas)) >> PAGE_SHIFT;
}

/* The entries that every root has: the kernel map and the info page. Result: false: no memory. */
static bool fill_root(struct vas *vas)
{
	uint64_t *root = vas->user;

	if (pt_levels == 4) {
		uint64_t *first = frame_take(FRAME_TABLE);

		if (first == NULL)
			return false;
		first[INFO_INDEX] = info_entry;
		frame_of(phys(first))->live = 1;
		root[0] = pte_of(phys(first), PTE_V);
		root[511] = pte_of(phys(upper_table), PTE_V);
		return true;
	}
	root[INFO_INDEX] = info_entry;
	for (unsigned i = DIRECT_MAP_FIRST; i < direct_end; i++)
		root[i] = upper_table[i];
	root[510] = upper_table[510]; /* the image */
	root[511] = upper_table[511]; /* stacks, devices */
	return true;
}

struct vas *vas_new(uint64_t name0, uint64_t name1)
{
	struct vas *vas = frame_take(FRAME_VAS);

	if (vas == NULL)
		return NULL;
	if (!fill_root(vas)) {
		frame_give(vas, frame_of(phys(vas)));
		return NULL;
	}
	vas->name[0] = name0 << 8;
	vas->name[1] = name1 << 8;
	vas->resource.tag = atomic_fetch_add_explicit(&global->next_id, 1, memory_order_relaxed)
				    << 8 |
			    RESOURCE_VAS;
	vas->resource.self = vas;
	return vas;
}

char *vas_name(const struct vas *vas, char buffer[VAS_NAME_SIZE])
{
	unsigned n = 0;

	for (unsigned word = 0; word < 2; word++)
		for (unsigned byte = 1; byte < 8; byte++) {
			char c = (char)(vas->name[word] >> (8 * byte));

			if (c != 0)
				buffer[n++] = c;
		}
	buffer[n] = 0;
	return buffer;
}

void vas_switch(struct vas *vas)
{
	struct vas *before = atomic_load_explicit(&this_hart->vas, memory_order_relaxed);
	uint64_t bit = 2ull << this_hart->slot;

	if (vas != NULL)
		atomic_fetch_or(&vas->harts, bit); /* pairs with the fence of tlb_shoot */
	csr_write(satp, vas_satp(vas));
	sfence_vma();
	atomic_store_explicit(&this_hart->vas, vas, memory_order_release); /* graves_step */
	if (before != NULL)
		atomic_fetch_and_explicit(&before->harts, ~bit, memory_order_release);
}

void vas_leave_dead(void)
{
	struct vas *vas = atomic_load_explicit(&this_hart->vas, memory_order_relaxed);

	if (vas != NULL && (*(volatile uint64_t *)&vas->flags & VAS_DEAD))
		vas_switch(NULL);
}

void vas_put(struct vas *vas)
{
	struct frame *frame = frame_of(phys(vas));

	if (!frame_put(frame))
		return;

	/* Who found it by a handle that is gone now may still be at work on it, or have added an
	 * executor. */
	lock_acquire(&vas->lock, LOCK_VAS);
	bool unused = atomic_load_explicit(&frame->references, memory_order_relaxed) == 0;
	bool clear = vas->flags & VAS_CLEAR, dead = vas->flags & VAS_DEAD;

	if (unused && !dead) {
		vas->flags |= VAS_DEAD;
		frame_get(frame); /* of the graves */
	}
	lock_release(&vas->lock, LOCK_VAS);

	if (unused && clear) {
		vas->resource.tag = 0;
		quiesce_free(vas);
	} else if (unused && !dead) {
		graves_add(vas);
	}
}
