/* SPDX-License-Identifier: MIT */
/*
 * init.c - the first program: "init" of the initrd, in the first address space.
 *
 * It gets what there is: the root, its own address space and executor, the initrd and the device
 * tree to read, all physical addresses outside RAM as device memory. abi/start.h tells it where.
 */
#include <string.h>

#include "abi/memory.h"
#include "abi/start.h"
#include "abi/status.h"
#include "kernel/boot.h"
#include "kernel/bootargs.h"
#include "kernel/budget.h"
#include "kernel/cpio.h"
#include "kernel/elf.h"
#include "kernel/frame.h"
#include "kernel/hart.h"
#include "kernel/image.h"
#include "kernel/log.h"
#include "kernel/mapping.h"
#include "kernel/pt.h"
#include "kernel/quiesce.h"
#include "kernel/sched.h"
#include "kernel/vas.h"

#define STACK_TOP   0x3e00000000 /* addresses in init's half */
#define INIT_STACK  0x20000
#define INITRD_AT   0x3000000000
#define FDT_AT	    0x3100000000
#define DEVICES_AT  0x2000000000
#define DEVICES_END (64ull << 30) /* physical addresses above are not given out */

static struct executor *first_executor;

/* Zeroed memory with @rights at pages of @vas. */
static void map_fresh(struct vas *vas, uint64_t start, uint64_t end, uint64_t rights)
{
	struct change change = {
		.to = vas, .start = start, .length = end - start, .rights = rights
	};
	struct gathered gathered;
	int64_t status;

	gathered_init(&gathered);

	do {
		status = mapping_fresh(&change, &gathered);
	} while (status == MAPPING_MORE);
	if (status != PUDU_OK)
		panic("init: can't map %#lx, error %ld", start + change.done, status);
}

/* Copy into memory of @vas, whatever its rights. */
static void put(struct vas *vas, uint64_t address, const void *from, uint64_t length)
{
	const char *bytes = from;

	while (length > 0) {
		struct pt_place place = pt_find(vas, address);
		uint64_t in_page = address & (pte_span(place.level) - 1);
		uint64_t n = pte_span(place.level) - in_page;
		char *page = virt(pte_physical(*place.entry));

		if (n > length)
			n = length;
		memcpy(page + in_page, bytes, n);
		address += n;
		bytes += n;
		length -= n;
	}
}

static uint64_t load(struct vas *vas, const void *image, uint64_t size)
{
	static struct elf_plan plan;
	static char why[ELF_WHY_SIZE];

	if (elf_parse(image, size, &plan, why, sizeof why) != 0)
		panic("init: not a program: %s", why);
	for (unsigned i = 0; i < plan.n_segments; i++) {
		const struct elf_segment *segment = &plan.segment[i];
		uint64_t start = segment->address & ~(PAGE_SIZE - 1);
		uint64_t end = (segment->address + segment->memory_size + PAGE_SIZE - 1) &
			       ~(PAGE_SIZE - 1);

		map_fresh(vas, start, end, (uint64_t)segment->rights << 1);
		put(vas, segment->address, (const char *)image + segment->offset,
		    segment->file_size);
	}
	return plan.entry;
}

static void map_physical(struct vas *vas, uint64_t at, uint64_t base, uint64_t end, uint64_t bits)
{
	if (end > base && !mapping_physical(vas, at, base, end - base, bits))
		panic("init: no memory for page tables");
}

/* Read-only view of [base, end), which need not lie on pages. Result: where its first byte is. */
static uint64_t show(struct vas *vas, uint64_t at, uint64_t base, uint64_t end)
{
	uint64_t first = base & ~(PAGE_SIZE - 1), last = (end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);

	/* A device tree may lie in ROM, which has no frames. */
	map_physical(vas, at, first, last,
		     PTE_R | PTE_U | (bank_of(first) != NULL ? PTE_MEMORY : PTE_DEVICE));
	return at + (base - first);
}

/* All gaps between the banks of RAM, rounded to 2 MiB: there the devices are. */
static void map_devices(struct vas *vas, const struct platform *platform)
{
	uint64_t base = 0, unit = 2 << 20;
	uint64_t bits = PTE_R | PTE_W | PTE_U | PTE_DEVICE |
			(platform->isa & PUDU_ISA_SVPBMT ? PTE_PBMT_IO : 0);

	for (unsigned i = 0; i < platform->n_memory && base < DEVICES_END; i++) {
		const struct range *ram = &platform->memory[i];
		uint64_t end = ram->base & ~(unit - 1);

		if (end > DEVICES_END)
			end = DEVICES_END;
		map_physical(vas, DEVICES_AT + base, base, end, bits);
		base = (ram->base + ram->size + unit - 1) & ~(unit - 1);
	}
	map_physical(vas, DEVICES_AT + base, base, DEVICES_END, bits);
}

