/* SPDX-License-Identifier: MIT */
/*
 * meter.c - a plugin of QEMU: how many instructions of the kernel run from an entry to its end.
 *
 * Interrupts are off in the kernel, so this is how long a hart can't be interrupted. An entry
 * begins at the kernel's trap vector. It ends with the last sret before the next entry, or where an
 * idle hart has looked for interrupts: the kernel marks that by a HINT (include/riscv/mark.h). What
 * ends in neither way is not counted: boot, panic, power off.
 *
 * Apart are counted: instructions of the firmware, and waiting for a lock or for the owner of an
 * executor, from the first PAUSE to the return of the function that has it: how long the other hart
 * holds it is that one's entry.
 *
 * Only blocks of the kernel and of the firmware are instrumented, so programs run at full speed.
 */
#include <stdlib.h>
#include <string.h>

#include "function.h"
#include "watch.h"

enum {
	ENTRY = 0x140f9ff3, /* csrrw t6, sscratch, t6: the first instruction of the trap vector */
	SRET = 0x10200073,
	RETURN = 0x00000067, /* jr: a jump to what a register has */
	RETURN_MASK = 0xfff07fff,
	PAUSE = 0x0100000f,
	MARK_IDLE_ROUND = 0x00102013, /* slti zero, zero, 1 */
};

/* A translated block of the kernel; it lives as long as QEMU. */
struct block {
	uint64_t pc;
	struct function *function;
	unsigned instructions;
	enum rank rank; /* of the function */
	bool enters, leaves, returns;
};

/* What a hart does. Only the thread that plays it touches this, until the end. */
static struct hart {
	bool counts, left;
	enum rank rank; /* of the function */
	struct function *function;
	const struct function *waits; /* for a lock, in this function; NULL: it does not */
	uint64_t instructions, next_sample;
	uint64_t firmware, waited;
	unsigned taken; /* samples */
	uint64_t samples[SAMPLES];
} __attribute__((aligned(128))) harts[HARTS];

static struct function *idle;
static char *result_path;

static void end_entry(struct hart *hart)
{
	struct worst *worst = &hart->function->worst[hart - harts];

	hart->counts = false;
	if (hart->firmware > worst->most_firmware)
		worst->most_firmware = hart->firmware;
	if (hart->instructions <= worst->instructions)
		return;
	worst->instructions = hart->instructions;
	worst->firmware = hart->firmware;
	worst->waited = hart->waited;
	memset(worst->samples, 0, sizeof worst->samples);
	memcpy(worst->samples, hart->samples, hart->taken * sizeof hart->samples[0]);
}

static void begin_entry(struct hart *hart, struct function *function)
{
	hart->function = function;
	hart->rank = function->rank;
	hart->next_sample = STEP;
	hart->instructions = hart->firmware = hart->waited = 0;
	hart->waits = NULL;
	hart->taken = 0;
	hart->counts = true;
	hart->left = false;
}

static void take_sample(struct hart *hart, uint64_t pc)
{
	hart->next_sample += STEP;
	if (hart->taken < SAMPLES)
		hart->samples[hart->taken++] = pc;
}

static inline void count(struct hart *hart, const struct block *block)
{
	if (block->rank > hart->rank) {
		hart->rank = block->rank;
		hart->function = block->function;
	}
	hart->instructions += block->instructions;
	if (hart->instructions >= hart->next_sample)
		take_sample(hart, block->pc);
}

static void kernel_runs(unsigned index, void *data)
{
	const struct block *block = data;
	struct hart *hart = &harts[watch_hart()];

	(void)index;
	if (block->enters && hart->left) {
		if (hart->counts)
			end_entry(hart);
		begin_entry(hart, block->function);
	}
	/* An sret to the kernel itself, after a fault there, is no end. */
	hart->left = block->leaves;
	if (!hart->counts)
		return;
	if (hart->waits == block->function && block->returns)
		hart->waits = NULL;
	if (hart->waits != NULL)
		hart->waited += block->instructions;
	else
		count(hart, block);
}

static void firmware_runs(unsigned index, void *data)
{
	struct hart *hart = &harts[watch_hart()];

	(void)index;
	if (hart->counts && !hart->left)
		hart->firmware += (uintptr_t)data;
}

/* @data: how many instructions of the block follow. */
static void idle_round(unsigned index, void *data)
{
	struct hart *hart = &harts[watch_hart()];
	uintptr_t after = (uintptr_t)data;

	(void)index;
	if (hart->counts) {
		hart->instructions -= after;
		end_entry(hart);
	}
	begin_entry(hart, idle);
	hart->instructions = after;
}

/* @data: the function. */
static void pauses(unsigned index, void *data)
{
	(void)index;
	harts[watch_hart()].waits = data;
}

/* The functions that only wait: a PAUSE elsewhere does not stop the count. */
static bool only_waits(const struct function *function)
{
	return strncmp(function->name, "mcs_", 4) == 0 ||
	       strcmp(function->name, "wait_to_own") == 0;
}

static void translate_kernel(struct qemu_plugin_tb *translated)
{
	struct block *block = calloc(1, sizeof *block);
	const char *name = qemu_plugin_insn_symbol(qemu_plugin_tb_get_insn(translated, 0));

	if (block == NULL)
		abort();
	block->pc = qemu_plugin_tb_vaddr(translated);
	block->function = function_of(name != NULL ? name : "");
	block->rank = block->function->rank;
	block->instructions = (unsigned)qemu_plugin_tb_n_insns(translated);
	for (unsigned index = 0; index < block->instructions; index++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(translated, index);
		uint32_t word = watch_word(instruction);

		if (word == ENTRY && index == 0)
			block->enters = true;
		else if (word == SRET)
			block->leaves = true;
		else if ((word & RETURN_MASK) == RETURN)
			block->returns = true;
		else if (word == MARK_IDLE_ROUND)
			watch(instruction, idle_round,
			      (void *)(uintptr_t)(block->instructions - index - 1));
		else if (word == PAUSE && only_waits(block->function))
			watch(instruction, pauses, block->function);
	}
	qemu_plugin_register_vcpu_tb_exec_cb(translated, kernel_runs, PLUGIN_WITHOUT_REGS, block);
}

static void translate(plugin_id id, struct qemu_plugin_tb *translated)
{
	uint64_t pc = qemu_plugin_tb_vaddr(translated);

	(void)id;
	if (pc >> 63)
		translate_kernel(translated);
	else if (pc >= FIRMWARE_START && pc < FIRMWARE_END)
		qemu_plugin_register_vcpu_tb_exec_cb(translated, firmware_runs, PLUGIN_WITHOUT_REGS,
						     (void *)qemu_plugin_tb_n_insns(translated));
}

static void write_result(plugin_id id, void *data)
{
	(void)id;
	(void)data;
	for (struct hart *hart = harts; hart < harts + HARTS; hart++)
		if (hart->counts && hart->left)
			end_entry(hart);
	functions_write(result_path);
}

int qemu_plugin_install(plugin_id id, const struct plugin_info *info, int count, char **words)
{
	if (!watch_start(info))
		return 0;
	idle = function_of(NAME_IDLE);
	if (count > 0 && strncmp(words[0], "result=", 7) == 0) {
		result_path = strdup(words[0] + 7);
		qemu_plugin_register_atexit_cb(id, write_result, NULL);
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
