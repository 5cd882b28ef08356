/* SPDX-License-Identifier: MIT */
/* image.h - the kernel image: where linker.ld put its parts, and where the loader put it. */
#ifndef KERNEL_IMAGE_H
#define KERNEL_IMAGE_H

#include <stdint.h>

#include "kernel/layout.h"

extern char text_start[], text_end[], rodata_start[], data_start[], image_end[];
extern char boot_stack[], boot_stack_top[], panic_stack_top[];

extern uint64_t image_physical; /* (b) of its first byte, on 2 MiB */

/* image_phys - the physical address of an object of the image. */
static inline uint64_t image_phys(const void *object)
{
	return (uint64_t)(uintptr_t)object - KERNEL_IMAGE + image_physical;
}

#endif
