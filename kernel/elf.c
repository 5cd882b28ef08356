/* SPDX-License-Identifier: MIT */
/* elf.c - see elf.h. */
#include "kernel/elf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "abi/memory.h"

/* Elf64_Ehdr and Elf64_Phdr. */
struct file_header {
	unsigned char magic[4];
	uint8_t class, data, ident_version, os_abi, pad[8];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, program_offset, section_offset;
	uint32_t flags;
	uint16_t header_size, program_entry_size, n_program;
	uint16_t section_entry_size, n_sections, names;
};

struct program_header {
	uint32_t type, flags;
	uint64_t offset, address, physical, file_size, memory_size, align;
};

_Static_assert(sizeof(struct file_header) == 64, "Elf64_Ehdr");
_Static_assert(sizeof(struct program_header) == 56, "Elf64_Phdr");

#define CLASS_64	2
#define DATA_LITTLE	1
#define VERSION_CURRENT 1
#define TYPE_EXEC	2
#define TYPE_DYN	3
#define MACHINE_RISCV	243
#define FLAG_RVC	0x1u
#define FLAG_FLOAT_ABI	0x6u
#define FLAG_FLOAT_QUAD 0x6u
#define PROGRAM_LOAD	1
#define PROGRAM_INTERP	3
#define PROGRAM_X	1u
#define PROGRAM_W	2u
#define PROGRAM_R	4u
#define PROGRAMS_MAX	64 /* program headers of any type */

struct reader {
	const unsigned char *image;
	uint64_t size;
	struct elf_plan *plan;
	char *why;
	size_t why_size;
};

__attribute__((format(printf, 2, 3))) static int fail(const struct reader *reader,
						      const char *format, ...)
{
	va_list list;
	int used = snprintf(reader->why, reader->why_size, "ELF: ");

	if (used < 0 || (size_t)used >= reader->why_size)
		return -1;
	va_start(list, format);
	vsnprintf(reader->why + used, reader->why_size - (size_t)used, format, list);
	va_end(list);
	return -1;
}

static int check_field(const struct reader *reader, const char *name, unsigned long value,
		       unsigned long expected, const char *meaning)
{
	if (value == expected)
		return 0;
	return fail(reader, "%s is %lu, expected %lu (%s)", name, value, expected, meaning);
}

static int check_ident(const struct reader *reader, const struct file_header *header)
{
	if (memcmp(header->magic,
		   "\x7f"
		   "ELF",
		   4) != 0)
		return fail(reader, "magic is %02x %02x %02x %02x, expected 7f 45 4c 46",
			    header->magic[0], header->magic[1], header->magic[2], header->magic[3]);
	if (check_field(reader, "class", header->class, CLASS_64, "64 bit") != 0 ||
	    check_field(reader, "data", header->data, DATA_LITTLE, "little-endian") != 0 ||
	    check_field(reader, "ident version", header->ident_version, VERSION_CURRENT,
			"current") != 0)
		return -1;
	return 0;
}

static int check_flags(const struct reader *reader, uint32_t flags)
{
	if (flags & ~(FLAG_RVC | FLAG_FLOAT_ABI))
		return fail(reader, "flags 0x%lx: only RVC and the float ABI (0x7) are known",
			    (unsigned long)flags);
	if ((flags & FLAG_FLOAT_ABI) == FLAG_FLOAT_QUAD)
		return fail(reader, "flags 0x%lx: the quad float ABI needs a Q extension",
			    (unsigned long)flags);
	return 0;
}

static int check_header(const struct reader *reader, const struct file_header *header)
{
	if (check_ident(reader, header) != 0)
		return -1;
	if (header->type == TYPE_DYN)
		return fail(reader, "type is 3 (DYN): link the program with -static -no-pie");
	if (check_field(reader, "type", header->type, TYPE_EXEC, "EXEC") != 0 ||
	    check_field(reader, "machine", header->machine, MACHINE_RISCV, "RISC-V") != 0 ||
	    check_field(reader, "version", header->version, VERSION_CURRENT, "current") != 0 ||
	    check_flags(reader, header->flags) != 0 ||
	    check_field(reader, "ehsize", header->header_size, sizeof *header, "ELF64") != 0 ||
	    check_field(reader, "phentsize", header->program_entry_size,
			sizeof(struct program_header), "ELF64") != 0)
		return -1;
	if (header->n_program == 0 || header->n_program > PROGRAMS_MAX)
		return fail(reader, "phnum is %u, expected 1 to %u", header->n_program,
			    PROGRAMS_MAX);

	uint64_t bytes = header->n_program * sizeof(struct program_header);

	if (header->program_offset > reader->size || bytes > reader->size - header->program_offset)
		return fail(reader, "phoff 0x%llx: %u program headers run past the end of the file",
			    (unsigned long long)header->program_offset, header->n_program);
	return 0;
}

static uint64_t page_start(const struct elf_segment *segment)
{
	return segment->address & ~(uint64_t)(PUDU_PAGE_SIZE - 1);
}

static uint64_t page_end(const struct elf_segment *segment)
{
	return (segment->address + segment->memory_size + PUDU_PAGE_SIZE - 1) &
	       ~(uint64_t)(PUDU_PAGE_SIZE - 1);
}

