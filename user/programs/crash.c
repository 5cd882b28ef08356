/* SPDX-License-Identifier: MIT */
/* crash.c - crash [KIND]: makes a fault, to show what becomes of a program that does. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "abi/memory.h"

/* Addresses that the compiler must not know. */
static volatile uintptr_t nowhere, handles = PUDU_HANDLES + PUDU_PAGE_SIZE,
				   kernel = 0xffffffff80000000;

static void crash_store(void)
{
	*(volatile int *)nowhere = 1;
}

static void crash_kernel(void)
{
	(void)*(volatile int *)kernel;
}

static void crash_handle(void)
{
	(void)*(volatile int *)handles;
}

static void crash_jump(void)
{
	((void (*)(void))nowhere)();
}

static void crash_text(void)
{
	*(volatile uint16_t *)(uintptr_t)crash_store = 0;
}

static void crash_illegal(void)
{
	__asm__ volatile(".word 0xffffffff");
}

static void crash_privileged(void)
{
	__asm__ volatile("csrr t0, sstatus" ::: "t0");
}

static int recurse(volatile char *above)
{
	volatile char frame[1024];

	frame[0] = above[0];
	frame[1] = (char)nowhere;
	return frame[1] == 0 ? recurse(frame) + frame[1] : 0;
}

static void crash_stack(void)
{
	volatile char first[1] = { 0 };

	recurse(first);
}

static const struct {
	const char *name;
	void (*function)(void);
	const char *what;
} kinds[] = {
	{ "store", crash_store, "a store to address 0" },
	{ "jump", crash_jump, "a jump to address 0" },
	{ "kernel", crash_kernel, "a load from the kernel's half" },
	{ "handle", crash_handle, "a load from the handle window" },
	{ "text", crash_text, "a store to its own text" },
	{ "stack", crash_stack, "recursion without end" },
	{ "illegal", crash_illegal, "an instruction that does not exist" },
	{ "privileged", crash_privileged, "an instruction of the kernel" },
};

int main(int argc, char **argv)
{
	const char *wanted = argc > 1 ? argv[1] : kinds[0].name;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(wanted, kinds[i].name) == 0) {
			kinds[i].function();
			printf("crash: %s did not end this program\n", kinds[i].what);
			return 1;
		}
	printf("usage: crash [KIND]\nEnds by a fault. KIND is one of\n");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		printf("  %-12s%s%s\n", kinds[i].name, kinds[i].what,
		       i == 0 ? " (the default)" : "");
	return strcmp(wanted, "--help") == 0 ? 0 : 2;
}
