/* SPDX-License-Identifier: MIT */
/* hello.c - prints its arguments and its environment. */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	printf("Hello from a program of the initrd.\n");
	for (int i = 0; i < argc; i++)
		printf("argument %d: %s\n", i, argv[i]);
	for (char **variable = environ; *variable != NULL; variable++)
		printf("environment: %s\n", *variable);
	return 0;
}
