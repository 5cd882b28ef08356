/* SPDX-License-Identifier: MIT */
/* dtb_memory.c - RAM, what is reserved in it, and the initrd. */
#include "kernel/dtb_tree.h"

static bool touch(const struct range *a, const struct range *b)
{
	return a->base <= b->base + b->size && b->base <= a->base + a->size;
}

static struct range join(const struct range *a, const struct range *b)
{
	uint64_t base = a->base < b->base ? a->base : b->base;
	uint64_t a_end = a->base + a->size, b_end = b->base + b->size;

	return (struct range){ base, (a_end > b_end ? a_end : b_end) - base };
}

static bool overlap(const struct range *a, const struct range *b)
{
	return a->base < b->base + b->size && b->base < a->base + a->size;
}

/* A range that is in two NUMA nodes is taken for a part of the first that was told. */
static unsigned first_told(const struct dtb *dtb, int node, const struct range *range)
{
	unsigned numa = dtb_numa_node(dtb, node);

	for (unsigned i = 0; i < dtb->out->n_memory; i++) {
		unsigned other = dtb->out->memory_node[i];

		if (other == numa || !overlap(&dtb->out->memory[i], range))
			continue;
		dtb_note(dtb, node, "RAM at 0x%llx is in another NUMA node, too: %lu is believed",
			 (unsigned long long)range->base, (unsigned long)dtb->out->node_id[other]);
		return other;
	}
	return numa;
}

static void put_bank(struct platform *out, unsigned place, struct range range, unsigned numa)
{
	out->memory[place] = range;
	out->memory_node[place] = (uint8_t)numa;
}

/* Put @range among the banks, joined with all of its NUMA node that it touches, in order. */
static void add_bank(const struct dtb *dtb, int node, struct range range)
{
	struct platform *out = dtb->out;
	unsigned numa = first_told(dtb, node, &range), n = 0, place;

	for (unsigned i = 0; i < out->n_memory; i++) {
		const struct range *bank = &out->memory[i];

		if (overlap(bank, &range) || (out->memory_node[i] == numa && touch(bank, &range)))
			range = join(bank, &range);
		else
			put_bank(out, n++, *bank, out->memory_node[i]);
	}
	out->n_memory = n;
	if (n == PLATFORM_BANKS) {
		dtb_note(dtb, node, "more than %d banks of RAM: 0x%llx bytes at 0x%llx are left",
			 PLATFORM_BANKS, (unsigned long long)range.size,
			 (unsigned long long)range.base);
		return;
	}
	for (place = n; place > 0 && out->memory[place - 1].base > range.base; place--)
		put_bank(out, place, out->memory[place - 1], out->memory_node[place - 1]);
	put_bank(out, place, range, numa);
	out->n_memory++;
}

static int add_banks(const struct dtb *dtb)
{
	struct dtb_cells cells;
	int node;

	if (dtb_cells_of(dtb, 0, &cells) != 0)
		return -1;
	fdt_for_each_subnode(node, dtb->fdt, 0)
	{
		struct range range;
		unsigned at = 0;
		int found;

		if (!dtb_string_is(dtb, node, "device_type", "memory") || !dtb_available(dtb, node))
			continue;
		while ((found = dtb_reg(dtb, node, &cells, &at, &range)) == 1)
			if (range.size != 0)
				add_bank(dtb, node, range);
		if (found < 0)
			return -1;
	}
	if (dtb->out->n_memory == 0)
		return dtb_fail(dtb, DTB_NO_NODE, "no RAM: no memory node with a reg");
	return 0;
}

static int add_reserved(const struct dtb *dtb, int node, uint64_t base, uint64_t size)
{
	struct platform *out = dtb->out;

	if (size == 0)
		return 0;
	if (base + size < base)
		return dtb_fail(dtb, node, "reserved range 0x%llx + 0x%llx overflows",
				(unsigned long long)base, (unsigned long long)size);
	if (out->n_reserved == PLATFORM_RESERVED)
		return dtb_fail(dtb, node, "more than %u reserved ranges", PLATFORM_RESERVED);
	out->reserved[out->n_reserved++] = (struct range){ base, size };
	return 0;
}

