/* SPDX-License-Identifier: MIT */
/* layout.h - the kernel's, with a direct map where a program of this machine can have memory. */
#ifndef HOST_LAYOUT_H
#define HOST_LAYOUT_H

#include_next "kernel/layout.h"

#undef DIRECT_MAP
#define DIRECT_MAP 0x7ea000000000ull

#endif
