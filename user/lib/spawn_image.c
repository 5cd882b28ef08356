/* SPDX-License-Identifier: MIT */
/*
 * spawn_image.c - see spawn_parts.h: from a file of the initrd to segments in an address space.
 *
 * A segment is put together in memory of this program and then moved: the new program gets it
 * with its final rights, and this one keeps nothing.
 */
#include <string.h>

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/start.h>

#include "internal.h"
#include "kernel/cpio.h"
#include "spawn_parts.h"

/* Find options->path in the initrd. Result: as pudu_spawn(). */
static int64_t find_file(struct spawn *spawn)
{
	const struct pudu_start *start = pudu_start();
	struct cpio_entry entry;
	char why[CPIO_WHY_SIZE];
	int found;

	if (spawn->options->path == NULL)
		return spawn_fail(spawn, PUDU_ERR_ARGUMENT, "no path and no image");
	if (start->initrd == NULL)
		return spawn_fail(spawn, PUDU_ERR_HANDLE, "this program was given no initrd");
	found = cpio_find(start->initrd, start->initrd_size, spawn->options->path, &entry, why,
			  sizeof(why));
	if (found == 0)
		return spawn_fail(spawn, PUDU_ERR_HANDLE, "not in the initrd");
	if (found < 0)
		return spawn_fail(spawn, PUDU_ERR_HANDLE, "initrd: %s", why);
	if ((entry.mode & CPIO_TYPE) != CPIO_FILE)
		return spawn_fail(spawn, PUDU_ERR_ARGUMENT, "not a regular file");
	spawn->image = entry.data;
	spawn->image_size = entry.size;
	return PUDU_OK;
}

int64_t spawn_open(struct spawn *spawn)
{
	char why[ELF_WHY_SIZE];
	int64_t status;

	if (spawn->options->image == NULL) {
		status = find_file(spawn);
		if (status != PUDU_OK)
			return status;
	} else {
		spawn->image = spawn->options->image;
		spawn->image_size = spawn->options->image_size;
	}
	if (elf_parse(spawn->image, spawn->image_size, &spawn->plan, why, sizeof(why)) != 0)
		return spawn_fail(spawn, PUDU_ERR_ARGUMENT, "%s", why);
	return PUDU_OK;
}

uint64_t spawn_take(uint64_t length, uint64_t rights)
{
	uint64_t start = pudu_addresses_take(length, PUDU_PAGE_SIZE);

	if (start != 0 && pudu_map_fresh(start, length, rights) != PUDU_OK) {
		pudu_addresses_give(start, length);
		return 0;
	}
	return start;
}

int64_t spawn_move(struct spawn *spawn, uint64_t from, uint64_t length, uint64_t to,
		   uint64_t rights)
{
	struct pudu_result result = pudu_map(spawn->process->vas, to, length, PUDU_OWN_VAS, from,
					     rights | PUDU_MAP_MOVE);

	if (result.status != PUDU_OK)
		pudu_unmap(PUDU_OWN_VAS, from, length);
	pudu_addresses_give(from, length);
	return result.status;
}

static int64_t load_segment(struct spawn *spawn, const struct elf_segment *segment)
{
	uint64_t to = segment->address & ~(uint64_t)(PUDU_PAGE_SIZE - 1);
	uint64_t length = PUDU_PAGES(segment->address + segment->memory_size) - to;
	uint64_t here = spawn_take(length, PUDU_R | PUDU_W | segment->rights);
	int64_t status;

	if (here == 0)
		return spawn_fail(spawn, PUDU_ERR_MEMORY, "no memory for a segment of %llu KiB",
				  (unsigned long long)length / 1024);
	memcpy((char *)here + (segment->address - to), (const char *)spawn->image + segment->offset,
	       segment->file_size);
	status = spawn_move(spawn, here, length, to, segment->rights);
	if (status != PUDU_OK)
		return spawn_fail_call(spawn, status, "mapping a segment");
	return PUDU_OK;
}

int64_t spawn_load(struct spawn *spawn)
{
	int64_t status = PUDU_OK;

	for (unsigned i = 0; i < spawn->plan.n_segments && status == PUDU_OK; i++)
		status = load_segment(spawn, &spawn->plan.segment[i]);
	return status;
}
