/* SPDX-License-Identifier: MIT */
/*
 * spawn_stack.c - see spawn_parts.h: the first stack, with the start block at its top.
 *
 * Upwards: stack, struct pudu_start, argv, envp, their strings, the end of the area. Written here
 * at other addresses than it will have there; `shift` is the difference.
 */
#include <string.h>
#include <unistd.h>

#include <pudu/handle.h>
#include <pudu/start.h>

#include "spawn_parts.h"

#define STACK_MAX 0x40000000

/* Strings to be copied: how many, and bytes with their final 0. */
struct strings {
	char *const *list;
	uint64_t n, bytes;
};

static void strings_count(struct strings *strings, char *const *list)
{
	strings->list = list;
	strings->n = 0;
	strings->bytes = 0;
	for (; list != NULL && list[strings->n] != NULL; strings->n++)
		strings->bytes += strlen(list[strings->n]) + 1;
}

/* Copy the strings to text, their addresses and NULL to pointers. Result: behind the text. */
static char *strings_copy(const struct strings *strings, char **pointers, char *text,
			  uint64_t shift)
{
	for (uint64_t i = 0; i < strings->n; i++) {
		size_t bytes = strlen(strings->list[i]) + 1;

		memcpy(text, strings->list[i], bytes);
		pointers[i] = (char *)((uint64_t)text + shift);
		text += bytes;
	}
	pointers[strings->n] = NULL;
	return text;
}

/* Fill the start block at `block`, which will be at `block + shift`. */
static void start_fill(struct spawn *spawn, struct pudu_start *block, uint64_t shift,
		       const struct strings *arguments, const struct strings *environment)
{
	const struct pudu_spawn_options *options = spawn->options;
	char **argv = (char **)(block + 1), **envp = argv + arguments->n + 1;
	char *text = (char *)(envp + environment->n + 1);

	text = strings_copy(arguments, argv, text, shift);
	strings_copy(environment, envp, text, shift);
	block->size = sizeof(*block);
	block->argc = arguments->n;
	block->argv = (char **)((uint64_t)argv + shift);
	block->envp = (char **)((uint64_t)envp + shift);
	block->parent = options->hide_parent ? 0 : PUDU_HANDLE(PUDU_SLOT_PARENT);
	block->n_granted = options->n_grants;
	block->initrd = (const void *)spawn->initrd;
	block->initrd_size = spawn->initrd == 0 ? 0 : pudu_start()->initrd_size;
	block->shared = options->shared == NULL ? NULL : (void *)SPAWN_SHARED;
	block->shared_size = options->shared == NULL ? 0 : options->shared_size;
}

int64_t spawn_stack(struct spawn *spawn)
{
	const struct pudu_spawn_options *options = spawn->options;
	char *const path_alone[] = { (char *)(uintptr_t)options->path, NULL };
	uint64_t wanted = options->stack == 0 ? PUDU_SPAWN_STACK : options->stack;
	uint64_t length, here, block, block_size;
	struct strings arguments, environment;
	int64_t status;

	if (wanted > STACK_MAX)
		return spawn_fail(spawn, PUDU_ERR_ARGUMENT, "a stack of more than 1 GiB");
	length = PUDU_PAGES(wanted);
	strings_count(&arguments, options->argv == NULL ? path_alone : options->argv);
	strings_count(&environment, options->envp == NULL ? environ : options->envp);
	block_size = sizeof(struct pudu_start) + arguments.bytes + environment.bytes +
		     (arguments.n + environment.n + 2) * sizeof(char *);
	block_size = (block_size + 15) & ~(uint64_t)15;
	if (block_size > length / 2)
		return spawn_fail(spawn, PUDU_ERR_LENGTH,
				  "arguments and environment take %llu of %llu bytes of stack",
				  (unsigned long long)block_size, (unsigned long long)length);

	here = spawn_take(length, PUDU_R | PUDU_W);
	if (here == 0)
		return spawn_fail(spawn, PUDU_ERR_MEMORY, "no memory for its stack");
	block = here + length - block_size;
	spawn->start = SPAWN_STACK_TOP - block_size;
	start_fill(spawn, (struct pudu_start *)block, spawn->start - block, &arguments,
		   &environment);
	status = spawn_move(spawn, here, length, SPAWN_STACK_TOP - length, PUDU_R | PUDU_W);
	if (status != PUDU_OK)
		return spawn_fail_call(spawn, status, "mapping its stack");
	return PUDU_OK;
}
