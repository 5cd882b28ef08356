/* SPDX-License-Identifier: MIT */
/*
 * pthread_own.c - what each thread has of its own: stack, thread-local variables, cleanup
 * handlers; and what is done once for all.
 */
#include <limits.h>
#include <string.h>

#include <pudu/memory.h>

#include "posix_check.h"

#define STACK  (512 * 1024)
#define ROUNDS 4

static void attributes_are_checked(void)
{
	static char memory[PTHREAD_STACK_MIN] __attribute__((aligned(16)));
	pthread_attr_t attributes;
	size_t size = 0;
	void *start = NULL;
	int value = -1;

	CHECK_EQUAL(pthread_attr_init(&attributes), 0);
	CHECK_EQUAL(pthread_attr_getdetachstate(&attributes, &value), 0);
	CHECK_EQUAL(value, PTHREAD_CREATE_JOINABLE);
	CHECK_EQUAL(pthread_attr_setdetachstate(&attributes, 77), EINVAL);
	CHECK_EQUAL(pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN - 1), EINVAL);
	CHECK_EQUAL(pthread_attr_setstacksize(&attributes, STACK), 0);
	CHECK_EQUAL(pthread_attr_getstacksize(&attributes, &size), 0);
	CHECK_EQUAL(size, STACK);
	CHECK_EQUAL(pthread_attr_setguardsize(&attributes, 3 * PUDU_PAGE_SIZE), 0);
	CHECK_EQUAL(pthread_attr_getguardsize(&attributes, &size), 0);
	CHECK_EQUAL(size, 3 * PUDU_PAGE_SIZE);
	CHECK_EQUAL(pthread_attr_setstack(&attributes, memory, PTHREAD_STACK_MIN - 16), EINVAL);
	CHECK_EQUAL(pthread_attr_setstack(&attributes, memory + 1, PTHREAD_STACK_MIN), EINVAL);
	CHECK_EQUAL(pthread_attr_setstack(&attributes, memory, PTHREAD_STACK_MIN), 0);
	CHECK_EQUAL(pthread_attr_getstack(&attributes, &start, &size), 0);
	CHECK(start == memory && size == PTHREAD_STACK_MIN);
	CHECK_EQUAL(pthread_attr_setscope(&attributes, PTHREAD_SCOPE_PROCESS), ENOTSUP);
	CHECK_EQUAL(pthread_attr_setschedpolicy(&attributes, SCHED_FIFO), ENOTSUP);
	CHECK_EQUAL(pthread_attr_setschedpolicy(&attributes, 99), EINVAL);
	CHECK_EQUAL(pthread_attr_destroy(&attributes), 0);
}

static void *fill_stack(void *guard)
{
	volatile char room[STACK];
	uint64_t below;

	for (size_t i = 0; i < sizeof room; i += PUDU_PAGE_SIZE / 2)
		room[i] = (char)i;
	/* The guard is somewhere below. */
	below = (uint64_t)room & ~(uint64_t)(PUDU_PAGE_SIZE - 1);
	while (PUDU_KIND(check_query(PUDU_OWN_VAS, below, NULL)) == PUDU_KIND_MEMORY)
		below -= PUDU_PAGE_SIZE;
	for (uint64_t i = 0; i < (uint64_t)guard; i += PUDU_PAGE_SIZE)
		CHECK_EQUAL(PUDU_KIND(check_query(PUDU_OWN_VAS, below - i, NULL)), PUDU_KIND_NONE);
	return (void *)&fill_stack;
}

static void a_stack_is_as_large_as_asked_and_guarded(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	void *value = NULL;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK + PTHREAD_STACK_MIN);
	pthread_attr_setguardsize(&attributes, 5 * PUDU_PAGE_SIZE);
	CHECK_EQUAL(pthread_create(&thread, &attributes, fill_stack, (void *)(5 * PUDU_PAGE_SIZE)),
		    0);
	CHECK_EQUAL(pthread_join(thread, &value), 0);
	CHECK(value == (void *)&fill_stack);
}

static void *address_of_local(void *unused)
{
	char local;
	void *volatile address = &local;

	(void)unused;
	return address;
}

static void a_stack_can_be_the_programs_own(void)
{
	static char memory[4 * PTHREAD_STACK_MIN] __attribute__((aligned(16)));
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	CHECK_EQUAL(pthread_attr_setstack(&attributes, memory, sizeof memory), 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		pthread_t thread;
		void *value = NULL;

		memset(memory, 0xa5, sizeof memory);
		CHECK_EQUAL(pthread_create(&thread, &attributes, address_of_local, NULL), 0);
		CHECK_EQUAL(pthread_join(thread, &value), 0);
		CHECK((char *)value > memory && (char *)value < memory + sizeof memory);
	}
}

static _Thread_local int with_value = 77;
static _Thread_local int zero;
static _Thread_local _Alignas(64) char aligned[3] = "ab";

static void *look_at_locals(void *unused)
{
	(void)unused;
	CHECK_EQUAL(with_value, 77);
	CHECK_EQUAL(zero, 0);
	CHECK(strcmp(aligned, "ab") == 0);
	CHECK_EQUAL((uintptr_t)aligned % 64, 0);
	with_value = zero = 5;
	aligned[0] = 'x';
	errno = EDOM;
	return &with_value;
}

/* What if a thread started from the values of another, or of one that has ended? */
static void thread_local_variables_start_anew(void)
{
	static struct worker worker[ROUNDS];

	errno = ERANGE;
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < ROUNDS; i++)
			worker_start(&worker[i], look_at_locals);
		for (unsigned i = 0; i < ROUNDS; i++) {
			void *address = NULL;

			CHECK_EQUAL(pthread_join(worker[i].thread, &address), 0);
			CHECK(address != &with_value);
		}
	}
	CHECK_EQUAL(with_value, 77);
	CHECK_EQUAL(errno, ERANGE);
}

static char order[8];
static unsigned handlers;

static void handler(void *letter)
{
	order[handlers++] = *(char *)letter;
}

static void *leave_with_handlers(void *unused)
{
	pthread_cleanup_push(handler, "a");
	pthread_cleanup_push(handler, "b");
	pthread_cleanup_push(handler, "c");
	pthread_cleanup_pop(1);
	pthread_cleanup_push(handler, "d");
	pthread_cleanup_pop(0);
	pthread_exit(unused);
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
}

static void cleanup_handlers_run_youngest_first(void)
{
	struct worker worker;

	worker_start(&worker, leave_with_handlers);
	worker_join(&worker);
	CHECK(strcmp(order, "cba") == 0);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Atomic int calls;
static _Atomic unsigned callers;
static int made;

static void make_slowly(void)
{
	calls++;
	while (callers < pudu_info()->harts)
		sched_yield();
	for (unsigned i = 0; i < 100; i++)
		sched_yield();
	made = 99;
}

static int64_t see_it_made(void *unused)
{
	(void)unused;
	callers++;
	CHECK_EQUAL(pthread_once(&once, make_slowly), 0);
	CHECK_EQUAL(made, 99);
	return 0;
}

static void once_is_once_and_all_wait_for_it(void)
{
	check_at_once(see_it_made);
	see_it_made(NULL);
	CHECK_EQUAL(calls, 1);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(attributes_are_checked),
		CASE(a_stack_is_as_large_as_asked_and_guarded),
		CASE(a_stack_can_be_the_programs_own),
		CASE(thread_local_variables_start_anew),
		CASE(cleanup_handlers_run_youngest_first),
		CASE(once_is_once_and_all_wait_for_it),
	};

	return posix_check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
