/* SPDX-License-Identifier: MIT */
/* pages.h - for tests of memory: calls on pages by number, a child to share with, and races. */
#ifndef PAGES_H
#define PAGES_H

#include "check.h"

#define RW	    (PUDU_R | PUDU_W)
#define RX	    (PUDU_R | PUDU_X)
#define FRESH	    PUDU_MAP_FRESH
#define SHARE	    PUDU_MAP_SHARE
#define MOVE	    PUDU_MAP_MOVE
#define COW	    PUDU_MAP_COW
#define LAZY	    PUDU_MAP_LAZY
#define REPLACE	    PUDU_MAP_REPLACE

#define OWN	    PUDU_OWN_VAS
#define CHILD	    TEST_HANDLE(0x1001) /* of pages_child() */
#define MEGA	    512			/* pages of a large leaf */
#define GIGA	    (512 * MEGA)
#define PAGES(n)    ((uint64_t)(n)*PUDU_PAGE_SIZE)
#define MEMORY	    (PUDU_KIND_MEMORY << 8)

/* What touch() answers when it ends by a fault. */
#define EXEC_FAULT  (-(12 + 1))
#define LOAD_FAULT  (-(13 + 1))
#define STORE_FAULT (-(15 + 1))
#define ILLEGAL	    (-(2 + 1))

/* Pages of this address space are named by their number: TEST_PAGE(page). */
static inline volatile uint64_t *word(uint64_t page)
{
	return (volatile uint64_t *)TEST_PAGE(page);
}

/* Map fresh or lazy pages. */
static inline struct pudu_result fill(uint64_t vas, uint64_t page, uint64_t n, uint64_t flags)
{
	return pudu_map(vas, TEST_PAGE(page), PAGES(n), 0, 0, flags);
}

/* Map pages of this address space at other places in it. */
static inline struct pudu_result again(uint64_t page, uint64_t n, uint64_t source, uint64_t flags)
{
	return pudu_map(OWN, TEST_PAGE(page), PAGES(n), OWN, TEST_PAGE(source), flags);
}

/* Map pages of this address space at the same place in another one. */
static inline struct pudu_result hand(uint64_t vas, uint64_t page, uint64_t n, uint64_t flags)
{
	return pudu_map(vas, TEST_PAGE(page), PAGES(n), OWN, TEST_PAGE(page), flags);
}

static inline struct pudu_result clear(uint64_t page, uint64_t n)
{
	return pudu_unmap(OWN, TEST_PAGE(page), PAGES(n));
}

static inline struct pudu_result protect(uint64_t page, uint64_t n, uint64_t rights)
{
	return pudu_protect(OWN, TEST_PAGE(page), PAGES(n), rights);
}

/* Kind, rights, PUDU_COPY and PUDU_LAZY of a page; 0 if nothing is there. */
uint64_t look(uint64_t vas, uint64_t page);

/* The level of the leaf of a page. */
static inline uint64_t level(uint64_t vas, uint64_t page)
{
	return PUDU_LEVEL(check_query(vas, TEST_PAGE(page), NULL));
}

/* Claim a status and so many pages done. */
#define CHECK_DONE(call, status, pages) check_done(__FILE__, __LINE__, #call, call, status, pages)
void check_done(const char *file, int line, const char *text, struct pudu_result result,
		int64_t status, uint64_t pages);

/* Store `value + i` in page i of n, and claim that it is (still) there. */
void write_pages(uint64_t page, uint64_t n, uint64_t value);
void check_pages(uint64_t page, uint64_t n, uint64_t value);

/* An empty address space that can run touch(), in slot CHILD; and an end to it. */
void pages_child(uint64_t budget);
void pages_child_end(void);

/* Pages that are charged to an address space. */
uint64_t pages_used(uint64_t vas);

enum touch { TOUCH_LOAD, TOUCH_STORE, TOUCH_ADD, TOUCH_JUMP };

/*
 * What an executor of an address space (OWN or CHILD) finds at an address.
 * Result: TOUCH_LOAD: the word; TOUCH_STORE: 0, and the word is value; TOUCH_ADD: the word, to
 * which value is added; or -(cause + 1) of a fault, which was at that address.
 */
int64_t touch(uint64_t vas, enum touch how, uint64_t address, uint64_t value);

/* Run work(0) to work(n - 1) at once, each in a thread of its own, and wait until all are done. */
void race(unsigned n, void (*work)(unsigned me));

/* How many take part in a race: one more than there are harts. */
unsigned racers(void);

#endif
