/* SPDX-License-Identifier: MIT */
/* fixture_elf.h - a good program in ELF, to be changed here and there. */
#ifndef FIXTURE_ELF_H
#define FIXTURE_ELF_H

#include "fixture.h"

#include "abi/memory.h"
#include "kernel/elf.h"

/* Where the fields are, from the gABI, apart from the struct in elf.c. */
enum {
	E_MAGIC = 0,
	E_CLASS = 4,
	E_DATA = 5,
	E_IDENT_VERSION = 6,
	E_TYPE = 16,
	E_MACHINE = 18,
	E_VERSION = 20,
	E_ENTRY = 24,
	E_PHOFF = 32,
	E_FLAGS = 48,
	E_EHSIZE = 52,
	E_PHENTSIZE = 54,
	E_PHNUM = 56
};
enum {
	P_TYPE = 0,
	P_FLAGS = 4,
	P_OFFSET = 8,
	P_VADDR = 16,
	P_FILESZ = 32,
	P_MEMSZ = 40,
	P_ALIGN = 48,
	PHDR = 56
};

#define PROGRAM(n, field) (64 + (n)*PHDR + (field))
#define IMAGE_SIZE	  0x2100u

static unsigned char image[IMAGE_SIZE];
static struct elf_plan plan;
static char why[ELF_WHY_SIZE];

static inline void put(size_t at, size_t n, uint64_t value)
{
	assert_true(at + n <= sizeof image);
	for (size_t i = 0; i < n; i++)
		image[at + i] = (unsigned char)(value >> (8 * i));
}

static inline void put_program(unsigned n, uint32_t type, uint32_t flags, uint64_t offset,
			       uint64_t vaddr, uint64_t filesz, uint64_t memsz)
{
	put(PROGRAM(n, P_TYPE), 4, type);
	put(PROGRAM(n, P_FLAGS), 4, flags);
	put(PROGRAM(n, P_OFFSET), 8, offset);
	put(PROGRAM(n, P_VADDR), 8, vaddr);
	put(PROGRAM(n, P_FILESZ), 8, filesz);
	put(PROGRAM(n, P_MEMSZ), 8, memsz);
	put(PROGRAM(n, P_ALIGN), 8, 0x1000);
}

/* Text, data with .bss, an empty segment to load, a note. */
static inline int good_image(void **state)
{
	(void)state;
	memset(image, 0, sizeof image);
	put(E_MAGIC, 4, 0x464c457f);
	put(E_CLASS, 1, 2);
	put(E_DATA, 1, 1);
	put(E_IDENT_VERSION, 1, 1);
	put(E_TYPE, 2, 2);
	put(E_MACHINE, 2, 243);
	put(E_VERSION, 4, 1);
	put(E_ENTRY, 8, 0x10100);
	put(E_PHOFF, 8, 64);
	put(E_FLAGS, 4, 5);
	put(E_EHSIZE, 2, 64);
	put(E_PHENTSIZE, 2, 56);
	put(E_PHNUM, 2, 4);
	put_program(0, 1, 5, 0, 0x10000, 0x1800, 0x1800);
	put_program(1, 1, 6, 0x2000, 0x13000, 0x100, 0x2345);
	put_program(2, 1, 6, 0x2000, 0x13000, 0, 0);
	put_program(3, 4, 4, 0x9999999, 0x13000, 0x88888888, 0x20);
	return 0;
}

static inline int parse(size_t size)
{
	unsigned char *exact = exact_copy(image, size);
	int result = elf_parse(exact, size, &plan, why, sizeof why);

	free(exact);
	return result;
}

static inline void refused(const char *part)
{
	assert_int_equal(parse(IMAGE_SIZE), -1);
	assert_says(why, "ELF: ");
	assert_says(why, part);
}

#endif
