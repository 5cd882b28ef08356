/* SPDX-License-Identifier: MIT */
/*
 * rights.c - rights only shrink: no call gives a handle or a page a right that its source lacks,
 * and the hart itself holds a program to the rights of each page.
 */
#include "pages.h"
#include "raw.h"

#define E_RW   TEST_HANDLE(0)
#define E_R    TEST_HANDLE(1)
#define V_RW   TEST_HANDLE(2)
#define V_R    TEST_HANDLE(3)
#define TARGET TEST_HANDLE(8)

static const uint64_t sets[] = { PUDU_R, RW, RX, RW | PUDU_X, PUDU_X };
#define N_SETS (sizeof sets / sizeof sets[0])

static uint64_t rights_at(uint64_t vas, uint64_t address)
{
	return check_query(vas, address, NULL) & (PUDU_R | PUDU_W | PUDU_X);
}

static struct pudu_result handle_map(uint64_t to, uint64_t from, uint64_t flags)
{
	return pudu_map(OWN, to, PAGES(1), OWN, from, flags);
}

static void set_up(void)
{
	CHECK_OK(check_raw(E_RW, raw_end, 0));
	CHECK_OK(handle_map(E_R, E_RW, PUDU_R | SHARE));
	CHECK_OK(pudu_vas_create(V_RW, 64, 'v', 0));
	CHECK_OK(handle_map(V_R, V_RW, PUDU_R | SHARE));
}

static void clear_up(void)
{
	CHECK_EQUAL(check_state(E_RW), PUDU_STATE_STOPPED);
	CHECK_OK(pudu_terminate(E_RW, 0));
	CHECK_OK(pudu_unmap(OWN, E_RW, PAGES(4)));
}

/* Each kind of object, each of the two sets of rights it can have, each that is asked for. */
static void rights_of_handles_only_shrink(void)
{
	static const uint64_t kinds[] = { SHARE, MOVE, SHARE | REPLACE, MOVE | REPLACE };
	uint64_t from[] = { E_RW, E_R, V_RW, V_R };

	set_up();
	for (unsigned i = 0; i < 4; i++)
		for (unsigned k = 0; k < 4; k++) {
			uint64_t source = TEST_HANDLE(7), has = i % 2 == 0 ? RW : PUDU_R;

			CHECK_OK(handle_map(source, from[i], has | SHARE));
			if (has == PUDU_R)
				EXPECT(handle_map(TARGET, source, RW | kinds[k]), PUDU_ERR_RIGHT);
			EXPECT(handle_map(TARGET, source, RX | kinds[k]), PUDU_ERR_ARGUMENT);
			EXPECT(handle_map(TARGET, source, PUDU_W | kinds[k]), PUDU_ERR_ARGUMENT);
			EXPECT(handle_map(TARGET, source, PUDU_X | kinds[k]), PUDU_ERR_ARGUMENT);
			EXPECT(handle_map(TARGET, source, kinds[k]), PUDU_ERR_ARGUMENT);
			CHECK_EQUAL(check_query(OWN, TARGET, NULL), 0);
			CHECK_EQUAL(rights_at(OWN, source), has);
			CHECK_OK(handle_map(TARGET, source, PUDU_R | kinds[k]));
			CHECK_EQUAL(rights_at(OWN, TARGET), PUDU_R);
			EXPECT(handle_map(TEST_HANDLE(9), TARGET, RW | kinds[k]), PUDU_ERR_RIGHT);
			EXPECT(pudu_protect(OWN, TARGET, PAGES(1), RW), PUDU_ERR_RIGHT);
			CHECK_EQUAL(rights_at(OWN, TARGET), PUDU_R);
			CHECK_OK(pudu_unmap(OWN, source, PAGES(2)));
		}
	clear_up();
}

static void protect_lowers_handles_and_never_raises(void)
{
	uint64_t from[] = { E_RW, V_RW };

	set_up();
	for (unsigned i = 0; i < 2; i++) {
		CHECK_OK(handle_map(TARGET, from[i], RW | SHARE));
		EXPECT(pudu_protect(OWN, TARGET, PAGES(1), RX), PUDU_ERR_ARGUMENT);
		EXPECT(pudu_protect(OWN, TARGET, PAGES(1), PUDU_X), PUDU_ERR_ARGUMENT);
		EXPECT(pudu_protect(OWN, TARGET, PAGES(1), RW | PUDU_X), PUDU_ERR_ARGUMENT);
		CHECK_DONE(pudu_protect(OWN, TARGET, PAGES(1), RW), PUDU_OK, 1);
		CHECK_DONE(pudu_protect(OWN, TARGET, PAGES(1), PUDU_R), PUDU_OK, 1);
		CHECK_DONE(pudu_protect(OWN, TARGET, PAGES(1), RW), PUDU_ERR_RIGHT, 0);
		CHECK_EQUAL(rights_at(OWN, TARGET), PUDU_R);
		CHECK_EQUAL(rights_at(OWN, from[i]), RW);
		CHECK_OK(pudu_unmap(OWN, TARGET, PAGES(1)));
	}
	clear_up();
}

