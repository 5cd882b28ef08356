/* SPDX-License-Identifier: MIT */
/*
 * spans.c - a plugin of QEMU: how many instructions a hart executes between two marks.
 *
 * A span has a number from 2 to SPANS - 1. It begins behind the HINT `slti zero, zero, NUMBER` and
 * ends at `slti zero, zero, NUMBER | 1024` of the same hart, in the kernel or in a program. The
 * span SPAN_SLEEP begins behind each wfi of the kernel instead. A beginning forgets the one before;
 * an end without a beginning counts nothing. Instructions of the firmware are not counted.
 *
 * Arguments: result=FILE, and NUMBER=NAME for each span; at the end the file gets a line
 * `bench: NAME MEDIAN instructions` for each of them that was seen, and one with the least in
 * parentheses.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch.h"

enum {
	SPANS = 16,
	SPAN_SLEEP = 3,
	SAMPLES = 4096, /* of each span; more are not kept */
	WFI = 0x10500073,
	MARK = 0x00002013, /* slti zero, zero, 0; from bit 20 on: the number */
	MARK_MASK = 0x000fffff,
	MARK_SHIFT = 20,
	MARK_END = 1024,
};

/* Only the thread that plays the hart touches this. */
static struct hart {
	uint64_t instructions;
	uint64_t begun[SPANS]; /* the count of instructions then; 0: it was not begun */
} __attribute__((aligned(128))) harts[HARTS];

static struct span {
	const char *name; /* NULL: not asked for */
	unsigned n;
	uint64_t samples[SAMPLES];
} spans[SPANS];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the samples */
static const char *result_path;

/* A mark in a block. */
struct mark {
	unsigned span;
	unsigned after; /* instructions of the block from the mark on */
};

/* @data: how many instructions the block has. */
static void block_runs(unsigned index, void *data)
{
	(void)index;
	harts[watch_hart()].instructions += (uintptr_t)data;
}

static void span_begins(unsigned index, void *data)
{
	const struct mark *mark = data;
	struct hart *hart = &harts[watch_hart()];

	(void)index;
	hart->begun[mark->span] = hart->instructions - mark->after + 1;
}

static void span_ends(unsigned index, void *data)
{
	const struct mark *mark = data;
	struct hart *hart = &harts[watch_hart()];
	struct span *span = &spans[mark->span];
	uint64_t begun = hart->begun[mark->span];

	(void)index;
	hart->begun[mark->span] = 0;
	pthread_mutex_lock(&lock);
	if (begun != 0 && span->n < SAMPLES)
		span->samples[span->n++] = hart->instructions - mark->after - begun;
	pthread_mutex_unlock(&lock);
}

static void watch_mark(struct qemu_plugin_insn *instruction, unsigned number, unsigned after,
		       plugin_executed callback)
{
	struct mark *mark;

	if (number >= SPANS || spans[number].name == NULL)
		return;
	mark = malloc(sizeof *mark); /* it lives as long as QEMU */
	if (mark == NULL)
		abort();
	mark->span = number;
	mark->after = after;
	watch(instruction, callback, mark);
}

static void translate(plugin_id id, struct qemu_plugin_tb *translated)
{
	uint64_t pc = qemu_plugin_tb_vaddr(translated);
	unsigned n = (unsigned)qemu_plugin_tb_n_insns(translated);

	(void)id;
	if (pc >= FIRMWARE_START && pc < FIRMWARE_END)
		return;
	/* The first: the callbacks of its instructions come later. */
	qemu_plugin_register_vcpu_tb_exec_cb(translated, block_runs, PLUGIN_WITHOUT_REGS,
					     (void *)(uintptr_t)n);
	for (unsigned i = 0; i < n; i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(translated, i);
		uint32_t word = watch_word(instruction);
		unsigned number = word >> MARK_SHIFT;

		if (word == WFI && pc >> 63)
			watch_mark(instruction, SPAN_SLEEP, n - i, span_begins);
		else if ((word & MARK_MASK) == MARK && (number & MARK_END))
			watch_mark(instruction, number & ~(unsigned)MARK_END, n - i, span_ends);
		else if ((word & MARK_MASK) == MARK && number != SPAN_SLEEP)
			watch_mark(instruction, number, n - i, span_begins);
	}
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

static void write_result(plugin_id id, void *data)
{
	FILE *file = fopen(result_path, "w");

	(void)id;
	(void)data;
	if (file == NULL)
		return;
	for (struct span *span = spans; span < spans + SPANS; span++) {
		if (span->n == 0)
			continue;
		qsort(span->samples, span->n, sizeof span->samples[0], compare);
		fprintf(file, "(%s: at least %llu, of %u)\n", span->name,
			(unsigned long long)span->samples[0], span->n);
		fprintf(file, "bench: %s %llu instructions\n", span->name,
			(unsigned long long)span->samples[span->n / 2]);
	}
	fclose(file);
}

/* NUMBER=NAME. Result: false if it is something else. */
static bool name_span(const char *word)
{
	char *name;
	unsigned long number = strtoul(word, &name, 10);

	if (name == word || *name != '=' || number < 2 || number >= SPANS)
		return false;
	spans[number].name = strdup(name + 1);
	return true;
}

int qemu_plugin_install(plugin_id id, const struct plugin_info *info, int count, char **words)
{
	bool harts_differ = watch_start(info);

	for (int i = 0; i < count; i++) {
		if (strncmp(words[i], "result=", 7) == 0) {
			result_path = strdup(words[i] + 7);
		} else if (!name_span(words[i])) {
			fprintf(stderr, "spans: what is %s?\n", words[i]);
			return 1;
		}
	}
	/* Without arguments this only tells that QEMU loads it. */
	if (result_path == NULL || !harts_differ)
		return 0;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, write_result, NULL);
	return 0;
}
