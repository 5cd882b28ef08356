/* SPDX-License-Identifier: MIT */
/* mmu.c - see fuzz.h: a hart that walks the tables, remembers what it found, and faults. */
#include "fuzz.h"

#include <string.h>

#include "kernel/tlb.h"
#include "kernel/user.h"
#include "riscv/csr.h"

#define TLB_ENTRIES 256
#define SEEN_MAX    64

bool hardware_sets_d;
static struct executor *runs;

/* What the hart remembers: only a shoot, or a fence after a fault, makes it forget. */
static struct {
	uint64_t page, generation, leaf; /* leaf: of the page itself */
} tlb[SPACES][TLB_ENTRIES];
static uint64_t generation[SPACES];

/* What another hart may remember: only a shoot makes it forget. */
static struct {
	uint64_t address, leaf; /* leaf: of the page itself, 0: not valid */
	const uint64_t *table;	/* the last one on the way */
} seen[SPACES][SEEN_MAX];
static unsigned n_seen[SPACES];

void mmu_boot(struct executor *executor)
{
	runs = executor;
	runs->vas = space[0];
	runs->short_of = 0;
	sfence_vma();
	memset(n_seen, 0, sizeof n_seen);
}

static unsigned index_of(const struct vas *vas)
{
	for (unsigned i = 0; i < SPACES; i++)
		if (space[i] == vas)
			return i;
	fail("%p is no address space", (const void *)vas);
}

static const uint64_t *table_of(const uint64_t *entry)
{
	return (const uint64_t *)((uintptr_t)entry & ~(PAGE_SIZE - 1));
}

/* *passed: does the walk come to @table? */
static struct pt_place walk_by(unsigned s, uint64_t address, const uint64_t *table, bool *passed)
{
	uint64_t *at = space[s]->user;

	*passed = false;
	for (unsigned level = pt_levels - 1;; level--) {
		uint64_t *entry = &at[address >> (12 + 9 * level) & 511];

		*passed |= table_of(entry) == table;
		if (level == 0 || (*entry & 0xf) != 1)
			return (struct pt_place){ entry, level };
		at = virt((*entry >> 10 & 0xfffffffffff) << 12);
	}
}

struct pt_place walk(unsigned s, uint64_t address)
{
	bool passed;

	return walk_by(s, address, NULL, &passed);
}

static uint64_t leaf_of(struct pt_place place, uint64_t address)
{
	uint64_t inside = address & (pte_span(place.level) - 1) & ~(PAGE_SIZE - 1);

	return (*place.entry & PTE_V) ? *place.entry + (inside >> 2) : 0;
}

void other_hart_looks(unsigned s, uint64_t address)
{
	struct pt_place place = walk(s, address);
	unsigned i = n_seen[s] < SEEN_MAX ? n_seen[s]++ : (unsigned)(address >> 12) % SEEN_MAX;

	seen[s][i].address = address;
	seen[s][i].leaf = leaf_of(place, address);
	seen[s][i].table = table_of(place.entry);
}

bool other_hart_stores(unsigned s, uint64_t address)
{
	uint64_t need = PTE_V | PTE_U | PTE_W, *entry = walk(s, address).entry;

	if (!hardware_sets_d || (*entry & need) != need || leaf_is_device(*entry))
		return false;
	*entry |= PTE_A | PTE_D;
	return true;
}

static void check_seen(unsigned s, unsigned i)
{
	uint64_t address = seen[s][i].address, old = seen[s][i].leaf;
	bool passed;
	struct pt_place place = walk_by(s, address, seen[s][i].table, &passed);
	uint64_t leaf = leaf_of(place, address), rights = old & (PTE_RWX | PTE_D);

	must(passed, "space %u, %#lx: another hart walks a table that is gone", s,
	     (unsigned long)address);
	must(old == 0 || (leaf != 0 && pte_physical(leaf) == pte_physical(old) &&
			  (leaf & rights) == rights),
	     "space %u, %#lx: another hart uses %#lx, but it is %#lx", s, (unsigned long)address,
	     (unsigned long)old, (unsigned long)leaf);
}

void other_hart_is_right(void)
{
	for (unsigned s = 0; s < SPACES; s++)
		for (unsigned i = 0; i < n_seen[s]; i++)
			check_seen(s, i);
}

