/* SPDX-License-Identifier: MIT */
/* watch.h - what the plugins of this folder have in common: which hart runs, and which instruction.
 */
#ifndef METER_WATCH_H
#define METER_WATCH_H

#include "plugin.h"

/* Where QEMU loads OpenSBI. */
#define FIRMWARE_START 0x80000000ull
#define FIRMWARE_END   0x80200000ull

enum { HARTS = 16 };

/* watch_start - to be called first. Result: false if one hart can't be told from another here. */
bool watch_start(const struct plugin_info *info);

/* watch_hart - a number below HARTS of the hart whose instruction is about to run; numbers are
 * given at the first call. */
unsigned watch_hart(void);

/* watch_word - an instruction of 4 bytes; 0 for others. */
uint32_t watch_word(const struct qemu_plugin_insn *instruction);

/* watch - call @callback with @data before each execution of @instruction. */
void watch(struct qemu_plugin_insn *instruction, plugin_executed callback, void *data);

#endif
