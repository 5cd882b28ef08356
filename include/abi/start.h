/* SPDX-License-Identifier: MIT */
/*
 * start.h - what a program finds when it starts: a0 of its first executor points to this.
 *
 * It lies at the top of the first stack (which ends just below it), with the strings it points to.
 * The kernel writes it for init, and whoever spawns a program writes it for that one.
 */
#ifndef ABI_START_H
#define ABI_START_H

#include <stdint.h>

/* Slots of the handle window that are filled by whoever starts a program. */
#define PUDU_SLOT_VAS	   1 /* the program's address space, RW */
#define PUDU_SLOT_EXECUTOR 2 /* its first executor, RW */
#define PUDU_SLOT_ROOT	   3 /* the root; only if start->root is not 0 */
#define PUDU_SLOT_PARENT   4 /* the executor that spawned it, R; only if start->parent is not 0 */
#define PUDU_SLOT_GRANTED                                                                          \
	16		  /* start->n_granted further handles, chosen by the one that spawned it */
#define PUDU_SLOT_FREE 64 /* the first slot that is the program's own to fill */

struct pudu_start {
	uint64_t size; /* of this struct, for later versions */
	uint64_t argc;
	char **argv;	      /* argc strings and NULL */
	char **envp;	      /* strings NAME=value and NULL */
	uint64_t root;	      /* handle of the root, or 0 */
	uint64_t parent;      /* handle of the spawning executor, or 0 */
	uint64_t n_granted;   /* handles from PUDU_SLOT_GRANTED on */
	const void *initrd;   /* the initrd, read-only, or NULL */
	uint64_t initrd_size; /* bytes */
	const void *fdt;      /* the device tree, read-only, or NULL */
	uint64_t fdt_size;    /* bytes */
	void *shared;	      /* memory shared with the one that spawned it, or NULL */
	uint64_t shared_size; /* bytes */
	uint64_t devices;     /* init: address of physical address 0 in the device mappings, or 0 */
};

#endif
