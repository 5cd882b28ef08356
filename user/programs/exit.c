/* SPDX-License-Identifier: MIT */
/* exit.c - exit CODE: ends with that code (0 to 255). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	char *end = NULL;
	unsigned long code = argc == 2 ? strtoul(argv[1], &end, 10) : 0;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		printf("usage: exit CODE\nEnds with the exit code CODE, 0 to 255.\n");
		return 0;
	}
	if (argc != 2 || end == argv[1] || *end != 0 || code > 255) {
		fprintf(stderr, "exit: wants one number, 0 to 255\n");
		return 2;
	}
	return (int)code;
}
