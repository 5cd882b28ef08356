/* SPDX-License-Identifier: MIT */
/*
 * table.h - the table of the demonstration: a row for each part, with its state and its result.
 *
 * On a terminal the table stays where it is and its rows change; in plain mode each row is printed
 * once, when it is final. 80 columns, ASCII.
 */
#ifndef DEMO_TABLE_H
#define DEMO_TABLE_H

enum row {
	ROW_HARTS,
	ROW_RING,
	ROW_CRASH,
	ROW_SIEVE_ONE,
	ROW_SIEVE_ALL,
	ROWS,
};

enum row_state { ROW_WAITS, ROW_RUNS, ROW_DONE, ROW_FAILED };

/* Choose how to show. plain: 1 without cursor movement. */
void table_begin(int plain);

/* The name of a row, at most 28 characters, kept by the caller; before it is shown first. */
void table_name(enum row row, const char *name);

/* Set a row's state and its text (as printf does, cut after 38 characters), and show the table. */
void table_set(enum row row, enum row_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* How many rows have failed. */
unsigned table_failures(void);

/* Somebody else has written since the table was shown: show it again below that. */
void table_again(void);

#endif