/* The numbers of one PT_LOAD, by themselves. @n: its place among the program headers. */
static int check_load(const struct reader *reader, unsigned n, const struct program_header *load)
{
	if (load->offset > reader->size || load->file_size > reader->size - load->offset)
		return fail(reader, "segment %u: offset 0x%llx, filesz 0x%llx: not in the file", n,
			    (unsigned long long)load->offset, (unsigned long long)load->file_size);
	if (load->file_size > load->memory_size)
		return fail(reader, "segment %u: filesz 0x%llx is more than memsz 0x%llx", n,
			    (unsigned long long)load->file_size,
			    (unsigned long long)load->memory_size);
	if (load->align & (load->align - 1))
		return fail(reader, "segment %u: align 0x%llx is not a power of two", n,
			    (unsigned long long)load->align);
	if (load->align > 1 && ((load->address - load->offset) & (load->align - 1)) != 0)
		return fail(reader, "segment %u: vaddr 0x%llx, offset 0x%llx: differ modulo align",
			    n, (unsigned long long)load->address, (unsigned long long)load->offset);
	if (load->address < PUDU_MEMORY_START || load->address >= PUDU_MEMORY_END ||
	    load->memory_size > PUDU_MEMORY_END - load->address)
		return fail(reader, "segment %u: vaddr 0x%llx, memsz 0x%llx: not in program memory",
			    n, (unsigned long long)load->address,
			    (unsigned long long)load->memory_size);
	if ((load->flags & (PROGRAM_R | PROGRAM_W | PROGRAM_X)) == 0)
		return fail(reader, "segment %u: flags 0x%lx give no right", n,
			    (unsigned long)load->flags);
	if ((load->flags & PROGRAM_W) && !(load->flags & PROGRAM_R))
		return fail(reader, "segment %u: flags 0x%lx have W without R", n,
			    (unsigned long)load->flags);
	return 0;
}

static unsigned rights_of(uint32_t flags)
{
	return (flags & PROGRAM_R ? PUDU_R : 0u) | (flags & PROGRAM_W ? PUDU_W : 0u) |
	       (flags & PROGRAM_X ? PUDU_X : 0u);
}

/* One PT_LOAD, into the plan. */
static int add_load(const struct reader *reader, unsigned n, const struct program_header *load)
{
	struct elf_plan *plan = reader->plan;

	if (load->memory_size == 0 && load->file_size == 0)
		return 0;
	if (check_load(reader, n, load) != 0)
		return -1;
	if (plan->n_segments == ELF_SEGMENTS)
		return fail(reader, "segment %u: more than %u to load", n, ELF_SEGMENTS);

	struct elf_segment segment = {
		.address = load->address,
		.offset = load->offset,
		.file_size = load->file_size,
		.memory_size = load->memory_size,
		.rights = rights_of(load->flags),
	};
	uint64_t total = page_end(&segment) - page_start(&segment);

	for (unsigned i = 0; i < plan->n_segments; i++) {
		const struct elf_segment *other = &plan->segment[i];

		if (page_start(&segment) < page_end(other) &&
		    page_start(other) < page_end(&segment))
			return fail(reader, "segment %u: shares a page with the one at 0x%llx", n,
				    (unsigned long long)other->address);
		total += page_end(other) - page_start(other);
	}
	if (total > ELF_MEMORY_MAX)
		return fail(reader, "segment %u: the program takes 0x%llx bytes, at most 0x%llx", n,
			    (unsigned long long)total, ELF_MEMORY_MAX);
	plan->segment[plan->n_segments++] = segment;
	return 0;
}

static int check_entry(const struct reader *reader, uint64_t entry)
{
	const struct elf_plan *plan = reader->plan;

	if (entry & 1)
		return fail(reader, "entry 0x%llx is odd", (unsigned long long)entry);
	for (unsigned i = 0; i < plan->n_segments; i++) {
		const struct elf_segment *segment = &plan->segment[i];

		if ((segment->rights & PUDU_X) && entry - segment->address < segment->memory_size)
			return 0;
	}
	return fail(reader, "entry 0x%llx is in no executable segment", (unsigned long long)entry);
}

int elf_parse(const void *image, uint64_t size, struct elf_plan *plan, char *why, size_t why_size)
{
	struct reader reader = { image, size, plan, why, why_size };
	struct file_header header;

	why[0] = 0;
	*plan = (struct elf_plan){ 0 };
	if (size < sizeof header)
		return fail(&reader, "%llu bytes are too few for a header",
			    (unsigned long long)size);
	memcpy(&header, image, sizeof header);
	if (check_header(&reader, &header) != 0)
		return -1;

	for (unsigned n = 0; n < header.n_program; n++) {
		struct program_header program;

		memcpy(&program, reader.image + header.program_offset + n * sizeof program,
		       sizeof program);
		if (program.type == PROGRAM_INTERP)
			return fail(&reader, "segment %u asks for an interpreter: use -static", n);
		if (program.type == PROGRAM_LOAD && add_load(&reader, n, &program) != 0)
			return -1;
	}
	if (plan->n_segments == 0)
		return fail(&reader, "no segment to load");
	plan->entry = header.entry;
	return check_entry(&reader, header.entry);
}
