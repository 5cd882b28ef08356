/* SPDX-License-Identifier: MIT */
/* boot.h - the steps of boot that are not a subsystem's own. */
#ifndef KERNEL_BOOT_H
#define KERNEL_BOOT_H

#include <stdint.h>

#include "kernel/platform.h"

struct hart;

/*
 * boot_main - called by asm/boot.S on the boot hart, on boot.S's map. @fdt, @image: physical
 * addresses.
 */
_Noreturn void boot_main(uint64_t hart_id, uint64_t fdt, uint64_t image, uint64_t instret);

extern uint64_t boot_instret; /* (b) instret of the boot hart when the kernel was entered */

/* hart_boot - make the pages of all usable harts; the first in global->harts is @boot_hart's. */
void hart_boot(const struct platform *platform, uint64_t boot_hart);

/*
 * hart_start_others - start the other harts and wait, up to a second for each, until they are
 * there.
 */
void hart_start_others(void);

/* hart_main - the life of a hart in the kernel's map, on its own stack; called by asm/boot.S. */
_Noreturn void hart_main(void);

/*
 * init_load - load the program "init" of the initrd into the first address space; its executor is
 * stopped. @reserve: frames for each hart that are in no budget; BOOTARGS_NOT_SAID: the usual
 * number.
 */
void init_load(const struct platform *platform, uint64_t reserve);

/* init_start - queue it. */
void init_start(void);

_Noreturn void boot_enter_hart(struct hart *hart); /* asm/boot.S */
void boot_other(void);				   /* asm/boot.S */

#endif
