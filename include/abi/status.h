/* SPDX-License-Identifier: MIT */
/* status.h - the answers of system calls, as an enum: PUDU_OK, PUDU_ERR_ADDRESS, ... */
#ifndef ABI_STATUS_H
#define ABI_STATUS_H

enum pudu_status {
#define STATUS(value, name, meaning) PUDU_##name = (value),
#include "abi/status.def"
#undef STATUS
};

#endif
