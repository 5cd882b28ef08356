/* SPDX-License-Identifier: MIT */
/*
 * posix_ends.c - how a program of several threads ends. The first argument says which way:
 *
 *	first	the first thread leaves by pthread_exit(), the others go on; then 0
 *	last	so does the last: exit(0), with the functions of atexit()
 *	exit	a thread calls exit(7) while the first one joins it
 *	race	all threads call exit(5); the functions of atexit() run once each, to their end
 *	return	main() returns 3 while threads run
 *	fault	a thread stores to address 0: 128 + SIGSEGV
 *	illegal	a thread runs an illegal instruction: 128 + SIGILL
 *	guard	a thread runs out of stack: 128 + SIGSEGV
 */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THREADS	 4
#define HANDLERS 6

static pthread_t first;
static _Atomic int handlers;
static pthread_barrier_t barrier;

static void count_handler(void)
{
	for (unsigned i = 0; i < 20; i++)
		sched_yield();
	handlers++;
}

static void tell_handlers(void)
{
	printf("%d functions of atexit have run\n", handlers);
}

static void *join_the_first(void *unused)
{
	void *value = NULL;
	int error = pthread_join(first, &value);

	printf("the first thread joined: %d, %s\n", error, (char *)value);
	printf("joined again: %d\n", pthread_join(first, NULL) != 0);
	exit(0);
	return unused;
}

static void *leave_last(void *unused)
{
	for (unsigned i = 0; i < 100; i++)
		sched_yield();
	return unused;
}

static void *call_exit(void *code)
{
	pthread_barrier_wait(&barrier);
	exit((int)(intptr_t)code);
}

static void *run_for_ever(void *unused)
{
	for (;;)
		sched_yield();
	return unused;
}

static void *store_to_zero(void *unused)
{
	*(volatile int *)unused = 1;
	return unused;
}

static void *run_nonsense(void *unused)
{
	__asm__ volatile("unimp");
	return unused;
}

static int use_stack(unsigned deep)
{
	volatile char room[1024];

	room[0] = (char)deep;
	return deep == 0 ? 0 : use_stack(deep - 1) + room[0];
}

static void *use_all_stack(void *unused)
{
	return use_stack(1u << 20) == 0 ? unused : NULL;
}

static pthread_t start(void *(*function)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, argument) != 0)
		abort();
	return thread;
}

static void end_by_race(void)
{
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (unsigned i = 0; i < HANDLERS; i++)
		atexit(count_handler);
	for (unsigned i = 0; i < THREADS; i++)
		start(call_exit, (void *)5);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";
	pthread_t thread;

	first = pthread_self();
	atexit(tell_handlers);
	pthread_barrier_init(&barrier, NULL, 1);
	if (strcmp(way, "first") == 0) {
		start(join_the_first, NULL);
		pthread_exit("with a value");
	} else if (strcmp(way, "last") == 0) {
		start(leave_last, NULL);
		pthread_exit(NULL);
	} else if (strcmp(way, "return") == 0) {
		start(run_for_ever, NULL);
		return 3;
	} else if (strcmp(way, "race") == 0) {
		end_by_race();
		thread = start(run_for_ever, NULL);
	} else if (strcmp(way, "fault") == 0) {
		thread = start(store_to_zero, NULL);
	} else if (strcmp(way, "illegal") == 0) {
		thread = start(run_nonsense, NULL);
	} else if (strcmp(way, "guard") == 0) {
		thread = start(use_all_stack, NULL);
	} else {
		thread = start(call_exit, (void *)7);
	}
	pthread_join(thread, NULL);
	printf("nobody should come here\n");
	return 1;
}
