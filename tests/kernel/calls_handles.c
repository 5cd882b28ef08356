/* SPDX-License-Identifier: MIT */
/* calls_handles.c - vas_create, and handles as things that are mapped, moved and taken away. */
#include "check.h"
#include "raw.h"

#define RW	(PUDU_R | PUDU_W)
#define SLOT(i) TEST_HANDLE(i)

static struct pudu_result give(uint64_t vas, uint64_t slot, uint64_t handle, uint64_t flags)
{
	return pudu_map(vas, slot, PUDU_PAGE_SIZE, PUDU_OWN_VAS, handle, flags);
}

static struct pudu_result clear(uint64_t first, uint64_t n)
{
	return pudu_unmap(PUDU_OWN_VAS, SLOT(first), n * PUDU_PAGE_SIZE);
}

static void check_handle(uint64_t slot, uint64_t kind, uint64_t rights, uint64_t id)
{
	struct pudu_results answer = pudu_query(PUDU_OWN_VAS, slot);

	CHECK_EQUAL(answer.status, PUDU_OK);
	CHECK_EQUAL(PUDU_KIND(answer.value[0]), kind);
	CHECK_EQUAL(answer.value[0] & 7, rights);
	CHECK_EQUAL(answer.value[2], id);
}

static void a_new_vas_holds_the_info_page_alone(void)
{
	struct pudu_result first = pudu_vas_create(SLOT(0), 256, 0x6f77745f656e6f, 0x656572685f);
	struct pudu_result second = pudu_vas_create(SLOT(1), 256, 0, 0);
	uint64_t length, at = 0, pages = 0, mapping;

	CHECK_EQUAL(first.status, PUDU_OK);
	CHECK_EQUAL(second.status, PUDU_OK);
	CHECK(second.value > first.value);
	check_handle(SLOT(0), PUDU_KIND_VAS, RW, first.value);
	check_handle(SLOT(1), PUDU_KIND_VAS, RW, second.value);
	for (; at < PUDU_HANDLES_END; at += length) {
		mapping = check_query(SLOT(0), at, &length);
		if (mapping == ~0ull || length == 0)
			break;
		if (mapping != 0)
			pages += length / PUDU_PAGE_SIZE;
	}
	CHECK(at >= PUDU_HANDLES_END);
	CHECK_EQUAL(pages, 1);
	CHECK_OK(clear(0, 2));
}

static void wrong_names_and_slots_are_refused(void)
{
	static const uint64_t bad[] = {
		1, 0x1f, 0x7f, 0x80, 0xff, 0x6161616161616100 | 'a', 1ull << 63, 'a' | 0x0a00,
	};

	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		EXPECT(pudu_vas_create(SLOT(0), 256, bad[i], 0), PUDU_ERR_ARGUMENT);
		EXPECT(pudu_vas_create(SLOT(0), 256, 'a', bad[i]), PUDU_ERR_ARGUMENT);
	}
	EXPECT(pudu_vas_create(PUDU_OWN_VAS, 256, 'a', 0), PUDU_ERR_EXISTS);
	EXPECT(pudu_executor_create(PUDU_OWN_VAS, PUDU_OWN_VAS, 0, 0x10000, 0, 0), PUDU_ERR_EXISTS);
	CHECK_EQUAL(check_query(PUDU_OWN_VAS, SLOT(0), NULL), 0);
}

static void handles_are_shared_with_fewer_rights(void)
{
	struct pudu_result made = check_raw(SLOT(0), raw_end, 0);

	CHECK_EQUAL(made.status, PUDU_OK);
	check_handle(SLOT(0), PUDU_KIND_EXECUTOR, RW, made.value);
	CHECK_OK(give(PUDU_OWN_VAS, SLOT(1), SLOT(0), PUDU_R | PUDU_MAP_SHARE));
	check_handle(SLOT(1), PUDU_KIND_EXECUTOR, PUDU_R, made.value);
	EXPECT(give(PUDU_OWN_VAS, SLOT(2), SLOT(1), RW | PUDU_MAP_SHARE), PUDU_ERR_RIGHT);
	EXPECT(give(PUDU_OWN_VAS, SLOT(2), SLOT(1), RW | PUDU_MAP_MOVE), PUDU_ERR_RIGHT);
	EXPECT(give(PUDU_OWN_VAS, SLOT(2), SLOT(0), RW | PUDU_X | PUDU_MAP_SHARE),
	       PUDU_ERR_ARGUMENT);
	CHECK_OK(pudu_unpark(SLOT(1)));
	EXPECT(pudu_executor_start(SLOT(1)), PUDU_ERR_RIGHT);
	EXPECT(pudu_protect(PUDU_OWN_VAS, SLOT(1), PUDU_PAGE_SIZE, RW), PUDU_ERR_RIGHT);
	CHECK_OK(give(PUDU_OWN_VAS, SLOT(2), SLOT(0), RW | PUDU_MAP_SHARE));
	CHECK_OK(pudu_protect(PUDU_OWN_VAS, SLOT(0), PUDU_PAGE_SIZE, PUDU_R));
	EXPECT(pudu_executor_start(SLOT(0)), PUDU_ERR_RIGHT);
	CHECK_OK(pudu_terminate(SLOT(2), 0));
	CHECK_OK(clear(0, 3));
}

