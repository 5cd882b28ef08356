/* SPDX-License-Identifier: MIT */
/*
 * init.c - the first program: runs one program of the initrd and powers the machine off with its
 * exit code.
 *
 * What to run stands in the kernel's command line, behind a word "--". Only init holds the root
 * handle; what it starts gets none.
 */
#include <stdio.h>
#include <string.h>

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/memory.h>
#include <pudu/spawn.h>
#include <pudu/start.h>
#include <pudu/status.h>

#include "abi/executor.h"
#include "kernel/cpio.h"

#define DEFAULT_PROGRAM "demo"
#define ARGUMENTS_MAX	64
#define EXIT_NO_PROGRAM 127
#define EXIT_FAULT	128 /* plus the cause */
#define EXIT_MAX	255
#define PAGES_KEPT	64 /* of the budget, for what init itself does while the program runs */

/* Split what follows the word "--" of the command line. Result: number of words in argv. */
static int arguments_find(char *line, char **argv)
{
	int n = 0, behind = 0;

	for (char *word = strtok(line, " \t\n"); word != NULL; word = strtok(NULL, " \t\n")) {
		if (behind && n < ARGUMENTS_MAX)
			argv[n++] = word;
		else if (!behind)
			behind = strcmp(word, "--") == 0;
	}
	argv[n] = NULL;
	return n;
}

/* Print the names of the regular files in the initrd, a few to a line. */
static void initrd_list(void)
{
	const struct pudu_start *start = pudu_start();
	char why[CPIO_WHY_SIZE];
	struct cpio_entry entry;
	struct cpio archive;
	size_t column = 0;
	int found;

	printf("init: the initrd holds:");
	cpio_open(&archive, start->initrd, start->initrd_size);
	while ((found = cpio_next(&archive, &entry, why, sizeof(why))) > 0) {
		const char *name = cpio_plain_name(entry.name);

		if ((entry.mode & CPIO_TYPE) != CPIO_FILE)
			continue;
		if (column == 0 || column + strlen(name) > 70)
			column = (size_t)printf("\ninit:  ") - 1;
		column += (size_t)printf(" %s", name);
	}
	printf("\n");
	if (found < 0)
		printf("init: and then: %s\n", why);
}

/* Run a program to its end. Result: the exit code for the machine. */
static uint64_t run(char **argv)
{
	/* Half of the budget is enough to load it; it gets the rest before it starts. */
	struct pudu_spawn_options options = {
		.path = argv[0], .argv = argv, .budget = pudu_pages_left() / 2, .stopped = 1
	};
	struct pudu_process process;
	struct pudu_exit end;
	uint64_t left;
	int64_t status = pudu_spawn(&options, &process);

	if (status != PUDU_OK) {
		printf("init: %s\n", process.error);
		if (status == PUDU_ERR_HANDLE && pudu_start()->initrd != NULL)
			initrd_list();
		return EXIT_NO_PROGRAM;
	}
	left = pudu_pages_left();
	if (left > PAGES_KEPT)
		pudu_vas_budget(process.vas, options.budget + left - PAGES_KEPT);
	pudu_process_start(&process);
	pudu_wait(&process, &end);
	pudu_release(&process);
	if (!end.faulted)
		return (uint64_t)end.code & EXIT_MAX;
	printf("init: %s ended by a fault: %s at 0x%llx\n", process.name,
	       pudu_fault_name(end.cause), (unsigned long long)end.address);
	return EXIT_FAULT + end.cause > EXIT_MAX ? EXIT_MAX : EXIT_FAULT + end.cause;
}

int main(void)
{
	static char line[sizeof(pudu_info()->bootargs)];
	static char default_program[] = DEFAULT_PROGRAM;
	char *argv[ARGUMENTS_MAX + 1];
	uint64_t code;

	memcpy(line, pudu_info()->bootargs, sizeof(line));
	if (arguments_find(line, argv) == 0) {
		argv[0] = default_program;
		argv[1] = NULL;
	}
	code = run(argv);
	fflush(stdout);
	pudu_system(pudu_start()->root, PUDU_SYSTEM_POWER_OFF, code);
	printf("init: this machine does not power off; the exit code is %llu\n",
	       (unsigned long long)code);
	return (int)code;
}
