/* SPDX-License-Identifier: MIT */
/*
 * green.c - green [--threads N] [--stack BYTES] [--workers N]: very many green threads at once.
 *
 * The first green thread makes all others. Each counts itself and waits; when all are there, they
 * are let go, and each works a little and yields a few times before it ends. All must have run
 * once.
 */
#include <pudu/green.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pudu/memory.h>
#include <pudu/start.h>
#include <pudu/status.h>

#define THREADS 100000
#define STACK	1024
#define YIELDS	4
#define WORK	50 /* turns of a loop before each yield */

struct member {
	struct pudu_green *self;
	_Atomic uint32_t runs;
};

static struct member *members;
static uint32_t n_threads = THREADS;
static _Atomic uint32_t arrived, most;
static _Atomic uint32_t let_go;

static void member(void *argument)
{
	struct member *self = argument;

	self->self = pudu_green_self();
	self->runs++;
	arrived++;
	while (!let_go)
		pudu_green_park();
	for (unsigned i = 0; i < YIELDS; i++) {
		for (volatile unsigned turn = 0; turn < WORK; turn++)
			continue;
		pudu_green_yield();
	}
}

static void make_members(void *unused)
{
	struct pudu_green_group group = { 0 };
	uint32_t made = 0;

	(void)unused;
	while (made < n_threads && pudu_green_spawn(&group, member, &members[made]) == PUDU_OK)
		made++;
	while (arrived < made)
		pudu_green_yield();
	most = made;
	let_go = 1;
	for (uint32_t i = 0; i < made; i++)
		pudu_green_unpark(members[i].self);
	pudu_green_join(&group);
}

/* Result: 0 if all ran once, the exit code. */
static int report(const struct pudu_green_stats *stats, unsigned workers, uint64_t us)
{
	uint32_t once = 0;

	printf("worker   green threads ended   stolen from others   times asleep\n");
	for (unsigned i = 0; i < workers; i++)
		printf("%6u   %19llu   %18llu   %12llu\n", i, (unsigned long long)stats[i].ended,
		       (unsigned long long)stats[i].stolen, (unsigned long long)stats[i].slept);
	for (uint32_t i = 0; i < n_threads; i++)
		once += members[i].runs == 1;
	printf("%lu of %lu ran exactly once, %lu were there at once, in %llu.%03llu s\n",
	       (unsigned long)once, (unsigned long)n_threads, (unsigned long)most,
	       (unsigned long long)(us / 1000000), (unsigned long long)(us / 1000 % 1000));
	return once == n_threads && most == n_threads ? 0 : 1;
}

static int usage(int code)
{
	printf("usage: green [--threads N] [--stack BYTES] [--workers N]\n"
	       "Runs N green threads at once (100000), with BYTES of stack each (1024), on N workers\n"
	       "(one for each hart), and shows which worker ran how many and how many it stole.\n");
	return code;
}

/* Result: 1 if the arguments are good. */
static int read_arguments(int argc, char **argv, struct pudu_green_options *options)
{
	for (int i = 1; i < argc; i += 2) {
		char *end = NULL;
		unsigned long value = i + 1 < argc ? strtoul(argv[i + 1], &end, 10) : 0;

		if (value == 0 || *end != 0 || value > PUDU_GREEN_THREADS_MAX)
			return 0;
		if (strcmp(argv[i], "--threads") == 0)
			n_threads = (uint32_t)value;
		else if (strcmp(argv[i], "--stack") == 0)
			options->stack = value;
		else if (strcmp(argv[i], "--workers") == 0)
			options->workers = (unsigned)value;
		else
			return 0;
	}
	return 1;
}

int main(int argc, char **argv)
{
	struct pudu_green_options options = { (unsigned)pudu_info()->harts, 0, STACK };
	struct pudu_green_stats stats[PUDU_GREEN_WORKERS_MAX];
	uint64_t begun = pudu_ticks(), left = pudu_pages_left();
	int64_t status;
	int code;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage(0);
	if (!read_arguments(argc, argv, &options))
		return usage(2);
	options.threads = n_threads + 1;
	members = pudu_pages_take(n_threads * sizeof(*members));
	if (members == NULL) {
		printf("green: no memory for so many threads\n");
		return 1;
	}
	printf("%lu green threads, %lu bytes of stack each, %u worker%s\n\n",
	       (unsigned long)n_threads, (unsigned long)options.stack, options.workers,
	       options.workers == 1 ? "" : "s");
	status = pudu_green_run(&options, make_members, NULL, stats);
	if (status != PUDU_OK) {
		printf("green: %s (%s)\n", pudu_status_text(status), pudu_status_name(status));
		return 1;
	}
	code = report(stats, options.workers, pudu_microseconds(pudu_ticks() - begun));
	pudu_pages_give(members, n_threads * sizeof(*members));
	printf("%lld pages of memory are not free again\n", (long long)(left - pudu_pages_left()));
	return code;
}