static void a_moved_handle_leaves_its_slot(void)
{
	struct pudu_result made = check_raw(SLOT(0), raw_end, 0);

	CHECK_OK(give(PUDU_OWN_VAS, SLOT(700), SLOT(0), RW | PUDU_MAP_MOVE));
	EXPECT(pudu_unpark(SLOT(0)), PUDU_ERR_HANDLE);
	check_handle(SLOT(700), PUDU_KIND_EXECUTOR, RW, made.value);
	CHECK_OK(pudu_terminate(SLOT(700), 0));
	CHECK_OK(clear(700, 1));
	EXPECT(pudu_unpark(SLOT(700)), PUDU_ERR_HANDLE);
}

static void handles_can_be_given_to_another_program(void)
{
	struct pudu_result made = check_raw(SLOT(0), raw_end, 0);

	CHECK_OK(pudu_vas_create(SLOT(1), 256, 'o', 0));
	CHECK_OK(give(SLOT(1), SLOT(5), SLOT(0), PUDU_R | PUDU_MAP_SHARE));
	CHECK_OK(give(SLOT(1), SLOT(6), SLOT(1), RW | PUDU_MAP_SHARE)); /* to itself */
	CHECK_EQUAL(pudu_query(SLOT(1), SLOT(5)).value[2], made.value);
	/* and fetched from there, with the rights that they have there */
	CHECK_OK(pudu_map(PUDU_OWN_VAS, SLOT(2), PUDU_PAGE_SIZE, SLOT(1), SLOT(5),
			  PUDU_R | PUDU_MAP_MOVE));
	check_handle(SLOT(2), PUDU_KIND_EXECUTOR, PUDU_R, made.value);
	CHECK_OK(pudu_terminate(SLOT(0), 0));
	CHECK_OK(pudu_unmap(SLOT(1), SLOT(0), 10 * PUDU_PAGE_SIZE));
	CHECK_OK(clear(0, 3));
}

/* What if memory could be mapped where handles are, or handles where memory is? */
static void memory_and_handles_do_not_mix(void)
{
	uint64_t page = TEST_PAGE(0);

	CHECK_OK(pudu_map(PUDU_OWN_VAS, page, PUDU_PAGE_SIZE, 0, 0, RW | PUDU_MAP_FRESH));
	EXPECT(give(PUDU_OWN_VAS, SLOT(0), page, RW | PUDU_MAP_SHARE), PUDU_ERR_ADDRESS);
	EXPECT(give(PUDU_OWN_VAS, SLOT(0), page, RW | PUDU_MAP_MOVE), PUDU_ERR_ADDRESS);
	EXPECT(give(PUDU_OWN_VAS, TEST_PAGE(1), PUDU_OWN_VAS, RW | PUDU_MAP_SHARE),
	       PUDU_ERR_ADDRESS);
	EXPECT(give(PUDU_OWN_VAS, TEST_PAGE(1), PUDU_INFO_PAGE, PUDU_R | PUDU_MAP_SHARE),
	       PUDU_ERR_ADDRESS);
	EXPECT(pudu_map(PUDU_OWN_VAS, SLOT(0), PUDU_PAGE_SIZE, 0, 0, RW | PUDU_MAP_FRESH),
	       PUDU_ERR_ARGUMENT);
	EXPECT(pudu_unpark(page), PUDU_ERR_HANDLE);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, page, PUDU_PAGE_SIZE));
}

/* A program that lost its own handle can still run; one that keeps it forgets nothing. */
static void an_object_lives_while_a_handle_names_it(void)
{
	CHECK_OK(check_raw(SLOT(0), raw_end, 12));
	CHECK_OK(give(PUDU_OWN_VAS, SLOT(1), SLOT(0), RW | PUDU_MAP_SHARE));
	CHECK_OK(clear(0, 1));
	CHECK_OK(pudu_executor_start(SLOT(1)));
	CHECK_EQUAL(check_await_end(SLOT(1)), 12);
	CHECK_EQUAL(pudu_executor_state(SLOT(1)).value[1], 12);
	CHECK_OK(clear(1, 1));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(a_new_vas_holds_the_info_page_alone),
		CASE(wrong_names_and_slots_are_refused),
		CASE(handles_are_shared_with_fewer_rights),
		CASE(a_moved_handle_leaves_its_slot),
		CASE(handles_can_be_given_to_another_program),
		CASE(memory_and_handles_do_not_mix),
		CASE(an_object_lives_while_a_handle_names_it),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