/* A handle that was moved somewhere else and back has what it lost on the way. */
static void a_round_trip_gives_no_right_back(void)
{
	set_up();
	CHECK_OK(pudu_map(V_RW, TARGET, PAGES(1), OWN, E_RW, PUDU_R | SHARE));
	EXPECT(pudu_map(OWN, TARGET, PAGES(1), V_RW, TARGET, RW | SHARE), PUDU_ERR_RIGHT);
	EXPECT(pudu_map(OWN, TARGET, PAGES(1), V_RW, TARGET, RW | MOVE), PUDU_ERR_RIGHT);
	EXPECT(pudu_map(OWN, TARGET, PAGES(1), V_R, TARGET, PUDU_R | MOVE), PUDU_ERR_RIGHT);
	EXPECT(pudu_protect(V_RW, TARGET, PAGES(1), RW), PUDU_ERR_RIGHT);
	CHECK_OK(pudu_map(OWN, TARGET, PAGES(1), V_R, TARGET, PUDU_R | SHARE));
	EXPECT(pudu_executor_start(TARGET), PUDU_ERR_RIGHT);
	CHECK_OK(pudu_unmap(OWN, TARGET, PAGES(1)));
	/* A VAS in itself: its own handle in it is worth what it was given. */
	CHECK_OK(pudu_map(V_RW, TEST_HANDLE(9), PAGES(1), OWN, V_RW, PUDU_R | SHARE));
	CHECK_OK(pudu_map(OWN, TARGET, PAGES(1), V_RW, TEST_HANDLE(9), PUDU_R | MOVE));
	CHECK_EQUAL(rights_at(OWN, TARGET), PUDU_R);
	EXPECT(pudu_unmap(TARGET, TEST_PAGE(0), PAGES(1)), PUDU_ERR_RIGHT);
	EXPECT(pudu_vas_destroy(TARGET), PUDU_ERR_RIGHT);
	CHECK_OK(pudu_unmap(OWN, TARGET, PAGES(1)));
	clear_up();
}

/* Every set of rights that a page has, every one that is asked for, by share and by move. */
static void rights_of_pages_only_shrink(void)
{
	static const uint64_t kinds[] = { SHARE, MOVE, SHARE | REPLACE };

	for (unsigned has = 0; has < N_SETS; has++)
		for (unsigned asked = 0; asked < N_SETS; asked++)
			for (unsigned k = 0; k < 3; k++) {
				bool fits = (sets[asked] & ~sets[has]) == 0;

				CHECK_OK(fill(OWN, 0, 1, sets[has] | FRESH));
				EXPECT(again(8, 1, 0, sets[asked] | kinds[k]),
				       fits ? PUDU_OK : PUDU_ERR_RIGHT);
				CHECK_EQUAL(rights_at(OWN, TEST_PAGE(8)), fits ? sets[asked] : 0);
				if (!fits)
					CHECK_EQUAL(look(OWN, 0), MEMORY | sets[has]);
				CHECK_OK(clear(0, 9));
			}
}

/* Of frames that are another address space's, protect raises nothing; own ones get any. */
static void protect_raises_what_is_charged_here_alone(void)
{
	pages_child(64);
	for (unsigned has = 0; has < N_SETS; has++)
		for (unsigned asked = 0; asked < N_SETS; asked++) {
			bool fits = (sets[asked] & ~sets[has]) == 0;

			CHECK_OK(fill(OWN, 0, 1, RW | PUDU_X | FRESH));
			CHECK_OK(hand(CHILD, 0, 1, sets[has] | SHARE));
			EXPECT(pudu_protect(CHILD, TEST_PAGE(0), PAGES(1), sets[asked]),
			       fits ? PUDU_OK : PUDU_ERR_RIGHT);
			CHECK_EQUAL(rights_at(CHILD, TEST_PAGE(0)), fits ? sets[asked] : sets[has]);
			CHECK_OK(protect(0, 1, sets[has]));
			CHECK_OK(protect(0, 1, sets[asked]));
			CHECK_EQUAL(look(OWN, 0), MEMORY | sets[asked]);
			CHECK_OK(clear(0, 1));
			CHECK_OK(pudu_unmap(CHILD, TEST_PAGE(0), PAGES(1)));
		}
	pages_child_end();
}

