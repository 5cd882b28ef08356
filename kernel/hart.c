/* SPDX-License-Identifier: MIT */
/* hart.c - the harts: their pages, starting them, and what each sets up for itself. */
#include "kernel/hart.h"

#include "kernel/boot.h"
#include "kernel/fp.h"
#include "kernel/frame.h"
#include "kernel/image.h"
#include "kernel/log.h"
#include "kernel/paging.h"
#include "kernel/quiesce.h"
#include "kernel/sched.h"
#include "kernel/timer.h"
#include "kernel/trap.h"
#include "kernel/vas_load.h"
#include "riscv/csr.h"
#include "riscv/sbi.h"

/* A hart that is started either arrives in time, or is given up; whichever is first. */
enum arrival { AWAITED, ARRIVED, GIVEN_UP };

const uint64_t fp_zero[33];

static bool settle(struct hart *hart, enum arrival what)
{
	uint64_t before = AWAITED;

	return atomic_compare_exchange_strong(&hart->arrival, &before, what);
}

static void set_up(struct hart *hart, uint64_t id, unsigned node)
{
	hart->global = global;
	hart->id = id;
	hart->node = node;
	hart->slot = global->n_harts;
	hart->stack_top = paging_stack((unsigned)hart->slot);
	hart->free = &global->info->free[hart->slot];
	global->info->hart_id[hart->slot] = id;
	global->info->hart_node[hart->slot] = node;
	global->harts[global->n_harts++] = hart;
}

void hart_boot(const struct platform *platform, uint64_t boot_hart)
{
	set_up(this_hart, boot_hart, platform_node(platform, boot_hart));
	for (unsigned i = 0; i < platform->n_harts; i++) {
		if (platform->hart_id[i] == boot_hart)
			continue;
		struct hart *hart = frame_take(FRAME_FIXED);

		if (hart == NULL)
			panic("boot: no memory for hart %lu", platform->hart_id[i]);
		set_up(hart, platform->hart_id[i], platform->hart_node[i]);
	}
}

/* Sleep until an interrupt, or 100 us: a spinning hart can keep an emulator from running the
 * others. */
static void nap(void)
{
	uint64_t when = read_time() + global->timebase / 10000 + 1;

	if (global->has_sstc)
		csr_write(CSR_STIMECMP, when);
	else
		sbi_call(SBI_TIME, 0, when, 0, 0, 0);
	csr_set(sie, 1 << INTERRUPT_TIMER);
	wait_for_interrupt();
}

static bool call_firmware(struct hart *hart)
{
	struct sbi_result result =
		sbi_call(SBI_HSM, SBI_HSM_HART_START, hart->id,
			 image_phys((void *)(uintptr_t)boot_other), (uintptr_t)hart, 0);
	if (result.error != 0)
		log_printf("hart %lu: the firmware does not start it, error %ld\n", hart->id,
			   result.error);
	return result.error == 0;
}

static bool start(struct hart *hart)
{
	uint64_t limit = read_time() + global->timebase;

	if (!call_firmware(hart))
		return false;
	/* acquire: pairs with settle in hart_main */
	while (atomic_load_explicit(&hart->arrival, memory_order_acquire) == AWAITED) {
		if (read_time() > limit && settle(hart, GIVEN_UP)) {
			log_printf("hart %lu: it was started and did not come\n", hart->id);
			return false;
		}
		nap();
		/* It came to the wrong place, see boot_lost in asm/boot.S. */
		if (sbi_call(SBI_HSM, SBI_HSM_HART_STATUS, hart->id, 0, 0, 0).value ==
			    SBI_HSM_STOPPED &&
		    atomic_load(&hart->arrival) == AWAITED && !call_firmware(hart))
			return false;
	}
	return true;
}

void hart_start_others(void)
{
	uint64_t n = global->n_harts;

	/* Those that come get the slots in a row: a slot is known when its hart has come. */
	global->n_harts = 1;
	for (uint64_t i = 1; i < n; i++) {
		struct hart *hart = global->harts[i];

		hart->slot = global->n_harts;
		hart->free = &global->info->free[hart->slot];
		if (!start(hart))
			continue;
		global->info->hart_id[hart->slot] = hart->id;
		global->info->hart_node[hart->slot] = hart->node;
		global->harts[global->n_harts++] = hart;
	}
	global->info->harts = global->n_harts;
}

/* Of all harts that came: what the one with the least has. No address space was loaded yet. */
static void choose_asids(void)
{
	uint64_t bits = ~0ull;

	for (unsigned s = 0; s < global->n_harts; s++)
		if (global->harts[s]->asid_bits < bits)
			bits = global->harts[s]->asid_bits;
	global->info->asid_bits = vas_load_start(bits);
	log_printf("harts: %lu; address-space ids: %lu bits\n", global->n_harts,
		   global->info->asid_bits);
}

/* What user mode may read and do: counters and time, floating point; no vectors. */
static void set_up_csrs(void)
{
	csr_write(stvec, (uintptr_t)trap_entry);
	csr_write(sscratch, 0);
	csr_write(scounteren, 7);
	csr_clear(sstatus, SSTATUS_SPP | SSTATUS_FS | SSTATUS_VS);
#ifndef PUDU_DEBUG
	csr_set(sstatus, SSTATUS_SUM); /* else only asm/access.S sets it */
#else
	csr_clear(sstatus, SSTATUS_SUM);
#endif
	if (global->has_fp) {
		csr_set(sstatus, SSTATUS_FS_INITIAL);
		fp_load_registers(fp_zero); /* firmware may have left something */
		fp_set_clean();
	}
}

_Noreturn void hart_main(void)
{
	set_up_csrs();
	fence_i();
	this_hart->asid_bits = vas_load_probe();
	if (!settle(this_hart, ARRIVED))
		for (;;) {
			csr_write(sie, 0);
			wait_for_interrupt();
		}
	if (this_hart->slot == 0) {
		hart_start_others();
		choose_asids();
	}
	timer_boot();
	csr_write(sie, 1 << INTERRUPT_SOFTWARE | 1 << INTERRUPT_TIMER);
	if (this_hart->slot == 0)
		init_start();
	quiesce_note();

	struct executor *first = sched_next();

	if (global->info->boot_instructions == 0)
		global->info->boot_instructions = csr_read(instret) - boot_instret;
	trap_resume(first);
}
