/* SPDX-License-Identifier: MIT */
/*
 * spawn_parts.h - a spawn on its way, and the parts it consists of.
 */
#ifndef PUDU_LIB_SPAWN_PARTS_H
#define PUDU_LIB_SPAWN_PARTS_H

#include <pudu/memory.h>
#include <pudu/spawn.h>

#include "kernel/elf.h"

/* Where things lie in the new program, besides its own segments. */
#define SPAWN_INITRD	(PUDU_LOADER_START)
#define SPAWN_SHARED	(PUDU_LOADER_START + 0x400000000)
#define SPAWN_STACK_TOP (PUDU_LOADER_START + 0xf00000000) /* the start block ends here */

struct spawn {
	const struct pudu_spawn_options *options;
	struct pudu_process *process;
	const void *image; /* the ELF file */
	uint64_t image_size;
	struct elf_plan plan;
	uint64_t start;	 /* its start block: its sp and its a0 */
	uint64_t initrd; /* address of the initrd's first byte in it, or 0 */
};

/* Write process->error: the program's name, then the text. Result: status. */
int64_t spawn_fail(struct spawn *spawn, int64_t status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for what a system call answered; `what` says what was tried. */
int64_t spawn_fail_call(struct spawn *spawn, int64_t status, const char *what);

/* Find the program in the initrd and check it: fills image and plan. Result: as pudu_spawn(). */
int64_t spawn_open(struct spawn *spawn);

/* Put the segments into the new address space. Result: as pudu_spawn(). */
int64_t spawn_load(struct spawn *spawn);

/* Put the first stack with the start block there: fills start. Result: as pudu_spawn(). */
int64_t spawn_stack(struct spawn *spawn);

/* Take zeroed memory here that spawn_move() will take away. Result: its start, or 0. */
uint64_t spawn_take(uint64_t length, uint64_t rights);

/* Move it: the caller has it no more, whatever the result is. Result: as map answers. */
int64_t spawn_move(struct spawn *spawn, uint64_t from, uint64_t length, uint64_t to,
		   uint64_t rights);

#endif
