/* SPDX-License-Identifier: MIT */
/*
 * sieve.c - the same primes by one executor, then by one for each hart.
 *
 * The odd numbers are cut into segments that fit a first-level cache; whoever is free takes the
 * next segment. The first run takes as many as it can in RUN_MS, the second one the same, so the
 * times compare, and the counts must agree. Algorithm: the segmented sieve of Eratosthenes.
 */
#include "demo.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <pudu/memory.h>
#include <pudu/start.h>
#include <pudu/thread.h>

#include "table.h"

#define RUN_MS		 1500	/* how long one executor works */
#define SEGMENT		 32768u /* odd numbers in a segment */
#define SPAN		 (2ull * SEGMENT)
#define BASE_LIMIT	 32768u /* primes below this serve up to its square */
#define SEGMENTS_MAX	 ((uint64_t)BASE_LIMIT * BASE_LIMIT / SPAN)
#define CHECK_SEGMENTS	 16    /* 1048576 numbers hold */
#define CHECK_PRIMES	 82025 /* so many primes (pi(2^20)) */
#define SHOWS_PER_SECOND 8

static uint16_t base_primes[4096];
static unsigned n_base_primes;

static _Atomic uint64_t next_segment, count, check_count;
static _Atomic unsigned working; /* threads that have not finished */
static uint64_t finished;	 /* ticks when the last one had */
static uint8_t *buffers;	 /* SEGMENT bytes for each, the first one's first */
static uint64_t end_segment;	 /* take none from here on */
static uint64_t deadline;	 /* ticks; take none afterwards */
static enum row row;

static void base_primes_find(void)
{
	static uint8_t composite[BASE_LIMIT];

	for (unsigned n = 3; n < BASE_LIMIT; n += 2) {
		if (composite[n])
			continue;
		base_primes[n_base_primes++] = (uint16_t)n;
		for (unsigned multiple = n * n; multiple < BASE_LIMIT; multiple += 2 * n)
			composite[multiple] = 1;
	}
}

/* Count the primes from segment * SPAN on, in one segment. composite: SEGMENT bytes to work in. */
static unsigned segment_count(uint64_t segment, uint8_t *composite)
{
	uint64_t low = segment * SPAN, high = low + SPAN;
	unsigned primes = segment == 0; /* 2; and 1 is struck out below */

	memset(composite, 0, SEGMENT);
	composite[0] = segment == 0;
	for (unsigned i = 0; i < n_base_primes; i++) {
		uint64_t prime = base_primes[i], first = prime * prime;

		if (first >= high)
			break;
		if (first < low)
			first = ((low + prime - 1) / prime | 1) * prime; /* odd */
		for (uint64_t at = (first - low) / 2; at < SEGMENT; at += prime)
			composite[at] = 1;
	}
	for (unsigned i = 0; i < SEGMENT; i++)
		primes += !composite[i];
	return primes;
}

/* Change the table now and then: only the first thread does. */
static void show(uint64_t segment)
{
	static uint64_t next_show;

	if (pudu_ticks() < next_show)
		return;
	next_show = pudu_ticks() + pudu_info()->timebase / SHOWS_PER_SECOND;
	table_set(row, ROW_RUNS, "up to %llu", (unsigned long long)((segment + 1) * SPAN));
}

/* Take segments until none is left or the time is over. composite: SEGMENT bytes to work in. */
static int64_t work(void *composite)
{
	uint64_t found = 0;

	while (pudu_ticks() < deadline) {
		uint64_t segment = atomic_fetch_add(&next_segment, 1);
		unsigned primes;

		if (segment >= end_segment)
			break;
		primes = segment_count(segment, composite);
		found += primes;
		if (segment < CHECK_SEGMENTS)
			atomic_fetch_add(&check_count, primes);
		if (composite == buffers)
			show(segment);
	}
	atomic_fetch_add(&count, found);
	if (atomic_fetch_sub(&working, 1) == 1)
		finished = pudu_ticks();
	return 0;
}

/* Run with n threads, the caller as one of them. Result: microseconds; 0: there is no memory. */
static uint64_t run(unsigned n)
{
	struct pudu_thread *threads[PUDU_MAX_HARTS];
	unsigned made = 1;
	uint64_t begun;

	buffers = pudu_pages_take(n * SEGMENT);
	if (buffers == NULL)
		return 0;
	next_segment = 0;
	count = 0;
	check_count = 0;
	working = n;
	begun = pudu_ticks();
	while (made < n &&
	       pudu_thread_create(&threads[made], work, buffers + made * SEGMENT) == PUDU_OK)
		made++;
	work(buffers);
	for (unsigned i = 1; i < made; i++)
		pudu_thread_join(threads[i], NULL);
	pudu_pages_give(buffers, n * SEGMENT);
	return made < n ? 0 : pudu_microseconds(finished - begun);
}

/* Text for a time: "1.52 s". */
static const char *seconds(uint64_t us)
{
	static char text[24];

	snprintf(text, sizeof(text), "%llu.%02llu s", (unsigned long long)(us / 1000000),
		 (unsigned long long)(us / 10000 % 100));
	return text;
}

void demo_sieve(void)
{
	uint64_t us_one, us_all, primes, hundredths;
	int good;

	base_primes_find();
	row = ROW_SIEVE_ONE;
	end_segment = SEGMENTS_MAX;
	deadline = pudu_ticks() + pudu_info()->timebase * RUN_MS / 1000;
	us_one = run(1);
	primes = count;
	end_segment = next_segment < SEGMENTS_MAX ? next_segment : SEGMENTS_MAX;
	good = us_one != 0 && (end_segment < CHECK_SEGMENTS || check_count == CHECK_PRIMES);
	table_set(row, good ? ROW_DONE : ROW_FAILED, "%llu below %llu in %s",
		  (unsigned long long)primes, (unsigned long long)(end_segment * SPAN),
		  seconds(us_one));

	row = ROW_SIEVE_ALL;
	deadline = UINT64_MAX;
	us_all = run((unsigned)pudu_info()->harts);
	hundredths = us_all == 0 ? 0 : us_one * 100 / us_all;
	table_set(row, us_all != 0 && count == primes ? ROW_DONE : ROW_FAILED,
		  "%llu.%02llu times as fast, in %s", (unsigned long long)(hundredths / 100),
		  (unsigned long long)(hundredths % 100), seconds(us_all));
}