/* Where nothing may be read either, QEMU tells an atomic's fault as that of its load. */
static void check_add(uint64_t at, uint64_t rights)
{
	int64_t end = touch(OWN, TOUCH_ADD, at, 1);

	if (rights & PUDU_W)
		CHECK_EQUAL(end, 5);
	else
		CHECK(end == STORE_FAULT || (end == LOAD_FAULT && (rights & PUDU_R) == 0));
}

/* Load, store, atomic and jump, on pages of every set of rights, and on no page. */
static void the_hart_enforces_the_rights_of_pages(void)
{
	static const uint64_t kinds[] = { FRESH, LAZY };

	for (unsigned i = 0; i < N_SETS; i++)
		for (unsigned k = 0; k < 2; k++) {
			uint64_t at = TEST_PAGE(0);

			CHECK_OK(fill(OWN, 0, 1, sets[i] | kinds[k]));
			CHECK_EQUAL(touch(OWN, TOUCH_LOAD, at, 0),
				    sets[i] & PUDU_R ? 0 : LOAD_FAULT);
			CHECK_EQUAL(touch(OWN, TOUCH_JUMP, at, 0),
				    sets[i] & PUDU_X ? ILLEGAL : EXEC_FAULT);
			CHECK_EQUAL(touch(OWN, TOUCH_STORE, at, 5),
				    sets[i] & PUDU_W ? 0 : STORE_FAULT);
			check_add(at, sets[i]);
			CHECK_EQUAL(look(OWN, 0), MEMORY | sets[i]);
			CHECK_OK(clear(0, 1));
		}
	CHECK_EQUAL(touch(OWN, TOUCH_LOAD, TEST_PAGE(0), 0), LOAD_FAULT);
	CHECK_EQUAL(touch(OWN, TOUCH_STORE, TEST_PAGE(0), 0), STORE_FAULT);
	CHECK_EQUAL(touch(OWN, TOUCH_JUMP, TEST_PAGE(0), 0), EXEC_FAULT);
}

/* Rights of a copy may grow, but what its holder may not read it may not read from a copy either.
 */
static void what_is_for_execution_alone_stays_so(void)
{
	CHECK_OK(pudu_vas_create(CHILD, 64, 'c', 0));
	for (unsigned shared = 0; shared < 2; shared++) {
		CHECK_OK(fill(OWN, 0, 1, RX | FRESH));
		if (shared)
			CHECK_OK(again(1, 1, 0, PUDU_R | COW));
		CHECK_OK(hand(CHILD, 0, 1, PUDU_X | SHARE));
		EXPECT(pudu_protect(CHILD, TEST_PAGE(0), PAGES(1), RX), PUDU_ERR_RIGHT);
		EXPECT(pudu_protect(CHILD, TEST_PAGE(0), PAGES(1), RW | PUDU_X), PUDU_ERR_RIGHT);
		CHECK_EQUAL(look(CHILD, 0) & (RW | PUDU_X), PUDU_X);
		CHECK_OK(pudu_unmap(CHILD, TEST_PAGE(0), PAGES(1)));
		CHECK_OK(clear(0, 2));
	}
	CHECK_OK(pudu_vas_destroy(CHILD));
	CHECK_OK(pudu_unmap(OWN, CHILD, PAGES(1)));
}

/* A handle is an address that nothing but a system call can use, whatever its rights. */
static void no_program_touches_an_object(void)
{
	uint64_t at[] = { E_RW, E_R, V_RW, V_R, E_RW + 0x200, V_RW + 0x800, PUDU_OWN_VAS + 0x900 };

	set_up();
	for (unsigned i = 0; i < sizeof at / sizeof at[0]; i++) {
		CHECK_EQUAL(touch(OWN, TOUCH_LOAD, at[i], 0), LOAD_FAULT);
		CHECK_EQUAL(touch(OWN, TOUCH_STORE, at[i], 0), STORE_FAULT);
		check_add(at[i], 0);
		CHECK_EQUAL(touch(OWN, TOUCH_JUMP, at[i], 0), EXEC_FAULT);
	}
	clear_up();
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(rights_of_handles_only_shrink),
		CASE(protect_lowers_handles_and_never_raises),
		CASE(a_round_trip_gives_no_right_back),
		CASE(rights_of_pages_only_shrink),
		CASE(protect_raises_what_is_charged_here_alone),
		CASE(the_hart_enforces_the_rights_of_pages),
		CASE(what_is_for_execution_alone_stays_so),
		CASE(no_program_touches_an_object),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
