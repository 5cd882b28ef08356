/* SPDX-License-Identifier: MIT */
/*
 * dtb_numa.c - NUMA nodes: which there are, and how far they are from each other.
 *
 * Source: Devicetree binding "numa" (numa-node-id, numa-distance-map-v1). What is wrong with it
 * costs speed and nothing else, so it is noted and passed over.
 */
#include "kernel/dtb_tree.h"

#define LOCAL	     10	 /* distance of a node to itself */
#define REMOTE	     20	 /* to another one that the tree does not tell */
#define DISTANCE_MAX 254 /* 255 is "no way" in firmware tables */
#define ENTRY_CELLS  3	 /* node, node, distance */
#define ENTRY_BYTES  (ENTRY_CELLS * 4)
#define UNKNOWN	     PLATFORM_NODES
#define NUMA_NODE_ID "numa-node-id"

/* Result: 1; 0: absent; -1: not one cell. */
static int read_id(const struct dtb *dtb, int node, uint32_t *id)
{
	int size;
	const fdt32_t *value = fdt_getprop(dtb->fdt, node, NUMA_NODE_ID, &size);

	if (value == NULL)
		return 0;
	if (size != 4)
		return -1;
	*id = fdt32_ld(value);
	return 1;
}

/* The index of the node with this id, or UNKNOWN. */
static unsigned index_of(const struct platform *platform, uint32_t id)
{
	for (unsigned i = 0; i < platform->n_nodes; i++)
		if (platform->node_id[i] == id)
			return i;
	return UNKNOWN;
}

unsigned dtb_numa_node(const struct dtb *dtb, int node)
{
	uint32_t id;
	unsigned index = read_id(dtb, node, &id) == 1 ? index_of(dtb->out, id) : UNKNOWN;

	return index == UNKNOWN ? 0 : index;
}

/* Put the id of a memory or cpu node among those that are known, in order. */
static void add_id(const struct dtb *dtb, int node)
{
	struct platform *out = dtb->out;
	uint32_t id;
	int found = read_id(dtb, node, &id);
	unsigned place;

	if (found < 0)
		dtb_note(dtb, node, NUMA_NODE_ID " is not 4 bytes: passed over");
	if (found != 1 || index_of(out, id) != UNKNOWN)
		return;
	if (out->n_nodes == PLATFORM_NODES) {
		dtb_note(dtb, node, "more than %d NUMA nodes: %lu is passed over", PLATFORM_NODES,
			 (unsigned long)id);
		return;
	}
	for (place = out->n_nodes++; place > 0 && out->node_id[place - 1] > id; place--)
		out->node_id[place] = out->node_id[place - 1];
	out->node_id[place] = id;
}

/* The ids of the children of @parent with this device_type. */
static void add_ids(const struct dtb *dtb, int parent, const char *device_type)
{
	int node;

	fdt_for_each_subnode(node, dtb->fdt, parent)
	{
		if (dtb_string_is(dtb, node, "device_type", device_type) &&
		    dtb_available(dtb, node))
			add_id(dtb, node);
	}
}

static void read_entry(const struct dtb *dtb, int node, const fdt32_t *cell)
{
	uint32_t from = fdt32_ld(cell), to = fdt32_ld(cell + 1), distance = fdt32_ld(cell + 2);
	unsigned a = index_of(dtb->out, from), b = index_of(dtb->out, to);

	if (a == UNKNOWN || b == UNKNOWN)
		dtb_note(dtb, node, "distance of %lu and %lu: no such nodes", (unsigned long)from,
			 (unsigned long)to);
	else if (a == b ? distance != LOCAL : distance <= LOCAL || distance > DISTANCE_MAX)
		dtb_note(dtb, node, "distance of %lu and %lu is %lu: passed over",
			 (unsigned long)from, (unsigned long)to, (unsigned long)distance);
	else
		dtb->out->distance[a][b] = (uint8_t)distance;
}

static void read_map(const struct dtb *dtb, int node)
{
	int size, at = 0;
	const fdt32_t *matrix = fdt_getprop(dtb->fdt, node, "distance-matrix", &size);

	if (matrix == NULL) {
		dtb_note(dtb, node, "no distance-matrix");
		return;
	}
	for (; size - at >= ENTRY_BYTES; at += ENTRY_BYTES)
		read_entry(dtb, node, matrix + at / 4);
	if (at != size)
		dtb_note(dtb, node, "distance-matrix: %d bytes at its end are passed over",
			 size - at);
}

/* What is told of one direction goes for both. */
static void complete(struct platform *out)
{
	for (unsigned a = 0; a < out->n_nodes; a++)
		for (unsigned b = 0; b < a; b++) {
			uint8_t *there = &out->distance[a][b], *back = &out->distance[b][a];

			if (*there == 0)
				*there = *back != 0 ? *back : REMOTE;
			if (*back == 0)
				*back = *there;
		}
	for (unsigned a = 0; a < out->n_nodes; a++)
		out->distance[a][a] = LOCAL;
}

void dtb_numa(const struct dtb *dtb)
{
	int cpus = fdt_path_offset(dtb->fdt, "/cpus"), node;

	add_ids(dtb, 0, "memory");
	if (cpus >= 0)
		add_ids(dtb, cpus, "cpu");
	if (dtb->out->n_nodes == 0)
		dtb->out->n_nodes = 1;
	fdt_for_each_subnode(node, dtb->fdt, 0)
	{
		if (dtb_compatible(dtb, node, "numa-distance-map-v1"))
			read_map(dtb, node);
	}
	complete(dtb->out);
}
