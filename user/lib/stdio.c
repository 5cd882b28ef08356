/* SPDX-License-Identifier: MIT */
/*
 * stdio.c - picolibc's three streams over log_write.
 *
 * picolibc's printf takes no lock and hands over a character at a time. Every thread therefore
 * collects its own line, and hands whole lines to the kernel, which keeps up to PUDU_LOG_LINE bytes
 * together: lines of different threads and programs do not mix. Longer ones are cut into
 * such pieces. stdout and stderr share the line, so their text stays in order.
 */
#include <stdint.h>
#include <stdio.h>

#include <pudu/calls.h>

#include "abi/executor.h"
#include "internal.h"

static _Thread_local struct {
	uint32_t length; /* characters that wait */
	char text[PUDU_LOG_LINE];
} line;

void pudu_stdio_flush(void)
{
	if (line.length != 0)
		pudu_log_write((uint64_t)line.text, line.length);
	line.length = 0;
}

static int stdio_put(char character, FILE *file)
{
	(void)file;
	line.text[line.length++] = character;
	if (character == '\n' || line.length == sizeof(line.text))
		pudu_stdio_flush();
	return (unsigned char)character;
}

static int stdio_get(FILE *file)
{
	(void)file;
	return _FDEV_EOF; /* programs have no input yet */
}

static int stdio_flush(FILE *file)
{
	(void)file;
	pudu_stdio_flush();
	return 0;
}

static FILE input = FDEV_SETUP_STREAM(NULL, stdio_get, NULL, _FDEV_SETUP_READ);
static FILE output = FDEV_SETUP_STREAM(stdio_put, NULL, stdio_flush, _FDEV_SETUP_WRITE);
static FILE errors = FDEV_SETUP_STREAM(stdio_put, NULL, stdio_flush, _FDEV_SETUP_WRITE);

FILE *const stdin = &input;
FILE *const stdout = &output;
FILE *const stderr = &errors;

/* exit() runs this in the thread that called it: the last line need not end. */
__attribute__((destructor)) static void stdio_end(void)
{
	pudu_stdio_flush();
}
