/* SPDX-License-Identifier: MIT */
/* main.c - boot, in order, on one screen. */
#include "kernel/boot.h"
#include "kernel/bootargs.h"
#include "kernel/dtb.h"
#include "kernel/frame.h"
#include "kernel/hart.h"
#include "kernel/image.h"
#include "kernel/log.h"
#include "kernel/paging.h"
#include "kernel/power.h"
#include "kernel/pt.h"
#include "kernel/syscall.h"
#include "kernel/trap.h"
#include "kernel/vas_load.h"
#include "riscv/csr.h"
#include "riscv/sbi.h"

#include <string.h>

#define SLICES_PER_SECOND 100

/* Pages that live in the image: the global page, the boot hart's, the info page. */
static struct global the_global;
static struct hart the_boot_hart;
static alignas(4096) union {
	struct pudu_info info;
	char page[4096];
} the_info;

uint64_t image_physical;
uint64_t boot_instret;
static struct platform platform;

/* From here on locks, the log and panic work. */
static void first_light(uint64_t hart_id)
{
	global = &the_global;
	this_hart = &the_boot_hart;
	the_boot_hart.global = global;
	the_boot_hart.id = hart_id;
	the_boot_hart.stack_top = (uintptr_t)boot_stack_top;
	the_boot_hart.free = &the_info.info.free[0];
	the_global.info = &the_info.info;
	atomic_store(&the_global.next_id, 2);
	the_global.resource.tag = 1 << 8 | RESOURCE_ROOT;
	the_global.resource.self = &the_global;
	csr_write(stvec, (uintptr_t)trap_entry);
	csr_write(sscratch, 0);
	log_boot();
}

static void read_platform(uint64_t fdt, uint64_t hart_id)
{
	static char why[DTB_WHY_SIZE];

	if (fdt == 0 || fdt >= DIRECT_MAP_LIMIT)
		panic("device tree: the firmware gave none (a1 is %#lx)", fdt);
	int bad = dtb_parse(virt(fdt), DTB_SIZE_MAX, fdt, hart_id, &platform, why, sizeof why);

	if (platform.test_finisher != 0 && platform.test_finisher < DIRECT_MAP_LIMIT)
		power_boot((uintptr_t)virt(platform.test_finisher)); /* on boot.S's map */
	if (bad != 0)
		panic("%s", why);
	global->timebase = platform.timebase;
	global->slice = platform.timebase / SLICES_PER_SECOND;
	this_hart->node = platform_node(&platform, hart_id);
	if (platform.notes[0] != 0)
		log_printf("device tree: %s", platform.notes);
}

static void read_bootargs(struct options *options)
{
	static char why[256];

	if (bootargs_parse(platform.bootargs, options, why, sizeof why) != 0)
		log_printf("boot arguments: %s", why);
	if (options->watchdog != 0)
		global->watchdog = read_time() + options->watchdog * platform.timebase;
}

/*
 * What the allocator must not give out: what the tree reserves, and all from the start of the bank
 * to the end of the image, where the firmware is.
 */
static void boot_frames(void)
{
	static struct range reserved[PLATFORM_RESERVED + 1];
	unsigned n = platform.n_reserved;
	uint64_t end = image_physical + (uint64_t)(image_end - text_start);

	memcpy(reserved, platform.reserved, n * sizeof reserved[0]);
	reserved[n] = (struct range){ image_physical, end - image_physical };
	for (unsigned i = 0; i < platform.n_memory; i++) {
		const struct range *ram = &platform.memory[i];

		if (image_physical - ram->base < ram->size)
			reserved[n] = (struct range){ ram->base, end - ram->base };
	}
	const char *problem = frame_boot(&platform, reserved, n + 1);

	if (problem != NULL)
		panic("%s", problem);
}

/* All system calls go the long way. On boot.S's map: in the kernel's own, text is never written. */
static void leave_out_short_ways(void)
{
	static const unsigned short_ways[] = { SYSCALL_yield,	       SYSCALL_park_if,
					       SYSCALL_unpark,	       SYSCALL_call,
					       SYSCALL_reply_accept,   SYSCALL_executor_create,
					       SYSCALL_executor_start, SYSCALL_terminate,
					       SYSCALL_unmap };

	for (unsigned i = 0; i < sizeof short_ways / sizeof short_ways[0]; i++)
		syscall_slots[short_ways[i]][0] = NOP;
	fence_i(); /* the other harts are started later */
}

static void fill_info(void)
{
	struct pudu_info *info = global->info;

	info->abi_version = PUDU_ABI_VERSION;
	info->page_size = PAGE_SIZE;
	info->levels = pt_levels;
	info->timebase = global->timebase;
	info->slice = global->slice;
	info->harts_described = platform.n_harts_described;
	info->isa = platform.isa;
	info->frames = frame_boot_total();
	info->nodes = platform.n_nodes;
	for (unsigned i = 0; i < platform.n_nodes; i++)
		info->node_id[i] = platform.node_id[i];
	memcpy(info->distance, platform.distance, sizeof info->distance);
	for (unsigned i = 0; i < platform.n_memory; i++)
		info->memory += platform.memory[i].size;
	strncpy(info->version, PUDU_VERSION, sizeof info->version - 1);
	strncpy(info->bootargs, platform.bootargs, sizeof info->bootargs - 1);
}

_Noreturn void boot_main(uint64_t hart_id, uint64_t fdt, uint64_t image, uint64_t instret)
{
	struct options options;

	image_physical = image;
	boot_instret = instret;
	first_light(hart_id);
	uint64_t sbi = sbi_call(SBI_BASE, SBI_BASE_SPEC_VERSION, 0, 0, 0, 0).value;

	log_printf("Pudu %s at %#lx, boot hart %lu, SBI %lu.%lu\n", PUDU_VERSION, image, hart_id,
		   sbi >> 24, sbi & 0xffffff);
	read_platform(fdt, hart_id);
	read_bootargs(&options);
	if (options.slow)
		leave_out_short_ways();
	global->has_sstc = (platform.isa & PUDU_ISA_SSTC) != 0;
	global->has_fp = (platform.isa & PUDU_ISA_D) != 0;
	boot_frames();
	paging_boot(&platform, options.levels);
	vas_load_limit(options.asid_bits);
	if (platform.test_finisher != 0)
		power_boot(paging_device(platform.test_finisher));
	hart_boot(&platform, hart_id);
	fill_info();
	init_load(&platform, options.reserve);
	boot_enter_hart(this_hart);
}
