/* SPDX-License-Identifier: MIT */
/* table.c - see table.h. Cursor and colours: ECMA-48. */
#include "table.h"

#include <stdarg.h>
#include <stdio.h>

#define NAME_WIDTH 28
#define TEXT_WIDTH 38

static struct {
	const char *name;
	enum row_state state;
	char text[TEXT_WIDTH + 1];
} rows[ROWS];
static int is_plain, is_drawn;

static const char *const state_names[] = {
	[ROW_WAITS] = "-",
	[ROW_RUNS] = "running",
	[ROW_DONE] = "done",
	[ROW_FAILED] = "FAILED",
};
static const char *const state_colours[] = {
	[ROW_WAITS] = "2",
	[ROW_RUNS] = "33",
	[ROW_DONE] = "32",
	[ROW_FAILED] = "1;31",
};

void table_begin(int plain)
{
	is_plain = plain;
}

void table_name(enum row row, const char *name)
{
	rows[row].name = name;
}

/* A line goes out in one piece: it is shorter than what log_write keeps together. */
static void row_draw(enum row row)
{
	enum row_state state = rows[row].state;

	if (is_plain)
		printf("  %-*s %-8s %s\n", NAME_WIDTH, rows[row].name, state_names[state],
		       rows[row].text);
	else
		printf("  %-*s \033[%sm%-8s\033[0m %s\033[K\n", NAME_WIDTH, rows[row].name,
		       state_colours[state], state_names[state], rows[row].text);
}

static void head_draw(void)
{
	printf("\n  %-*s %-8s %s\n", NAME_WIDTH, "PART", "STATE", "RESULT");
	is_drawn = 1;
}

/* Show all rows, or, if they stand there already, change one of them. The cursor ends below. */
static void table_draw(enum row changed)
{
	if (!is_drawn) {
		head_draw();
		for (enum row row = 0; row < ROWS; row++)
			row_draw(row);
		return;
	}
	printf("\033[%uA", ROWS - changed);
	row_draw(changed);
	if (ROWS - changed > 1)
		printf("\033[%uB", ROWS - changed - 1);
	fflush(stdout);
}

/* Show a row that is final, below what was shown before. */
static void plain_draw(enum row row)
{
	if (rows[row].state != ROW_DONE && rows[row].state != ROW_FAILED)
		return;
	if (!is_drawn)
		head_draw();
	row_draw(row);
}

void table_set(enum row row, enum row_state state, const char *format, ...)
{
	va_list arguments;

	rows[row].state = state;
	va_start(arguments, format);
	vsnprintf(rows[row].text, sizeof(rows[row].text), format, arguments);
	va_end(arguments);
	if (is_plain)
		plain_draw(row);
	else
		table_draw(row);
}

unsigned table_failures(void)
{
	unsigned failures = 0;

	for (enum row row = 0; row < ROWS; row++)
		failures += rows[row].state == ROW_FAILED;
	return failures;
}

void table_again(void)
{
	is_drawn = is_plain;
}
