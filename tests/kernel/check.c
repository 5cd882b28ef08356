/* SPDX-License-Identifier: MIT */
/* check.c - see check.h. */
#include "check.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pudu/status.h>
#include <pudu/sync.h>

#define PATIENCE    10	/* seconds until a count of frames or a state is given up */
#define NAPS_MIN    100 /* and naps, however slow they are */
#define HELPERS_MAX PUDU_MAX_HARTS

static _Atomic unsigned wrong; /* claims of the current case */
static int argument_count;
static char **arguments;

/* One sleeping thread for each hart: see check_nap(). */
static struct pudu_thread *helper[HELPERS_MAX];
static unsigned n_helpers;
static _Atomic uint32_t naps;
static struct pudu_event answered;

static const char *base_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash == NULL ? file : slash + 1;
}

bool check_claim(const char *file, int line, const char *text, bool claim)
{
	if (!claim) {
		wrong++;
		printf("  %s:%d: not so: %s\n", base_name(file), line, text);
	}
	return claim;
}

bool check_equal(const char *file, int line, const char *text, uint64_t value, uint64_t expected)
{
	if (value != expected) {
		wrong++;
		printf("  %s:%d: %s is 0x%llx, not 0x%llx\n", base_name(file), line, text,
		       (unsigned long long)value, (unsigned long long)expected);
	}
	return value == expected;
}

bool check_status(const char *file, int line, const char *text, int64_t status, int64_t expected)
{
	if (status != expected) {
		wrong++;
		printf("  %s:%d: %s answers %s, not %s\n", base_name(file), line, text,
		       pudu_status_name(status), pudu_status_name(expected));
	}
	return status == expected;
}

/* A call that tells the kernel that this hart has no use for dead objects. */
static void note(void)
{
	pudu_log_write(0, 0);
}

static int64_t help(void *unused)
{
	(void)unused;
	for (uint32_t seen = 0;; seen++) {
		while (atomic_load(&naps) == seen)
			pudu_park_if((uint64_t)&naps, seen, PUDU_FOREVER);
		note();
		pudu_event_signal(&answered);
	}
	return 0;
}

static void start_helpers(void)
{
	n_helpers = (unsigned)pudu_info()->harts;
	for (unsigned i = 0; i < n_helpers; i++)
		if (pudu_thread_create(&helper[i], help, NULL) != PUDU_OK)
			abort();
}

void check_nap(void)
{
	uint32_t before = atomic_load(&answered.count), now = before;

	atomic_fetch_add(&naps, 1);
	for (unsigned i = 0; i < n_helpers; i++)
		pudu_unpark(pudu_thread_executor(helper[i]));
	while (now - before < n_helpers)
		now = pudu_event_wait(&answered, now);
	note();
}

/* Also make a call that clears up a little of what is torn down. */
static void nap_and_clear(void)
{
	check_nap();
	pudu_unmap(PUDU_OWN_VAS, TEST_HANDLE(0), PUDU_PAGE_SIZE);
}

void check_on_all_harts(int64_t (*body)(void *))
{
	struct pudu_thread *thread[PUDU_MAX_HARTS];
	unsigned n = 0;

	while (n < (unsigned)pudu_info()->harts &&
	       CHECK_EQUAL(pudu_thread_create(&thread[n], body, (void *)(uintptr_t)n), PUDU_OK))
		n++;
	for (unsigned i = 0; i < n; i++)
		pudu_thread_join(thread[i], NULL);
}

uint64_t check_frames(void)
{
	uint64_t frames = pudu_free_frames();

	for (unsigned same = 0; same < 8; same++) {
		nap_and_clear();
		if (pudu_free_frames() != frames)
			same = 0;
		frames = pudu_free_frames();
	}
	return frames;
}

/* When to give up after so many naps. */
static bool is_over(uint64_t start, unsigned nap)
{
	return nap >= NAPS_MIN && pudu_ticks() - start >= PATIENCE * pudu_info()->timebase;
}

void check_frames_settle(uint64_t expected)
{
	uint64_t start = pudu_ticks();

	for (unsigned i = 0; !is_over(start, i) && pudu_free_frames() != expected; i++) {
		if (i % 8 == 7)
			nap_and_clear();
		else
			check_nap();
	}
	CHECK_EQUAL(pudu_free_frames(), expected);
}

uint64_t check_state(uint64_t executor)
{
	struct pudu_results state = pudu_executor_state(executor);

	return state.status == PUDU_OK ? state.value[0] : ~0ull;
}

void check_forget_events(void)
{
	static const uint32_t zero;

	while (pudu_park_if((uint64_t)&zero, 1, PUDU_FOREVER).status == PUDU_ERR_EVENT)
		continue;
}

int64_t check_await_end(uint64_t executor)
{
	static const uint32_t zero;
	struct pudu_results state = pudu_executor_state(executor);

	while (state.status == PUDU_OK && !(state.value[0] & PUDU_STATE_DEAD)) {
		pudu_park_if((uint64_t)&zero, 0, PUDU_FOREVER);
		state = pudu_executor_state(executor);
	}
	return state.status == PUDU_OK ? (int64_t)state.value[1] : INT64_MIN;
}

bool check_await_state(uint64_t executor, uint64_t reasons)
{
	uint64_t start = pudu_ticks();

	for (unsigned i = 0; !is_over(start, i) && check_state(executor) != reasons; i++)
		check_nap();
	return CHECK_EQUAL(check_state(executor), reasons);
}

uint64_t check_query(uint64_t vas, uint64_t address, uint64_t *length)
{
	struct pudu_results answer = pudu_query(vas, address);

	if (length != NULL)
		*length = answer.value[1];
	return answer.status == PUDU_OK ? answer.value[0] : ~0ull;
}

uint64_t check_memory(uint64_t rights)
{
	return PUDU_KIND_MEMORY << 8 | PUDU_ACCESSED | PUDU_DIRTY | rights;
}

struct pudu_result check_raw(uint64_t slot, void (*code)(void), uint64_t argument)
{
	return pudu_executor_create(slot, PUDU_OWN_VAS, pudu_thread_self(), (uint64_t)code, 0,
				    argument);
}

uint64_t check_argument(const char *name, uint64_t without)
{
	size_t length = strlen(name);

	for (int i = 1; i < argument_count; i++)
		if (strncmp(arguments[i], name, length) == 0 && arguments[i][length] == '=')
			return strtoull(arguments[i] + length + 1, NULL, 0);
	return without;
}

/* Is the case named in argv, or none? */
static bool is_wanted(const char *name)
{
	bool any = false;

	for (int i = 1; i < argument_count; i++) {
		if (strchr(arguments[i], '=') != NULL)
			continue;
		if (strcmp(arguments[i], name) == 0)
			return true;
		any = true;
	}
	return !any;
}

int check_main(int argc, char **argv, const struct check_case *cases, unsigned n)
{
	unsigned passed = 0, failed = 0;

	argument_count = argc;
	arguments = argv;
	start_helpers();
	check_nap();
	for (unsigned i = 0; i < n; i++) {
		uint64_t frames = pudu_free_frames();

		if (!is_wanted(cases[i].name))
			continue;
		wrong = 0;
		check_forget_events();
		cases[i].run();
		check_frames_settle(frames);
		printf("%s %s\n", wrong == 0 ? "PASS" : "FAIL", cases[i].name);
		if (wrong == 0)
			passed++;
		else
			failed++;
	}
	printf("%s: %u passed, %u failed\n", base_name(argv[0]), passed, failed);
	return failed == 0 && passed != 0 ? 0 : 1;
}
