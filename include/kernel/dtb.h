/* SPDX-License-Identifier: MIT */
/*
 * dtb.h - the flattened device tree, read into a struct platform. Pure: no hardware, no state.
 *
 * Nothing in the tree is trusted: dtb_check.c proves that its blocks, tags, names and strings
 * stay inside it before libfdt looks at any of it. What the kernel can't do without ends in an
 * error; what it can (a device, one hart too many, a tree that lies about the boot hart) in a line
 * of platform->notes.
 *
 * Files: dtb.c (order of things, bootargs), dtb_check.c (the check), dtb_tree.c (properties, reg
 * and ranges), dtb_memory.c, dtb_cpus.c with isa.c, dtb_devices.c.
 * Source: Devicetree Specification 0.4; the bindings riscv/cpus, riscv/extensions and
 * reserved-memory in Linux' Documentation/devicetree/bindings.
 */
#ifndef KERNEL_DTB_H
#define KERNEL_DTB_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/platform.h"

#define DTB_SIZE_MAX (2u << 20) /* bytes; a larger tree is refused */
#define DTB_WHY_SIZE 192	/* a buffer of this size holds every message */

/*
 * dtb_parse - fill @out from the device tree @fdt.
 *
 * @fdt: where the tree can be read, on 8 bytes.
 * @room: bytes that can be read at @fdt. A tree that says it is longer is refused.
 * @fdt_base: physical address of the tree; it is reserved.
 * @boot_hart: id of the hart that runs this.
 * @out: is overwritten; useless after an error, but for notes and test_finisher (0: not known).
 * @why, @why_size: get one line without newline, "" if all is well. At least 1 byte.
 *
 * Result: 0, or -1 and *why names the node and the property: the tree is malformed or too long; no
 * RAM; no /cpus, no timebase-frequency; a reg, initrd or bootargs that makes no sense; more
 * reserved ranges than PLATFORM_RESERVED; two usable harts with one id.
 */
int dtb_parse(const void *fdt, size_t room, uint64_t fdt_base, uint64_t boot_hart,
	      struct platform *out, char *why, size_t why_size);

#endif