/* [physical, +bytes) becomes free. */
static void must_be_forgotten(uint64_t physical, uint64_t bytes)
{
	for (unsigned s = 0; s < SPACES; s++)
		for (unsigned i = 0; i < n_seen[s]; i++)
			must((seen[s][i].leaf == 0 ||
			      pte_physical(seen[s][i].leaf) - physical >= bytes) &&
				     phys(seen[s][i].table) - physical >= bytes,
			     "space %u, %#lx: another hart uses what becomes free", s,
			     (unsigned long)seen[s][i].address);
}

/* The linker's --wrap: who frees frames comes here first. */
void __real_frame_give(void *page, struct frame *frame);
void __wrap_frame_give(void *page, struct frame *frame);
void __real_frame_give_zeroed(void *page, struct frame *frame);
void __wrap_frame_give_zeroed(void *page, struct frame *frame);
void __real_frames_give(const uint64_t *physical, unsigned n);
void __wrap_frames_give(const uint64_t *physical, unsigned n);
void __real_block_give(uint64_t physical);
void __wrap_block_give(uint64_t physical);

void __wrap_frame_give(void *page, struct frame *frame)
{
	must_be_forgotten(phys(page), PAGE_SIZE);
	__real_frame_give(page, frame);
}

void __wrap_frame_give_zeroed(void *page, struct frame *frame)
{
	must_be_forgotten(phys(page), PAGE_SIZE);
	__real_frame_give_zeroed(page, frame);
}

void __wrap_frames_give(const uint64_t *physical, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		must_be_forgotten(physical[i], PAGE_SIZE);
	__real_frames_give(physical, n);
}

void __wrap_block_give(uint64_t physical)
{
	must_be_forgotten(physical, PAGE_SIZE << 9);
	__real_block_give(physical);
}

/* What the hart finds, as the leaf of the page; 0: it may not. */
static uint64_t translate(unsigned s, uint64_t address, uint64_t right)
{
	unsigned i = address / PAGE_SIZE % TLB_ENTRIES;
	uint64_t need = right | PTE_V | PTE_U | PTE_A | (right == PTE_W ? PTE_D : 0);

	if (tlb[s][i].page == address / PAGE_SIZE && tlb[s][i].generation == generation[s] &&
	    (tlb[s][i].leaf & need) == need)
		return tlb[s][i].leaf;
	struct pt_place place = walk(s, address);

	if (hardware_sets_d && (*place.entry & (right | PTE_V | PTE_U)) == (right | PTE_V | PTE_U))
		*place.entry |= need;
	if ((*place.entry & need) != need)
		return 0;
	tlb[s][i].page = address / PAGE_SIZE;
	tlb[s][i].generation = generation[s];
	tlb[s][i].leaf = leaf_of(place, address);
	return tlb[s][i].leaf;
}

int64_t mmu_access(unsigned s, uint64_t address, uint64_t right, uint64_t *physical)
{
	refusal = (struct refusal){ 0 };
	for (unsigned try = 0; try < 4; try++) {
		uint64_t leaf = translate(s, address, right);

		*physical = pte_physical(leaf);
		if (leaf != 0)
			return PUDU_OK;
		runs->vas = space[s];
		int64_t status = settle_fault(space[s], address, right);

		runs->vas = space[0];
		runs->short_of = 0;
		if (status == MAPPING_WAIT) {
			must(hostages != 0, "a fault waits, but no frame is on its way");
			free_hostages();
		} else if (status != PUDU_OK) {
			return status;
		}
	}
	fail("a fault at %#lx is settled, and comes again", (unsigned long)address);
}

void tlb_shoot(struct vas *vas)
{
	must(vas->lock.tail != NULL, "tlb_shoot without the lock");
	generation[index_of(vas)]++;
	n_seen[index_of(vas)] = 0;
}

void sfence_vma(void)
{
	for (unsigned i = 0; i < SPACES; i++)
		generation[i]++;
}

/* The kernel's access to memory of the caller, by the same MMU. */
int64_t access_copy(uint64_t to, uint64_t from, uint64_t length)
{
	bool write = to < PUDU_MEMORY48_END;
	uint64_t user = write ? to : from, leaf;

	for (uint64_t i = 0; i < length; i += 8) {
		leaf = translate(0, user + i, write ? PTE_W : PTE_R);
		if (leaf == 0)
			return PUDU_ERR_ADDRESS;
		char *at = (char *)virt(pte_physical(leaf)) + (user + i) % PAGE_SIZE;

		if (leaf_is_device(leaf))
			continue;
		memcpy(write ? at : (void *)(to + i), write ? (void *)(from + i) : at, 8);
	}
	return PUDU_OK;
}
