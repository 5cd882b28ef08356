/* SPDX-License-Identifier: MIT */
/*
 * dtb_cpus.c - the harts that can run the kernel, what all of them have, and the timebase.
 *
 * A hart that is not fit must not be started: on some firmware that succeeds, and ends the
 * firmware. So a node counts only if all of it says paging and the ISA of the programs.
 */
#include <string.h>

#include "kernel/dtb_tree.h"
#include "kernel/isa.h"

/* What a cpu node says. */
struct cpu {
	uint64_t id;
	uint64_t isa;	 /* PUDU_ISA_* */
	unsigned levels; /* 0: no paging */
	unsigned numa;	 /* index of its NUMA node */
};

static unsigned read_levels(const struct dtb *dtb, int node)
{
	const char *mode = dtb_string(dtb, node, "mmu-type");

	if (mode == NULL || strncmp(mode, "riscv,sv", 8) != 0 || strcmp(mode, "riscv,sv32") == 0)
		return 0;
	return strcmp(mode, "riscv,sv39") == 0 ? 3 : 4; /* Sv57 contains Sv48 */
}

static uint64_t read_isa(const struct dtb *dtb, int node)
{
	int size;
	const char *list = fdt_getprop(dtb->fdt, node, "riscv,isa-extensions", &size);

	if (list != NULL && dtb_string_is(dtb, node, "riscv,isa-base", "rv64i"))
		return isa_of_list(list, (size_t)size);

	const char *isa = dtb_string(dtb, node, "riscv,isa");

	return isa == NULL ? 0 : isa_of_string(isa);
}

static int read_cpu(const struct dtb *dtb, int node, uint32_t cells, struct cpu *cpu)
{
	int size;
	const fdt32_t *reg = fdt_getprop(dtb->fdt, node, "reg", &size);

	if (reg == NULL || size != (int)cells * 4)
		return dtb_fail(dtb, node, "reg is not %lu bytes: #address-cells of /cpus is %lu",
				(unsigned long)cells * 4, (unsigned long)cells);
	cpu->id = fdt32_ld(reg);
	if (cells == 2)
		cpu->id = cpu->id << 32 | fdt32_ld(reg + 1);
	cpu->isa = read_isa(dtb, node);
	cpu->levels = read_levels(dtb, node);
	cpu->numa = dtb_numa_node(dtb, node);
	return 0;
}

/* NULL: @cpu can run the kernel and its programs; else what it lacks. */
static const char *unfit(const struct dtb *dtb, int node, const struct cpu *cpu)
{
	if (!dtb_available(dtb, node))
		return "status is not okay";
	if (cpu->levels == 0)
		return "mmu-type is absent or names no paging";
	if ((cpu->isa & PUDU_ISA_F) == 0 || (cpu->isa & PUDU_ISA_D) == 0)
		return "its ISA has no F and D";
	if (dtb_compatible(dtb, node, "sifive,s7"))
		return "it is a monitor core (sifive,s7)";
	return NULL;
}

/* The boot hart has a place, if need be that of the last one. */
static void take_hart(const struct dtb *dtb, uint64_t id, unsigned numa)
{
	struct platform *out = dtb->out;

	if (out->n_harts < PUDU_MAX_HARTS)
		out->n_harts++;
	else if (id != dtb->boot_hart)
		return;
	out->hart_id[out->n_harts - 1] = id;
	out->hart_node[out->n_harts - 1] = (uint8_t)numa;
}

/* Result: 1, 0: it is not fit, -1: error. */
static int add_cpu(const struct dtb *dtb, int node, const struct cpu *cpu)
{
	struct platform *out = dtb->out;
	const char *lacks = unfit(dtb, node, cpu);

	if (lacks != NULL && cpu->id != dtb->boot_hart)
		return 0;
	if (lacks != NULL)
		dtb_note(dtb, node, "%s, but it is the boot hart: it is used", lacks);
	for (unsigned i = 0; i < out->n_harts; i++)
		if (out->hart_id[i] == cpu->id)
			return dtb_fail(dtb, node, "hart id %llu is that of another node too",
					(unsigned long long)cpu->id);

	unsigned levels = cpu->levels == 0 ? 3 : cpu->levels;

	out->isa &= cpu->isa;
	if (out->mmu_levels == 0 || levels < out->mmu_levels)
		out->mmu_levels = levels;
	take_hart(dtb, cpu->id, cpu->numa);
	return 1;
}

static bool has_boot_hart(const struct dtb *dtb)
{
	for (unsigned i = 0; i < dtb->out->n_harts; i++)
		if (dtb->out->hart_id[i] == dtb->boot_hart)
			return true;
	return false;
}

/* No node describes the hart that runs this: believe what is said of the others. */
static void add_boot_hart(const struct dtb *dtb, int cpus)
{
	dtb_note(dtb, cpus, "no cpu has the id of the boot hart, %llu: it is used all the same",
		 (unsigned long long)dtb->boot_hart);
	if (dtb->out->n_harts == 0) {
		dtb->out->isa = 0;
		dtb->out->mmu_levels = 3;
	}
	take_hart(dtb, dtb->boot_hart, 0);
}

/* In /cpus, or in old trees in a cpu node. */
static int read_timebase(const struct dtb *dtb, int cpus)
{
	int found = dtb_number(dtb, cpus, "timebase-frequency", &dtb->out->timebase);
	int node;

	fdt_for_each_subnode(node, dtb->fdt, cpus)
	{
		if (found != 0)
			break;
		found = dtb_number(dtb, node, "timebase-frequency", &dtb->out->timebase);
	}
	if (found < 0)
		return -1;
	if (found == 0 || dtb->out->timebase == 0)
		return dtb_fail(dtb, cpus, "timebase-frequency is %s",
				found == 0 ? "missing" : "0");
	return 0;
}

/* Result: how many harts are fit, or -1. */
static int add_cpus(const struct dtb *dtb, int cpus, uint32_t cells)
{
	int node, n = 0;

	fdt_for_each_subnode(node, dtb->fdt, cpus)
	{
		struct cpu cpu = { 0 };

		if (!dtb_string_is(dtb, node, "device_type", "cpu"))
			continue;
		dtb->out->n_harts_described++;

		int added = read_cpu(dtb, node, cells, &cpu) != 0 ? -1 : add_cpu(dtb, node, &cpu);

		if (added < 0)
			return -1;
		n += added;
	}
	return n;
}

int dtb_cpus(const struct dtb *dtb)
{
	int cpus = fdt_path_offset(dtb->fdt, "/cpus"), n;
	uint64_t cells = 2;

	if (cpus < 0)
		return dtb_fail(dtb, DTB_NO_NODE, "there is no /cpus");
	if (dtb_number(dtb, cpus, "#address-cells", &cells) < 0)
		return -1;
	if (cells != 1 && cells != 2)
		return dtb_fail(dtb, cpus, "#address-cells is not 1 or 2");

	dtb->out->isa = ~0ull;
	n = add_cpus(dtb, cpus, (uint32_t)cells);
	if (n < 0)
		return -1;
	if (n > PUDU_MAX_HARTS)
		dtb_note(dtb, cpus, "%d harts, of which Pudu uses %d", n, PUDU_MAX_HARTS);
	if (!has_boot_hart(dtb))
		add_boot_hart(dtb, cpus);
	return read_timebase(dtb, cpus);
}
