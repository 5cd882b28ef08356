/* SPDX-License-Identifier: MIT */
/* bootargs.c - see bootargs.h. */
#include "kernel/bootargs.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WORD_SHOWN 40 /* characters of a bad word that are worth repeating */

struct word {
	const char *text;
	size_t length;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next word at *@line, which moves behind it. length 0: there is none. */
static struct word next_word(const char **line)
{
	while (is_blank(**line))
		(*line)++;

	struct word word = { *line, 0 };

	while (**line != 0 && !is_blank(**line))
		(*line)++;
	word.length = (size_t)(*line - word.text);
	return word;
}

static bool word_is(struct word word, const char *text)
{
	return word.length == strlen(text) && memcmp(word.text, text, word.length) == 0;
}

/* If @word begins with @name, *value is what follows. */
static bool word_starts(struct word word, const char *name, struct word *value)
{
	size_t length = strlen(name);

	if (word.length < length || memcmp(word.text, name, length) != 0)
		return false;
	*value = (struct word){ word.text + length, word.length - length };
	return true;
}

static bool parse_number(struct word word, uint64_t most, uint64_t *number)
{
	uint64_t value = 0;

	if (word.length == 0)
		return false;
	for (size_t i = 0; i < word.length; i++) {
		if (word.text[i] < '0' || word.text[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(word.text[i] - '0');
		if (value > most)
			return false;
	}
	*number = value;
	return true;
}

/* What is wrong with @word; NULL: nothing, and @out has it. */
static const char *parse_word(struct word word, struct options *out)
{
	struct word value;

	if (word_starts(word, "mmu=", &value)) {
		if (word_is(value, "sv39"))
			out->levels = 3;
		else if (word_is(value, "sv48"))
			out->levels = 4;
		else
			return "mmu is sv39 or sv48";
		return NULL;
	}
	if (word_starts(word, "watchdog=", &value))
		return parse_number(value, BOOTARGS_WATCHDOG_MAX, &out->watchdog)
			       ? NULL
			       : "watchdog is a number of seconds, at most 1000000000";
	if (word_starts(word, "asid=", &value))
		return parse_number(value, BOOTARGS_ASID_MAX, &out->asid_bits)
			       ? NULL
			       : "asid is a number of bits, at most 16";
	if (word_starts(word, "reserve=", &value))
		return parse_number(value, BOOTARGS_RESERVE_MAX, &out->reserve)
			       ? NULL
			       : "reserve is a number of frames for each hart, at most 1000000";
	if (word_starts(word, "fast=", &value)) {
		out->slow = word_is(value, "off");
		return out->slow || word_is(value, "on") ? NULL : "fast is on or off";
	}
	return "no such option (before --: mmu=, watchdog=, asid=, reserve=, fast=)";
}

/* Append a line to @why, if it fits whole. */
static void complain(struct word word, const char *what, char *why, size_t why_size)
{
	size_t used = strlen(why), room = why_size - used;
	int shown = word.length > WORD_SHOWN ? WORD_SHOWN : (int)word.length;
	int length = snprintf(why + used, room, "boot argument \"%.*s\"%s: %s\n", shown, word.text,
			      word.length > WORD_SHOWN ? "..." : "", what);

	if (length < 0 || (size_t)length >= room)
		why[used] = 0;
}

unsigned bootargs_parse(const char *line, struct options *out, char *why, size_t why_size)
{
	unsigned complaints = 0;

	*out = (struct options){ .asid_bits = BOOTARGS_ASID_MAX, .reserve = BOOTARGS_NOT_SAID };
	why[0] = 0;
	for (;;) {
		struct word word = next_word(&line);

		if (word.length == 0 || word_is(word, "--"))
			return complaints;

		const char *what = parse_word(word, out);

		if (what != NULL) {
			complaints++;
			complain(word, what, why, why_size);
		}
	}
}

const char *bootargs_rest(const char *line)
{
	for (;;) {
		struct word word = next_word(&line);

		if (word.length == 0)
			return line; /* at the final 0: "" */
		if (word_is(word, "--"))
			break;
	}
	while (is_blank(*line))
		line++;
	return line;
}
