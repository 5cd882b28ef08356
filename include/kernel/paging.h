/* SPDX-License-Identifier: MIT */
/* paging.h - the real map of the kernel half, made at boot in place of boot.S's. */
#ifndef KERNEL_PAGING_H
#define KERNEL_PAGING_H

#include "kernel/platform.h"

/*
 * paging_boot - map all RAM but the firmware's and the image's own, the image with each part's
 * rights, the info page; choose Sv39 or Sv48 and load it. @levels: what the boot argument says,
 * 0: nothing. Ends in panic if there is no memory.
 */
void paging_boot(const struct platform *platform, unsigned levels);

/*
 * paging_stack - map a stack for hart slot @slot between two pages that are not mapped. Result:
 * its top.
 */
uint64_t paging_stack(unsigned slot);

/*
 * paging_device - map the page at @physical for the kernel's own use, as device memory; boot
 * only. Result: where.
 */
uint64_t paging_device(uint64_t physical);

#endif