static int add_reserve_block(const struct dtb *dtb)
{
	int n = fdt_num_mem_rsv(dtb->fdt);

	for (int i = 0; i < n; i++) {
		uint64_t base, size;

		if (fdt_get_mem_rsv(dtb->fdt, i, &base, &size) != 0)
			return dtb_fail(dtb, DTB_NO_NODE, "memory reservation %d can't be read", i);
		if (add_reserved(dtb, DTB_NO_NODE, base, size) != 0)
			return -1;
	}
	return 0;
}

/*
 * The children of /reserved-memory, with or without no-map: the kernel uses none of them. Those
 * with only a size have no place yet, and ask for one that nobody here will use.
 */
static int add_reserved_nodes(const struct dtb *dtb)
{
	int parent = fdt_path_offset(dtb->fdt, "/reserved-memory"), node;
	struct dtb_cells cells;

	if (parent < 0)
		return 0;
	/* The binding wants the same cells as in the root; who forgets them means these. */
	int cells_of = fdt_getprop(dtb->fdt, parent, "#address-cells", NULL) == NULL ? 0 : parent;

	if (dtb_cells_of(dtb, cells_of, &cells) != 0)
		return -1;
	fdt_for_each_subnode(node, dtb->fdt, parent)
	{
		struct range range;
		unsigned at = 0;
		int found;

		if (!dtb_available(dtb, node))
			continue;
		while ((found = dtb_reg(dtb, node, &cells, &at, &range)) == 1)
			if (add_reserved(dtb, node, range.base, range.size) != 0)
				return -1;
		if (found < 0)
			return -1;
		if (at == 0 && fdt_getprop(dtb->fdt, node, "size", NULL) == NULL)
			dtb_note(dtb, node, "neither reg nor size: reserves nothing");
	}
	return 0;
}

static bool is_ram(const struct platform *platform, uint64_t start, uint64_t end)
{
	for (unsigned i = 0; i < platform->n_memory; i++) {
		const struct range *ram = &platform->memory[i];

		if (start < ram->base || start >= ram->base + ram->size)
			continue;
		if (end <= ram->base + ram->size)
			return true;
		start = ram->base + ram->size; /* it may go on in the next bank */
	}
	return false;
}

static int add_initrd(const struct dtb *dtb)
{
	int chosen = fdt_path_offset(dtb->fdt, "/chosen");
	uint64_t start = 0, end = 0;

	if (chosen < 0)
		return 0;

	int has_start = dtb_number(dtb, chosen, "linux,initrd-start", &start);
	int has_end = has_start < 0 ? -1 : dtb_number(dtb, chosen, "linux,initrd-end", &end);

	if (has_end < 0)
		return -1;
	if (has_start != has_end)
		return dtb_fail(dtb, chosen, "linux,initrd-%s is missing",
				has_start ? "end" : "start");
	if (start == end)
		return 0;
	if (end < start)
		return dtb_fail(dtb, chosen, "linux,initrd-end 0x%llx is before the start, 0x%llx",
				(unsigned long long)end, (unsigned long long)start);
	if (!is_ram(dtb->out, start, end))
		return dtb_fail(dtb, chosen, "the initrd, 0x%llx to 0x%llx, is not in RAM",
				(unsigned long long)start, (unsigned long long)end);
	dtb->out->initrd_start = start;
	dtb->out->initrd_end = end;
	return add_reserved(dtb, chosen, start, end - start);
}

int dtb_memory(const struct dtb *dtb)
{
	if (add_banks(dtb) != 0 || add_reserve_block(dtb) != 0 || add_reserved_nodes(dtb) != 0 ||
	    add_initrd(dtb) != 0)
		return -1;
	return add_reserved(dtb, DTB_NO_NODE, dtb->out->fdt_base, dtb->out->fdt_size);
}
