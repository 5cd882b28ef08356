/* SPDX-License-Identifier: MIT */
/* status.h - names and meanings of what system calls answer, and of what ends a program. */
#ifndef PUDU_STATUS_H
#define PUDU_STATUS_H

#include <stdint.h>

#include "abi/status.h"

/* The name of a status: "ERR_ADDRESS" for PUDU_ERR_ADDRESS; "ERR_?" if there is no such status. */
const char *pudu_status_name(int64_t status);

/* What a status means: "bad address"; "unknown status" if there is no such status. */
const char *pudu_status_text(int64_t status);

/*
 * The name of a cause of a fault (scause of the RISC-V Privileged ISA, table of exception codes):
 * "store page fault" for 15; "unknown fault" for a code that user mode can't raise.
 */
const char *pudu_fault_name(uint64_t cause);

#endif
