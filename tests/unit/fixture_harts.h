/* SPDX-License-Identifier: MIT */
/* fixture_harts.h - threads that play harts, and RAM in the direct map. */
#ifndef FIXTURE_HARTS_H
#define FIXTURE_HARTS_H

#include "fixture.h"

#include <pthread.h>
#include <sys/mman.h>

#include "kernel/frame.h"
#include "kernel/hart.h"
#include "riscv/relax.h"

#define HARTS 3

static struct global the_global;
struct global *global = &the_global;
_Thread_local struct hart *this_hart;
static struct hart harts[HARTS];
static struct pudu_info the_info;
static struct pudu_free_share *const shares = the_info.free;

static inline void make_harts(void)
{
	memset(&the_global, 0, sizeof the_global);
	memset(harts, 0, sizeof harts);
	memset(&the_info, 0, sizeof the_info);
	the_global.info = &the_info;
	the_global.n_harts = HARTS;
	for (unsigned i = 0; i < HARTS; i++) {
		harts[i].slot = i;
		harts[i].free = &shares[i];
		the_global.harts[i] = &harts[i];
	}
	this_hart = &harts[0];
}

/* The body gets its struct hart, which is this_hart already. */
static void (*hart_body)(void);

static inline void *run_hart(void *hart)
{
	this_hart = hart;
	hart_body();
	return NULL;
}

static inline void on_all_harts(void (*body)(void))
{
	pthread_t thread[HARTS];

	hart_body = body;
	for (unsigned i = 0; i < HARTS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, run_hart, &harts[i]), 0);
	for (unsigned i = 0; i < HARTS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
}

/* In threads, where cmocka's own can't be used. */
static inline void check(int condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "check failed: %s\n", what);
		abort();
	}
}

/* RAM at a physical address; all around it nothing is mapped. */
static inline void make_ram(uint64_t physical, uint64_t size)
{
	void *at = virt(physical);

	munmap(at, size);
	assert_ptr_equal(mmap(at, size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0),
			 at);
}

static inline int64_t free_frames(void)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < HARTS; i++)
		sum += shares[i].frames;
	return sum;
}

#endif
