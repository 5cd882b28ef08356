/* SPDX-License-Identifier: MIT */
/* function.c - see function.h. */
#include "function.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct function *functions;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static enum rank rank_of(const char *name)
{
	if (strncmp(name, "sys_", 4) == 0 || strncmp(name, "call_", 5) == 0)
		return RANK_CALL;
	if (strcmp(name, "trap_user") == 0)
		return RANK_TRAP;
	if (*name == '\0' || strcmp(name, "trap_entry") == 0 || strcmp(name, "trap_resume") == 0)
		return RANK_NONE;
	return strcmp(name, NAME_IDLE) == 0 ? RANK_IDLE : RANK_OTHER;
}

struct function *function_of(const char *name)
{
	struct function *function;

	pthread_mutex_lock(&lock);
	for (function = functions; function != NULL; function = function->next)
		if (strncmp(function->name, name, sizeof function->name - 1) == 0)
			break;
	if (function == NULL) {
		function = calloc(1, sizeof *function);
		if (function == NULL)
			abort();
		snprintf(function->name, sizeof function->name, "%s", name);
		function->rank = rank_of(name);
		function->next = functions;
		functions = function;
	}
	pthread_mutex_unlock(&lock);
	return function;
}

void functions_write(const char *path)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		return;
	for (struct function *function = functions; function != NULL; function = function->next)
		for (unsigned index = 0; index < HARTS; index++) {
			const struct worst *worst = &function->worst[index];

			if (worst->instructions == 0)
				continue;
			fprintf(file, "%s\t%u\t%llu\t%llu\t%llu\t%llu\t", function->name, index,
				(unsigned long long)worst->instructions,
				(unsigned long long)worst->firmware,
				(unsigned long long)worst->most_firmware,
				(unsigned long long)worst->waited);
			for (unsigned i = 0; i < SAMPLES && worst->samples[i] != 0; i++)
				fprintf(file, "%llx,", (unsigned long long)worst->samples[i]);
			fputc('\n', file);
		}
	fclose(file);
}
