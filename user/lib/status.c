/* SPDX-License-Identifier: MIT */
/* status.c - see <pudu/status.h>. */
#include <pudu/status.h>

const char *pudu_status_name(int64_t status)
{
	switch (status) {
#define STATUS(value, name, meaning)                                                               \
	case (value):                                                                              \
		return #name;
#include "abi/status.def"
#undef STATUS
	default:
		return "ERR_?";
	}
}

const char *pudu_status_text(int64_t status)
{
	switch (status) {
#define STATUS(value, name, meaning)                                                               \
	case (value):                                                                              \
		return meaning;
#include "abi/status.def"
#undef STATUS
	default:
		return "unknown status";
	}
}

const char *pudu_fault_name(uint64_t cause)
{
	switch (cause) {
	case 0:
		return "misaligned instruction address";
	case 1:
		return "instruction access fault";
	case 2:
		return "illegal instruction";
	case 3:
		return "breakpoint";
	case 4:
		return "misaligned load";
	case 5:
		return "load access fault";
	case 6:
		return "misaligned store";
	case 7:
		return "store access fault";
	case 12:
		return "instruction page fault";
	case 13:
		return "load page fault";
	case 15:
		return "store page fault";
	default:
		return "unknown fault";
	}
}
