/* SPDX-License-Identifier: MIT */
/* spawn.c - see <pudu/spawn.h>: starting a program. children.c has what comes after. */
#include <pudu/spawn.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/start.h>
#include <pudu/status.h>

#include "internal.h"
#include "spawn_parts.h"

#define VAS_NAME_MAX 14

int64_t spawn_fail(struct spawn *spawn, int64_t status, const char *format, ...)
{
	struct pudu_process *process = spawn->process;
	int length = snprintf(process->error, sizeof(process->error), "%s: ", process->name);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(process->error + length, sizeof(process->error) - (size_t)length, format,
		  arguments);
	va_end(arguments);
	return status;
}

int64_t spawn_fail_call(struct spawn *spawn, int64_t status, const char *what)
{
	return spawn_fail(spawn, status, "%s: %s (%s)", what, pudu_status_text(status),
			  pudu_status_name(status));
}

/* The file's name without its folders, printable: for messages and for the kernel. */
static void process_name(struct pudu_process *process, const char *path)
{
	const char *slash = path == NULL ? NULL : strrchr(path, '/');
	const char *name = path == NULL ? "program" : slash == NULL ? path : slash + 1;
	size_t i;

	for (i = 0; i < sizeof(process->name) - 1 && name[i] != 0; i++)
		process->name[i] = name[i] > ' ' && name[i] <= '~' ? name[i] : '?';
	process->name[i] = 0;
}

/* Seven characters of a name, the first in the lowest byte, as vas_create wants them. */
static uint64_t name_word(const char *name, size_t from)
{
	size_t length = strlen(name);
	uint64_t word = 0;

	for (size_t i = 0; i < VAS_NAME_MAX / 2 && from + i < length; i++)
		word |= (uint64_t)(unsigned char)name[from + i] << (8 * i);
	return word;
}

static uint64_t default_budget(void)
{
	uint64_t left = pudu_pages_left(), budget = left / 4;

	if (budget < PUDU_SPAWN_BUDGET)
		budget = left / 2 < PUDU_SPAWN_BUDGET ? left / 2 : PUDU_SPAWN_BUDGET;
	return budget;
}

static int64_t make_vas(struct spawn *spawn)
{
	uint64_t budget = spawn->options->budget;
	struct pudu_process *process = spawn->process;
	uint64_t slot = pudu_slots_take(1);
	struct pudu_result result;

	if (slot == 0)
		return spawn_fail(spawn, PUDU_ERR_MEMORY, "no slot is free for a handle");
	result = pudu_vas_create(PUDU_HANDLE(slot), budget != 0 ? budget : default_budget(),
				 name_word(process->name, 0),
				 name_word(process->name, VAS_NAME_MAX / 2));
	if (result.status != PUDU_OK) {
		pudu_slots_give(slot, 1);
		return spawn_fail_call(spawn, result.status, "making an address space");
	}
	process->vas = PUDU_HANDLE(slot);
	return PUDU_OK;
}

/* Let the new program see memory of this one. Start may lie inside a page. */
static int64_t share(struct spawn *spawn, const void *start, uint64_t size, uint64_t to,
		     uint64_t rights, const char *what)
{
	uint64_t page = (uint64_t)start & ~(uint64_t)(PUDU_PAGE_SIZE - 1);
	struct pudu_result result =
		pudu_map(spawn->process->vas, to, PUDU_PAGES((uint64_t)start + size) - page,
			 PUDU_OWN_VAS, page, rights | PUDU_MAP_SHARE);

	return result.status == PUDU_OK ? PUDU_OK : spawn_fail_call(spawn, result.status, what);
}

