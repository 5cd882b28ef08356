/* SPDX-License-Identifier: MIT */
/* harts.c - what needs several harts: pages that an idle hart has zeroed, and one address space
 * that all harts change at once. */
#include "bench.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/memory.h>
#include <pudu/spawn.h>
#include <pudu/start.h>
#include <pudu/thread.h>

#include "abi/executor.h"
#include "abi/status.h"

#define FRESH	    (PUDU_R | PUDU_W | PUDU_MAP_FRESH)
#define MEGAPAGE    0x200000
#define REST	    100000 /* turns of a loop in which an idle hart fills its pool */
#define POOL	    8	   /* samples after each rest: fewer than the pool has */
#define MAPS	    2000   /* in all, for each number of harts */
#define SHARERS_MAX 4
#define OWN_AREA    (4 * MEGAPAGE) /* addresses of each: for all MAPS */

/* What the sleeper shares with the program that wakes it. */
struct alarm {
	_Atomic uint32_t sleeps; /* 1: the sleeper sleeps, or will at once */
	_Atomic uint32_t stop;
};

/* Let the sleeper sleep for a while; then wake it. */
int bench_waker(void)
{
	struct alarm *alarm = pudu_start()->shared;

	while (!alarm->stop) {
		if (!alarm->sleeps)
			continue;
		for (volatile unsigned i = 0; i < REST; i++)
			continue;
		alarm->sleeps = 0;
		pudu_unpark(pudu_start()->parent);
	}
	return 0;
}

static void rest(struct alarm *alarm)
{
	alarm->sleeps = 1;
	while (alarm->sleeps)
		pudu_park_if((uint64_t)&alarm->sleeps, 1, PUDU_FOREVER);
}

static void touch_page(uint64_t start)
{
	pudu_map(PUDU_OWN_VAS, start, PUDU_PAGE_SIZE, 0, 0, FRESH);
	*(volatile char *)start = 1;
	pudu_unmap(PUDU_OWN_VAS, start, PUDU_PAGE_SIZE);
}

/*
 * map_touch_unmap_4k with a page that was zeroed before. The waker is another program, so that no
 * other hart has to be told of the unmap.
 */
static void bench_zeroed(uint64_t start)
{
	static char name[] = "bench", option[] = "--waker";
	char *argv[] = { name, option, NULL };
	struct alarm *alarm = pudu_pages_take(PUDU_PAGE_SIZE);
	struct pudu_spawn_options options = {
		.path = name,
		.argv = argv,
		.shared = alarm,
		.shared_size = PUDU_PAGE_SIZE,
	};
	struct pudu_process waker;

	if (alarm == NULL || pudu_spawn(&options, &waker) != PUDU_OK) {
		bench_fail("zero_idle", alarm == NULL ? "no memory" : waker.error);
		return;
	}
	BENCH_MEASURE_BETWEEN(if (bench_i % POOL == 0) rest(alarm), touch_page(start), (void)0);
	bench_print("zero_idle");
	alarm->stop = 1;
	pudu_wait(&waker, NULL);
	pudu_release(&waker);
	pudu_pages_give(alarm, PUDU_PAGE_SIZE);
}

static _Atomic unsigned ready, done_maps;
static _Atomic bool go;

/* Map pages of its own, one by one, until all together have done enough. */
static int64_t map_pages(void *area)
{
	uint64_t start = (uint64_t)area;
	unsigned n;

	ready++;
	while (!go)
		pudu_yield();
	while ((n = done_maps++) < MAPS) {
		uint64_t before = bench_instructions();

		pudu_map(PUDU_OWN_VAS, start, PUDU_PAGE_SIZE, 0, 0, FRESH);
		bench_samples[n % BENCH_SAMPLES] = (uint32_t)(bench_instructions() - before);
		start += PUDU_PAGE_SIZE;
	}
	return 0;
}

/* Start so many threads of map_pages(). Result: did all start? */
static bool start_mappers(struct pudu_thread **thread, uint64_t area, unsigned n)
{
	ready = 0;
	done_maps = 0;
	go = false;
	for (uint64_t i = 0; i < n; i++)
		if (pudu_thread_create(&thread[i], map_pages, (void *)(area + i * OWN_AREA)) !=
		    PUDU_OK)
			return false;
	while (ready < n)
		pudu_yield();
	return true;
}

/*
 * Instructions of all harts together for each map: so many harts map at once in one address space.
 * Waits for each other are in it, and a wait takes a turn of QEMU's where a lock is held for less:
 * the figure tells more than a machine would show. What a map takes at least is in the line in
 * parentheses.
 */
static void bench_scaling(uint64_t area, unsigned harts)
{
	struct pudu_thread *thread[SHARERS_MAX];
	uint64_t begun, total;
	uint32_t least = UINT32_MAX;
	char name[32];

	snprintf(name, sizeof name, "mmap_scaling_%u", harts);
	if (pudu_info()->harts < harts) {
		bench_fail(name, "the machine has fewer harts");
		return;
	}
	if (!start_mappers(thread, area, harts)) {
		bench_fail(name, "no memory for a thread");
		return;
	}
	begun = bench_instructions();
	go = true;
	for (unsigned i = 0; i < harts; i++)
		pudu_thread_join(thread[i], NULL);
	total = bench_instructions() - begun;
	for (unsigned i = 0; i < BENCH_SAMPLES; i++)
		least = bench_samples[i] < least ? bench_samples[i] : least;
	printf("(%s: at least %u)\n", name, least);
	pudu_unmap(PUDU_OWN_VAS, area, SHARERS_MAX * OWN_AREA);
	bench_print_value(name, total / MAPS, "instructions");
}

void bench_harts(void)
{
	uint64_t area = pudu_addresses_take(SHARERS_MAX * OWN_AREA, MEGAPAGE);

	if (area == 0) {
		bench_fail("zero_idle", "no addresses are free");
		return;
	}
	bench_zeroed(area);
	for (unsigned harts = 1; harts <= SHARERS_MAX; harts *= 2)
		bench_scaling(area, harts);
	pudu_addresses_give(area, SHARERS_MAX * OWN_AREA);
}
