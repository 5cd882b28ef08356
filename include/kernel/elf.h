/* SPDX-License-Identifier: MIT */
/*
 * elf.h - checks a static program in ELF and says what to load where. Pure; for the kernel and
 * for programs.
 *
 * What is taken: ELF64, little-endian, RISC-V, ET_EXEC, without an interpreter. Whoever loads it
 * maps the pages of each segment, copies file_size bytes from offset to address, and leaves the
 * rest zero.
 * Source: System V ABI, gABI 4.1; RISC-V ELF psABI 1.0, "File Header".
 */
#ifndef KERNEL_ELF_H
#define KERNEL_ELF_H

#include <stddef.h>
#include <stdint.h>

#define ELF_SEGMENTS   16
#define ELF_MEMORY_MAX (1ull << 30) /* bytes of all segments together, in whole pages */
#define ELF_WHY_SIZE   160	    /* a buffer of this size holds every message */

struct elf_segment {
	uint64_t address;     /* first byte, any alignment */
	uint64_t offset;      /* of its bytes in the file */
	uint64_t file_size;   /* bytes from the file, at most memory_size */
	uint64_t memory_size; /* bytes, not 0; those after file_size are zero */
	unsigned rights;      /* PUDU_R, PUDU_W, PUDU_X of abi/memory.h; W never without R */
};

struct elf_plan {
	uint64_t entry;				  /* in an executable segment, even */
	unsigned n_segments;			  /* at least 1 */
	struct elf_segment segment[ELF_SEGMENTS]; /* in the file's order; no page is in two */
};

/*
 * elf_parse - fill @plan from the program @image.
 * @image: @size readable bytes, any alignment.
 * @why, @why_size: get one line without newline, "" if all is well. At least 1 byte.
 * Result: 0, or -1 and *why names the field, its value and what was expected.
 */
int elf_parse(const void *image, uint64_t size, struct elf_plan *plan, char *why, size_t why_size);

#endif