/* Frames that a hart may keep in its caches, and as dead objects before it hurries the others. */
#define RESERVE (2 * FRAME_CACHE + QUIESCE_MANY)

/*
 * The first address space. Its budget is all that is free but a reserve, @per_hart frames. A call
 * that has its charge would find a frame without it, too, but may have to wait until another hart
 * gives back what it keeps (shortage.h).
 */
static struct vas *make_vas(uint64_t per_hart)
{
	struct vas *vas = vas_new(NULL, 0, 0x74696e69, 0); /* "init" */
	uint64_t reserve = 0, free = (uint64_t)global->info->free[0].frames;

	for (unsigned s = 0; s < global->n_harts; s++)
		reserve += per_hart;
	if (vas == NULL || free <= reserve)
		panic("init: no memory");
	budget_carve(vas, free - reserve < BUDGET_MAX ? free - reserve : BUDGET_MAX);
	return vas;
}

/* The initrd's init, or the end. */
static void find(const struct platform *platform, struct cpio_entry *entry)
{
	static char why[CPIO_WHY_SIZE];

	if (platform->initrd_end == 0)
		panic("initrd: none was given (QEMU: -initrd FILE; U-Boot: third word of booti)");
	if (platform->initrd_end > DIRECT_MAP_LIMIT)
		panic("initrd: it ends at %#lx, out of the kernel's reach", platform->initrd_end);
	int found = cpio_find(virt(platform->initrd_start),
			      platform->initrd_end - platform->initrd_start, "init", entry, why,
			      sizeof why);
	if (found != 1)
		panic("initrd: %s", why);
	if ((entry->mode & CPIO_TYPE) != CPIO_FILE)
		panic("initrd: init is not a file");
}

static void give(struct vas *vas, unsigned slot, void *page, uint64_t type)
{
	if (mapping_handle(vas, PUDU_HANDLE((uint64_t)slot), page, type) != PUDU_OK)
		panic("init: no memory for handles");
}

/* What init finds at the top of its stack. */
static uint64_t put_start(struct vas *vas, const struct platform *platform)
{
	uint64_t at = STACK_TOP - ((sizeof(struct pudu_start) + 64 + 15) & ~15ull);
	struct pudu_start start = {
		.size = sizeof start,
		.argc = 1,
		.argv = (char **)(at + sizeof start),
		.envp = (char **)(at + sizeof start + 8),
		.root = PUDU_HANDLE((uint64_t)PUDU_SLOT_ROOT),
		.initrd_size = platform->initrd_end - platform->initrd_start,
		.fdt_size = platform->fdt_size,
		.devices = DEVICES_AT,
	};
	uint64_t strings[4] = { at + sizeof start + 24, 0, 0, 0 };

	start.initrd = (void *)show(vas, INITRD_AT, platform->initrd_start, platform->initrd_end);
	start.fdt = (void *)show(vas, FDT_AT, platform->fdt_base,
				 platform->fdt_base + platform->fdt_size);
	memcpy(&strings[3], "init", 5);
	put(vas, at, &start, sizeof start);
	put(vas, at + sizeof start, strings, sizeof strings);
	return at;
}

void init_load(const struct platform *platform, uint64_t reserve)
{
	struct cpio_entry entry;

	find(platform, &entry);
	struct vas *vas = make_vas(reserve == BOOTARGS_NOT_SAID ? RESERVE : reserve);
	uint64_t pc = load(vas, entry.data, entry.size);

	map_fresh(vas, STACK_TOP - INIT_STACK, STACK_TOP, PTE_R | PTE_W);
	uint64_t sp = put_start(vas, platform);

	map_devices(vas, platform);
	if (budget_take(vas, 1))
		first_executor = executor_new(vas, vas, pc, sp, sp);
	if (first_executor == NULL)
		panic("init: no memory");

	give(vas, PUDU_SLOT_VAS, vas, PTE_VAS);
	give(vas, PUDU_SLOT_EXECUTOR, first_executor, PTE_EXECUTOR);
	map_physical(vas, PUDU_HANDLE((uint64_t)PUDU_SLOT_ROOT), image_phys(global),
		     image_phys(global) + PAGE_SIZE, PTE_R | PTE_W | PTE_ROOT);
}

void init_start(void)
{
	sched_wake(first_executor, STATE_STOPPED);
}
