/* SPDX-License-Identifier: MIT */
/* paging.c - see paging.h. */
#include "kernel/paging.h"

#include "abi/memory.h"
#include "kernel/budget.h"
#include "kernel/frame.h"
#include "kernel/hart.h"
#include "kernel/image.h"
#include "kernel/log.h"
#include "kernel/mapping.h"
#include "kernel/pt.h"
#include "kernel/vas_load.h"
#include "riscv/csr.h"

#define DATA (PTE_R | PTE_W | PTE_G)

extern uint64_t boot_satp;
extern uint64_t boot_upper[]; /* root of boot.S's map */

static struct vas *upper;	/* the table of layout.h */
static struct vas *kernel_root; /* above it; under Sv39 the same */

static void *table(void)
{
	void *page = frame_take(FRAME_FIXED);

	if (page == NULL)
		panic("boot: no memory for page tables");
	return page;
}

static void map(uint64_t address, uint64_t physical, uint64_t end, uint64_t bits)
{
	if (end > physical &&
	    !mapping_physical(kernel_root, address, physical, end - physical, bits))
		panic("boot: no memory for page tables");
}

/* Is this range one that the kernel itself has to read? */
static bool ours(const struct platform *platform, const struct range *range)
{
	return range->base == platform->fdt_base ||
	       (platform->initrd_end != 0 && range->base == platform->initrd_start);
}

/* Map [base, end) of RAM, but not what others reserved in it, nor the image. */
static void map_ram(const struct platform *platform, uint64_t base, uint64_t end)
{
	while (base < end) {
		uint64_t hole = end, hole_end = end;

		for (unsigned i = 0; i <= platform->n_reserved; i++) {
			struct range range = { image_physical, (uint64_t)(image_end - text_start) };

			if (i < platform->n_reserved)
				range = platform->reserved[i];
			if (i < platform->n_reserved && ours(platform, &range))
				continue;
			uint64_t first = range.base & ~(PAGE_SIZE - 1);
			uint64_t last =
				(range.base + range.size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);

			if (last > base && first < hole) {
				hole = first > base ? first : base;
				hole_end = last;
			}
		}
		map(DIRECT_MAP + base, base, hole, DATA);
		base = hole_end;
	}
}

static void map_image(void)
{
	uint64_t text = KERNEL_IMAGE, rodata = (uintptr_t)rodata_start;
	uint64_t data = (uintptr_t)data_start, end = (uintptr_t)image_end;

	map(text, image_phys(text_start), image_phys(rodata_start), PTE_R | PTE_X | PTE_G);
	map(rodata, image_phys(rodata_start), image_phys(data_start), PTE_R | PTE_G);
	map(data, image_phys(data_start), image_phys((void *)end), DATA);
}

/* The table that every address space has for the info window: one page in it. */
static uint64_t info_table(void)
{
	uint64_t *first = table(), *last = table();

	first[0] = pte_of(phys(last), PTE_V);
	last[0] = pte_of(image_phys(global->info), PTE_V | PTE_R | PTE_U | PTE_A | PTE_D);
	return phys(first);
}

/* Try Sv48, on tables that map this code in the same place. Result: the hart took it. */
static bool sv48_works(uint64_t *root)
{
	uint64_t try = SATP_SV48_BITS | phys(root) >> PAGE_SHIFT, before = csr_read(satp);

	csr_write(satp, try);
	sfence_vma();
	bool works = csr_read(satp) == try;
	csr_write(satp, before);
	sfence_vma();
	return works;
}

void paging_boot(const struct platform *platform, unsigned levels)
{
	uint64_t limit = DIRECT_MAP_LIMIT;

	pt_napot = platform->isa & PUDU_ISA_SVNAPOT;
	upper = kernel_root = table();
	budget_carve(upper, BUDGET_MAX); /* its tables are the kernel's */
	for (unsigned i = 0; i < platform->n_memory; i++) {
		const struct range *ram = &platform->memory[i];
		uint64_t base = (ram->base + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
		uint64_t end = (ram->base + ram->size) & ~(PAGE_SIZE - 1);

		if (end > limit) {
			log_printf("memory: RAM from %#lx on is out of reach, not used\n",
				   base > limit ? base : limit);
			end = limit;
		}
		map_ram(platform, base, end);
	}
	map_image();

	uint64_t info = info_table();

	/* All tables of stacks and devices must be there before any root copies the entries. */
	upper->kernel[511 - 320] = pte_of(phys(table()), PTE_V);
	if (levels == 4) {
		uint64_t *root48 = table();

		root48[511] = pte_of(phys(upper), PTE_V);
		if (sv48_works(root48)) {
			kernel_root = (struct vas *)root48;
			budget_carve(kernel_root, BUDGET_MAX);
		} else {
			log_printf("boot: mmu=sv48, but this hart has no Sv48: Sv39 is used\n");
			levels = 3;
		}
	}
	vas_boot(kernel_root->user, upper->user, info, levels == 4 ? 4 : 3);
	boot_satp = vas_load_kernel_satp();
	csr_write(satp, boot_satp);
	sfence_vma();
}

uint64_t paging_stack(unsigned slot)
{
	uint64_t top = KERNEL_STACKS + (slot + 1ull) * STACK_STRIDE;

	for (uint64_t page = top - STACK_SIZE; page < top; page += PAGE_SIZE) {
		uint64_t frame = phys(table());

		map(page, frame, frame + PAGE_SIZE, DATA);
	}
	return top;
}

uint64_t paging_device(uint64_t physical)
{
	static uint64_t next = KERNEL_MMIO;
	uint64_t at = next;

	next += PAGE_SIZE;
	map(at, physical, physical + PAGE_SIZE, DATA);
	return at;
}
