/* SPDX-License-Identifier: MIT */
/* function.h - the functions of the kernel that entries are named after, and the worst entry of
 * each. */
#ifndef METER_FUNCTION_H
#define METER_FUNCTION_H

#include <stdint.h>

#include "watch.h"

enum {
	SAMPLES = 64, /* of where an entry is: one each STEP instructions */
	STEP = 512,
};

#define NAME_IDLE "an idle hart"

/* An entry is named after the highest of the functions that it runs. */
enum rank { RANK_NONE, RANK_OTHER, RANK_TRAP, RANK_CALL, RANK_IDLE };

struct worst {
	uint64_t instructions, firmware, waited;
	uint64_t most_firmware; /* of any entry, not only of the longest */
	uint64_t samples[SAMPLES];
};

struct function {
	struct function *next;
	enum rank rank;
	struct worst worst[HARTS];
	char name[64];
};

/* function_of - the function called @name, made with its rank if it is new; any thread may ask. */
struct function *function_of(const char *name);

/* functions_write - write all functions that entries were named after to the file @path: a line for
 * each and each hart, which tests/meter/report.py reads. No hart may run. */
void functions_write(const char *path);

#endif
