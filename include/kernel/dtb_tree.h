/* SPDX-License-Identifier: MIT */
/* dtb_tree.h - what the files behind dtb.h share: messages, properties, reg. */
#ifndef KERNEL_DTB_TREE_H
#define KERNEL_DTB_TREE_H

#include <libfdt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/platform.h"

#define DTB_NO_NODE (-1)

/* A reading of a tree. */
struct dtb {
	const void *fdt; /* checked by dtb_check() */
	struct platform *out;
	uint64_t boot_hart;
	char *why;
	size_t why_size;
};

/* #address-cells and #size-cells of the parent of a node with a reg: each 1 or 2. */
struct dtb_cells {
	uint32_t address, size;
};

/* dtb_fail - write "device tree: PATH: ..." to dtb->why. @node: or DTB_NO_NODE. Result: -1. */
__attribute__((format(printf, 3, 4))) int dtb_fail(const struct dtb *dtb, int node,
						   const char *format, ...);

/* dtb_note - append the line "device tree: PATH: ..." to the notes, if it fits whole. */
__attribute__((format(printf, 3, 4))) void dtb_note(const struct dtb *dtb, int node,
						    const char *format, ...);

/* dtb_note_failure - what dtb_fail wrote is no error but a note; @what: what comes of it. */
void dtb_note_failure(const struct dtb *dtb, const char *what);

/* dtb_string - Result: a string property; NULL: absent; "": it has no final 0. */
const char *dtb_string(const struct dtb *dtb, int node, const char *name);

/* dtb_string_is - Result: whether the string property is @value. */
bool dtb_string_is(const struct dtb *dtb, int node, const char *name, const char *value);

/* dtb_available - Result: whether status is absent, "okay" or "ok". */
bool dtb_available(const struct dtb *dtb, int node);

/* dtb_compatible - Result: whether @name is one of the node's compatible strings. */
bool dtb_compatible(const struct dtb *dtb, int node, const char *name);

/* dtb_number - a property of 4 or 8 bytes. Result: 1; 0: absent; -1: another length (dtb_fail). */
int dtb_number(const struct dtb *dtb, int node, const char *name, uint64_t *value);

/* dtb_cells_of - the cells of the children of @node. Result: 0, or -1: not 1 or 2 (dtb_fail). */
int dtb_cells_of(const struct dtb *dtb, int node, struct dtb_cells *cells);

/*
 * dtb_reg - the next entry of the reg of @node, whose parent has @cells. The size may be 0.
 * @at: 0 for the first entry; moved to the next. Result: 1; 0: there are no more; -1: the length
 * is no multiple of an entry, or address + size overflows (dtb_fail).
 */
int dtb_reg(const struct dtb *dtb, int node, const struct dtb_cells *cells, unsigned *at,
	    struct range *range);

/*
 * dtb_device - the first entry of the reg of the device @node, as the hart sees it: through the
 * ranges of all nodes above. Result: 0, or -1 (dtb_fail).
 */
int dtb_device(const struct dtb *dtb, int node, struct range *range);

/* dtb_check - prove that nothing in the tree points out of it. @room: bytes. Result: 0 or -1. */
int dtb_check(const struct dtb *dtb, size_t room);

/* dtb_numa - NUMA nodes and their distances; what is wrong with them is noted. */
void dtb_numa(const struct dtb *dtb);

/* dtb_numa_node - the index of the NUMA node of a memory or cpu node; 0 if it tells none that is
 * known. */
unsigned dtb_numa_node(const struct dtb *dtb, int node);

/* dtb_memory - RAM, what is reserved in it, the initrd. After dtb_numa. Result: 0 or -1. */
int dtb_memory(const struct dtb *dtb);

/* dtb_cpus - harts, extensions, timebase. After dtb_numa. Result: 0 or -1. */
int dtb_cpus(const struct dtb *dtb);

/* dtb_devices - interrupt controller, UART, test device; what is wrong with them is noted. */
void dtb_devices(const struct dtb *dtb);

#endif