static int64_t share_memory(struct spawn *spawn)
{
	const struct pudu_spawn_options *options = spawn->options;
	const struct pudu_start *start = pudu_start();
	int64_t status = PUDU_OK;

	if (!options->hide_initrd && start->initrd != NULL) {
		spawn->initrd = SPAWN_INITRD + (uint64_t)start->initrd % PUDU_PAGE_SIZE;
		status = share(spawn, start->initrd, start->initrd_size, SPAWN_INITRD, PUDU_R,
			       "sharing the initrd");
	}
	if (status == PUDU_OK && options->shared != NULL)
		status = share(spawn, options->shared, options->shared_size, SPAWN_SHARED,
			       PUDU_R | PUDU_W, "sharing memory");
	return status;
}

static int64_t make_executor(struct spawn *spawn)
{
	uint64_t slot = pudu_slots_take(1);
	struct pudu_result result;

	if (slot == 0)
		return spawn_fail(spawn, PUDU_ERR_MEMORY, "no slot is free for a handle");
	result = pudu_executor_create(PUDU_HANDLE(slot), spawn->process->vas, pudu_self,
				      spawn->plan.entry, spawn->start, spawn->start);
	if (result.status != PUDU_OK) {
		pudu_slots_give(slot, 1);
		return spawn_fail_call(spawn, result.status, "making its executor");
	}
	spawn->process->executor = PUDU_HANDLE(slot);
	return PUDU_OK;
}

static int64_t give_handle(struct spawn *spawn, uint64_t slot, uint64_t handle, uint64_t rights)
{
	struct pudu_result result = pudu_map(spawn->process->vas, PUDU_HANDLE(slot), PUDU_PAGE_SIZE,
					     PUDU_OWN_VAS, handle, rights | PUDU_MAP_SHARE);

	return result.status == PUDU_OK
		       ? PUDU_OK
		       : spawn_fail_call(spawn, result.status, "giving it a handle");
}

static int64_t give_handles(struct spawn *spawn)
{
	const struct pudu_spawn_options *options = spawn->options;
	int64_t status = give_handle(spawn, PUDU_SLOT_VAS, spawn->process->vas, PUDU_R | PUDU_W);

	if (status == PUDU_OK)
		status = give_handle(spawn, PUDU_SLOT_EXECUTOR, spawn->process->executor,
				     PUDU_R | PUDU_W);
	if (status == PUDU_OK && !options->hide_parent)
		status = give_handle(spawn, PUDU_SLOT_PARENT, pudu_self, PUDU_R);
	for (size_t i = 0; i < options->n_grants && status == PUDU_OK; i++)
		if (options->grants[i].handle != 0)
			status = give_handle(spawn, PUDU_SLOT_GRANTED + i,
					     options->grants[i].handle, options->grants[i].rights);
	return status;
}

static int64_t check(struct spawn *spawn)
{
	const struct pudu_spawn_options *options = spawn->options;

	if (options->n_grants > PUDU_GRANTED_MAX)
		return spawn_fail(spawn, PUDU_ERR_ARGUMENT, "more than %d handles are granted",
				  PUDU_GRANTED_MAX);
	if (options->shared != NULL &&
	    ((uint64_t)options->shared % PUDU_PAGE_SIZE != 0 || options->shared_size == 0))
		return spawn_fail(spawn, PUDU_ERR_ARGUMENT,
				  "shared memory must start on a page and not be empty");
	return PUDU_OK;
}

int64_t pudu_spawn(const struct pudu_spawn_options *options, struct pudu_process *process)
{
	static int64_t (*const steps[])(struct spawn *) = {
		check,	      spawn_open,  make_vas,	  spawn_load,
		share_memory, spawn_stack, make_executor, give_handles,
	};
	struct spawn spawn = { .options = options, .process = process };
	int64_t status = PUDU_OK;

	*process = (struct pudu_process){ 0 };
	process_name(process, options->path);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && status == PUDU_OK; i++)
		status = steps[i](&spawn);
	if (status == PUDU_OK && !options->stopped) {
		status = pudu_process_start(process);
		if (status != PUDU_OK)
			spawn_fail_call(&spawn, status, "starting it");
	}
	if (status != PUDU_OK)
		pudu_release(process);
	return status;
}
