/* SPDX-License-Identifier: MIT */
/* pages.c - see pages.h. */
#include "pages.h"

#include <stdatomic.h>

#include "pages_raw.h"

#define ANCHOR	TEST_HANDLE(0x1002) /* keeps the child alive: it is never started */
#define TOUCHER TEST_HANDLE(0x1003)

uint64_t look(uint64_t vas, uint64_t page)
{
	uint64_t mapping = check_query(vas, TEST_PAGE(page), NULL);

	return mapping & ~(uint64_t)(PUDU_ACCESSED | PUDU_DIRTY | 3 << 16);
}

void check_done(const char *file, int line, const char *text, struct pudu_result result,
		int64_t status, uint64_t pages)
{
	check_status(file, line, text, result.status, status);
	check_equal(file, line, text, result.value, PAGES(pages));
}

void write_pages(uint64_t page, uint64_t n, uint64_t value)
{
	for (uint64_t i = 0; i < n; i++)
		*word(page + i) = value + i;
}

void check_pages(uint64_t page, uint64_t n, uint64_t value)
{
	for (uint64_t i = 0; i < n; i++)
		if (!CHECK_EQUAL(*word(page + i), value + i))
			break;
}

void pages_child(uint64_t budget)
{
	CHECK_OK(pudu_vas_create(CHILD, budget, 'c', 0));
	CHECK_OK(pudu_map(CHILD, (uint64_t)pages_raw, PUDU_PAGE_SIZE, OWN, (uint64_t)pages_raw,
			  RX | SHARE));
	CHECK_OK(pudu_executor_create(ANCHOR, CHILD, 0, (uint64_t)pages_raw, 0, 0));
}

void pages_child_end(void)
{
	CHECK_OK(pudu_terminate(ANCHOR, 0));
	CHECK_OK(pudu_unmap(OWN, CHILD, PAGES(2)));
}

uint64_t pages_used(uint64_t vas)
{
	struct pudu_results budget = pudu_vas_budget(vas, PUDU_BUDGET_KEEP);

	CHECK_EQUAL(budget.status, PUDU_OK);
	return budget.value[1];
}

int64_t touch(uint64_t vas, enum touch how, uint64_t address, uint64_t value)
{
	static void (*const code[])(void) = { raw_touch_load, raw_touch_store, raw_touch_add,
					      raw_touch_jump };
	struct pudu_results state;
	int64_t end;

	CHECK_OK(pudu_executor_create(TOUCHER, vas, pudu_thread_self(), (uint64_t)code[how], value,
				      address));
	CHECK_OK(pudu_executor_start(TOUCHER));
	end = check_await_end(TOUCHER);
	state = pudu_executor_state(TOUCHER);
	if (end == EXEC_FAULT || end == LOAD_FAULT || end == STORE_FAULT)
		CHECK_EQUAL(state.value[2], address);
	CHECK_OK(pudu_unmap(OWN, TOUCHER, PUDU_PAGE_SIZE));
	return end;
}

static void (*race_work)(unsigned);
static unsigned race_size;
static _Atomic unsigned arrived;

static int64_t run_race(void *me)
{
	arrived++;
	while (arrived < race_size)
		pudu_yield();
	race_work((unsigned)(uintptr_t)me);
	return 0;
}

void race(unsigned n, void (*work)(unsigned me))
{
	struct pudu_thread *thread[PUDU_MAX_HARTS + 1];
	struct pudu_thread_end end;

	arrived = 0;
	race_size = n;
	race_work = work;
	for (unsigned i = 0; i < n; i++)
		CHECK_EQUAL(pudu_thread_create(&thread[i], run_race, (void *)(uintptr_t)i),
			    PUDU_OK);
	for (unsigned i = 0; i < n; i++) {
		pudu_thread_join(thread[i], &end);
		CHECK_EQUAL(end.code, 0);
	}
}

unsigned racers(void)
{
	return (unsigned)pudu_info()->harts + 1;
}
