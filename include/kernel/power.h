/* SPDX-License-Identifier: MIT */
/* power.h - the end of everything. */
#ifndef KERNEL_POWER_H
#define KERNEL_POWER_H

#include <stdint.h>

/* power_boot - @finisher: virtual address of a mapped "sifive,test0" device; 0: there is none. */
void power_boot(uint64_t finisher);

/*
 * power_off - turn the machine off. @code: 0 to 255; where the machine has a test device it
 * becomes the exit code of the emulator; SBI has no way to tell it. All that was written is out
 * before.
 */
_Noreturn void power_off(unsigned code);

/* power_reboot - cold reboot. */
_Noreturn void power_reboot(void);

#endif
