/* SPDX-License-Identifier: MIT */
/* machine.c - see fuzz.h: RAM, objects, handles, and what the kernel's files call elsewhere. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/graves.h"
#include "kernel/quiesce.h"
#include "kernel/sched.h"
#include "kernel/timer.h"
#include "kernel/tlb.h"
#include "kernel/user.h"

#include "../../kernel/frame_boot.c"
bool kernel_budget_take(struct vas *vas, uint64_t pages);
#define budget_take kernel_budget_take /* the machine looks at the answers */
#include "../../kernel/budget.c"
#undef budget_take

static struct global the_global;
struct global *global = &the_global;
_Thread_local struct hart *this_hart;
static struct hart the_hart;
static struct executor the_executor;
static struct pudu_info the_info;
static struct platform platform;

struct vas *space[SPACES];
void *object[OBJECTS];
const uint64_t object_type[OBJECTS] = { PTE_EXECUTOR, PTE_VAS, PTE_ROOT };
struct refusal refusal;
uint64_t hostages, base_frames, code_shots;
bool helped;
static void *hostage_chain;
static struct block *hostage_block[RAM_FRAMES / 512];
static unsigned hostage_blocks;

bool budget_take(struct vas *vas, uint64_t pages)
{
	bool fits = kernel_budget_take(vas, pages);
	uint64_t account = vas->account;

	other_hart_runs(true); /* in the middle of a step */
	if (!fits) {
		must(budget_used(account) + pages > budget_limit(account),
		     "a charge that fits is refused");
		refusal.n++;
		refusal.pages = pages > refusal.pages ? pages : refusal.pages;
	}
	return fits;
}

static void make_ram(void)
{
	void *at = virt(RAM);

	if (the_global.info == NULL &&
	    mmap(at, RAM_BYTES, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != at)
		fail("no memory at %p", at);
}

static void make_objects(void)
{
	struct executor *executor = frame_take(FRAME_EXECUTOR);

	executor->resource.tag = 0x700 | RESOURCE_EXECUTOR;
	object[0] = executor;
	object[1] = space[1];
	object[2] = virt(FIXED - PAGE_SIZE); /* of a frame that is reserved, too */
}

void machine_boot(unsigned levels)
{
	make_ram();
	memset(&the_global, 0, sizeof the_global);
	memset(&the_hart, 0, sizeof the_hart);
	memset(&platform, 0, sizeof platform);
	memset(frame_banks, 0, sizeof frame_banks);
	frame_n_banks = n_taken = 0;
	total = 0;
	memset(&the_info, 0, sizeof the_info);
	the_global.info = &the_info;
	the_global.n_harts = 1;
	the_global.harts[0] = &the_hart;
	the_global.resource.tag = 0x500 | RESOURCE_ROOT;
	the_hart.free = &the_info.free[0];
	this_hart = &the_hart;
	platform.memory[0] = (struct range){ RAM, RAM_BYTES };
	platform.n_memory = 1;
	struct range reserved = { FIXED - PAGE_SIZE, (FIXED_FRAMES + 1) * PAGE_SIZE };
	const char *problem = frame_boot(&platform, &reserved, 1);

	must(problem == NULL, "%s", problem);
	pt_levels = levels;
	for (unsigned i = 0; i < SPACES; i++) {
		space[i] = frame_take(FRAME_VAS);
		budget_carve(space[i], 1000);
		space[i]->resource.tag = (i + 1) << 8 | RESOURCE_VAS;
	}
	make_objects();
	mmu_boot(&the_executor);
	atomic_store(&the_hart.current, &the_executor);
	hostages = 0, hostage_blocks = 0, hostage_chain = NULL;
	base_frames = frame_boot_total() - (uint64_t)machine_free_frames();
}

int64_t machine_free_frames(void)
{
	return the_info.free[0].frames;
}

void take_hostages(uint64_t leave)
{
	void *page;

	while ((uint64_t)machine_free_frames() >= leave + 512 &&
	       (hostage_block[hostage_blocks] = blocks_take_whole()) != NULL) {
		hostage_blocks++, hostages += 512;
		this_hart->free->frames -= 512;
	}
	while ((uint64_t)machine_free_frames() > leave &&
	       (page = frame_take_any(FRAME_FIXED)) != NULL) {
		*(void **)page = hostage_chain;
		hostage_chain = page;
		hostages++;
	}
}

void free_hostages(void)
{
	while (hostage_blocks > 0) {
		blocks_give_whole(hostage_block[--hostage_blocks]);
		this_hart->free->frames += 512;
	}
	while (hostage_chain != NULL) {
		void *page = hostage_chain;

		hostage_chain = *(void **)page;
		frame_give(page, frame_of(phys(page)));
	}
	hostages = 0;
}

/* Handles: above those of the model, an address tells all. */
uint64_t handle_of(unsigned i, bool writable)
{
	return PUDU_HANDLE(4096ull + 2 * i + writable);
}

static struct handle_result handle_open(uint64_t handle, bool write)
{
	uint64_t number = (handle - handle_of(0, false)) / PAGE_SIZE;

	if (handle < handle_of(0, false) || handle % PAGE_SIZE != 0 || number >= 2 * SPACES)
		return (struct handle_result){ .status = PUDU_ERR_HANDLE };
	if (write && number % 2 == 0)
		return (struct handle_result){ .status = PUDU_ERR_RIGHT };
	return (struct handle_result){ .page = space[number / 2] };
}

struct handle_result handle_open_read(uint64_t handle, uint64_t kind)
{
	must(kind == RESOURCE_VAS, "a call opens no address space");
	return handle_open(handle, false);
}

struct handle_result handle_open_write(uint64_t handle, uint64_t kind)
{
	must(kind == RESOURCE_VAS, "a call opens no address space");
	return handle_open(handle, true);
}

void tlb_shoot_code(void)
{
	code_shots++;
}

struct loaded access_load32(uint64_t address)
{
	fail("access_load32(%#lx): no call here loads words", (unsigned long)address);
}

static void object_put(void *page)
{
	must(!frame_put(frame_of(phys(page))), "the last reference of an object is dropped");
}

void executor_put(struct executor *executor)
{
	object_put(executor);
}

void vas_put(struct vas *vas)
{
	object_put(vas);
}

void vas_owe(struct vas *vas, uint64_t pages)
{
	fail("vas_owe(%p, %llu): no address space is closed", (void *)vas,
	     (unsigned long long)pages);
}

bool vas_drop(struct vas *vas)
{
	fail("vas_drop(%p): no address space is closed", (void *)vas);
}

uint64_t vas_pages(void)
{
	return 1;
}

void graves_help(void)
{
	helped = true;
}

void quiesce_note_slowly(void) {}

void sched_interrupt(struct hart *hart)
{
	(void)hart;
}

void timer_nap(uint64_t parts)
{
	fail("a lock is waited for (%lu)", (unsigned long)parts);
}
