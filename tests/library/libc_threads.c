/* SPDX-License-Identifier: MIT */
/* libc_threads.c - the C library keeps its word when all harts use it at once. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "posix_check.h"

#define ROUNDS	    200
#define ALLOCATIONS 3000
#define BLOCKS	    16
#define SIZE	    300
#define PRINTED	    20

/* Fill a block with a pattern of its owner, or look whether it still has it. */
static void fill(unsigned char *block, size_t size, unsigned seed)
{
	for (size_t i = 0; i < size; i++)
		block[i] = (unsigned char)(seed + i);
}

static bool is_whole(const unsigned char *block, size_t size, unsigned seed)
{
	for (size_t i = 0; i < size; i++)
		if (block[i] != (unsigned char)(seed + i))
			return false;
	return true;
}

static int64_t allocate(void *number)
{
	unsigned seed = (unsigned)(uintptr_t)number * 77 + 1, random = seed;
	unsigned char *block[BLOCKS] = { 0 };
	size_t size[BLOCKS] = { 0 };

	for (unsigned i = 0; i < ALLOCATIONS; i++) {
		unsigned which;

		random = random * 1103515245 + 12345;
		which = random >> 16 & (BLOCKS - 1);
		CHECK(is_whole(block[which], size[which], seed + which));
		if (random & 1 << 20) {
			free(block[which]);
			block[which] = NULL;
			size[which] = 0;
		} else {
			size[which] = random >> 8 & (SIZE - 1);
			block[which] = realloc(block[which], size[which] + 1);
			CHECK(block[which] != NULL);
			fill(block[which], size[which], seed + which);
		}
	}
	for (unsigned i = 0; i < BLOCKS; i++) {
		CHECK(is_whole(block[i], size[i], seed + i));
		free(block[i]);
	}
	return 0;
}

static void malloc_gives_each_block_to_one(void)
{
	check_at_once(allocate);
}

static int64_t print(void *number)
{
	for (int i = 0; i < PRINTED; i++) {
		int sent = printf("line %d of ", i);

		sched_yield();
		sent += printf("thread %d: %s\n", (int)(intptr_t)number, "the quick brown fox");
		CHECK(sent > 0);
	}
	return 0;
}

/* tests/library/pthread.cmake looks at what comes out. */
static void lines_do_not_mix(void)
{
	check_at_once(print);
}

static int64_t format_and_parse(void *number)
{
	char text[80], word[20];
	double real;
	int whole;

	for (int i = 0; i < ROUNDS; i++) {
		double value = i * 1.5 + (double)(intptr_t)number;

		CHECK(snprintf(text, sizeof text, "%d %.3f %s", i, value, "end") > 0);
		CHECK_EQUAL(sscanf(text, "%d %lf %19s", &whole, &real, word), 3);
		CHECK(whole == i && real == value && strcmp(word, "end") == 0);
		CHECK(strtod(text, NULL) == i);
	}
	return 0;
}

static void formats_are_each_threads_own(void)
{
	check_at_once(format_and_parse);
}

static int64_t cut_words(void *number)
{
	const char *expected[] = { "one", "two", "three" };
	bool reentrant = (uintptr_t)number % 2 == 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		char text[] = "one,two;three", *rest = NULL;
		char *word = reentrant ? strtok_r(text, ",;", &rest) : strtok(text, ",;");

		for (unsigned k = 0; k < 3; k++) {
			CHECK(word != NULL && strcmp(word, expected[k]) == 0);
			if (k == 1)
				sched_yield();
			word = reentrant ? strtok_r(NULL, ",;", &rest) : strtok(NULL, ",;");
		}
		CHECK(word == NULL);
	}
	return 0;
}

static void strtok_remembers_for_each_thread(void)
{
	check_at_once(cut_words);
}

static int series[8];

static int64_t draw(void *unused)
{
	(void)unused;
	srand(5);
	for (unsigned i = 0; i < sizeof series / sizeof series[0]; i++) {
		CHECK_EQUAL(rand(), series[i]);
		sched_yield();
	}
	return 0;
}

/* Each thread has a sequence of its own, that of its seed. */
static void rand_is_each_threads_own(void)
{
	srand(5);
	for (unsigned i = 0; i < sizeof series / sizeof series[0]; i++)
		series[i] = rand();
	check_at_once(draw);
}

static int64_t fail_each_in_its_way(void *number)
{
	int mine = EDOM + (int)(intptr_t)number;

	errno = mine;
	for (unsigned i = 0; i < ROUNDS; i++) {
		sched_yield();
		CHECK_EQUAL(errno, mine);
	}
	return 0;
}

static void errno_is_each_threads_own(void)
{
	check_at_once(fail_each_in_its_way);
}

static int64_t set_and_get(void *number)
{
	char name[] = "NAME_0", value[20];

	name[5] = (char)('0' + (intptr_t)number);
	for (unsigned i = 0; i < ROUNDS; i++) {
		char *found;

		snprintf(value, sizeof value, "%u", i % 10);
		CHECK_EQUAL(setenv(name, value, 1), 0);
		found = getenv(name);
		CHECK(found != NULL && strcmp(found, value) == 0);
	}
	CHECK_EQUAL(unsetenv(name), 0);
	return 0;
}

static void each_finds_what_it_put_into_the_environment(void)
{
	check_at_once(set_and_get);
}

static int64_t tell_the_date(void *number)
{
	time_t time = (time_t)(intptr_t)number * 86400;
	struct tm *date;

	for (unsigned i = 0; i < ROUNDS; i++) {
		date = gmtime(&time);
		sched_yield();
		CHECK_EQUAL(date->tm_mday, 1 + (int)(intptr_t)number);
		date = localtime(&time);
		sched_yield();
		CHECK_EQUAL(date->tm_mday, 1 + (int)(intptr_t)number);
	}
	return 0;
}

static void dates_are_each_threads_own(void)
{
	check_at_once(tell_the_date);
}

/* Memory that the C library keeps: each case runs once before frames are counted. */
static void warm_up(void)
{
	void *keep[PUDU_MAX_HARTS];
	time_t time = 0;

	for (unsigned i = 0; i < PUDU_MAX_HARTS; i++)
		keep[i] = malloc(BLOCKS * SIZE);
	for (unsigned i = 0; i < PUDU_MAX_HARTS; i++)
		free(keep[i]);
	setenv("NAME", "1", 1);
	localtime(&time);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(malloc_gives_each_block_to_one),
		CASE(lines_do_not_mix),
		CASE(formats_are_each_threads_own),
		CASE(strtok_remembers_for_each_thread),
		CASE(rand_is_each_threads_own),
		CASE(errno_is_each_threads_own),
		CASE(each_finds_what_it_put_into_the_environment),
		CASE(dates_are_each_threads_own),
	};

	warm_up();
	return posix_check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
