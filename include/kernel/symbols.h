/* SPDX-License-Identifier: MIT */
/*
 * symbols.h - names of the kernel's functions, from a table that tools/symbols.py makes between
 * two links.
 */
#ifndef KERNEL_SYMBOLS_H
#define KERNEL_SYMBOLS_H

#include <stdint.h>

/*
 * symbols_find - the function that contains @address; *offset: how far in. NULL: not in the
 * kernel's text.
 */
const char *symbols_find(uint64_t address, uint64_t *offset);

#endif
