/* SPDX-License-Identifier: MIT */
/* isa.c - see isa.h. */
#include "kernel/isa.h"

#include <stdbool.h>
#include <string.h>

#include "abi/info.h"

#define ISA_G (PUDU_ISA_M | PUDU_ISA_F | PUDU_ISA_D) /* and i, a, zicsr, zifencei */

static const struct {
	const char *name;
	uint64_t bit;
} extensions[] = {
	{ "f", PUDU_ISA_F },
	{ "d", PUDU_ISA_D | PUDU_ISA_F },
	{ "c", PUDU_ISA_C },
	{ "m", PUDU_ISA_M },
	{ "g", ISA_G },
	{ "v", PUDU_ISA_V },
	{ "sstc", PUDU_ISA_SSTC },
	{ "svpbmt", PUDU_ISA_SVPBMT },
	{ "zicboz", PUDU_ISA_ZICBOZ },
	{ "svnapot", PUDU_ISA_SVNAPOT },
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Characters of the version at @text: "2", "2p0" or nothing. */
static size_t version_length(const char *text)
{
	size_t length = 0;

	while (is_digit(text[length]))
		length++;
	if (length > 0 && lower(text[length]) == 'p' && is_digit(text[length + 1])) {
		length++;
		while (is_digit(text[length]))
			length++;
	}
	return length;
}

/* @text, up to @length: is it @name, with or without a version? */
static bool is_extension(const char *text, size_t length, const char *name)
{
	size_t n = strlen(name);

	if (length < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (lower(text[i]) != name[i])
			return false;
	return version_length(text + n) == length - n;
}

static uint64_t bit_of(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
		if (is_extension(text, length, extensions[i].name))
			return extensions[i].bit;
	return 0;
}

/*
 * Does a name of several letters start here, among those of one letter? (Old trees end the letters
 * with "su", for the modes: that is a name too, one that nobody knows.)
 */
static bool is_long_name(const char *text)
{
	char first = lower(text[0]);

	return first == 's' || first == 'x' || first == 'z';
}

uint64_t isa_of_string(const char *isa)
{
	uint64_t bits = 0;

	if (lower(isa[0]) != 'r' || lower(isa[1]) != 'v' || isa[2] != '6' || isa[3] != '4')
		return 0;
	isa += 4;
	while (*isa != 0) {
		size_t length;

		if (*isa == '_') {
			isa++;
			continue;
		}
		if (is_long_name(isa))
			length = strcspn(isa, "_");
		else
			length = 1 + version_length(isa + 1);
		bits |= bit_of(isa, length);
		isa += length;
	}
	return bits;
}

uint64_t isa_of_list(const char *list, size_t size)
{
	uint64_t bits = 0;

	while (size > 0) {
		const char *end = memchr(list, 0, size);

		if (end == NULL)
			break;

		size_t length = (size_t)(end - list);

		bits |= bit_of(list, length);
		list += length + 1;
		size -= length + 1;
	}
	return bits;
}
