/* SPDX-License-Identifier: MIT */
/* hang.c - hang [spin]: never ends; it sleeps, or spins. The harness must notice. */
#include <string.h>

#include <pudu/calls.h>

#include "abi/executor.h"

int main(int argc, char **argv)
{
	volatile uint32_t word = 0;

	if (argc == 2 && strcmp(argv[1], "spin") == 0)
		while (word == 0)
			continue;
	while (word == 0)
		pudu_park_if((uint64_t)(uintptr_t)&word, 0, PUDU_FOREVER);
	return 0;
}
