/* SPDX-License-Identifier: MIT */
/*
 * test_state.c - the state word: every function in every state; and threads that pass executors
 * round under ThreadSanitizer, which sees a page that is handed over without the right order.
 */
#include "fixture_harts.h"

#define ALL (STATE_REASONS | STATE_OWNED | STATE_EVENT | STATE_CALLERS | STATE_UNNAMED)

/* Every set of bits, one after the other. */
static uint64_t next_set(uint64_t set)
{
	return (set - ALL) & ALL;
}

#define EACH_STATE(before)                                                                         \
	(uint64_t before = 0, once = 1; once || before != 0; once = 0, before = next_set(before))

static bool ready(uint64_t state)
{
	return (state & STATE_REASONS) == 0;
}

static bool owned(uint64_t state)
{
	return (state & STATE_OWNED) != 0;
}

/* Exactly when the last reason goes and nobody owns it, the remover becomes the owner. */
static void removing_the_last_reason_makes_the_owner(void **unused)
{
	static const uint64_t reasons[] = { STATE_STOPPED, STATE_PARKED, STATE_CALLING,
					    STATE_WAITS };

	(void)unused;
	for
		EACH_STATE(before)
		{
			for (unsigned i = 0; i < 4; i++) {
				_Atomic uint64_t state = before;
				bool queue = state_remove(&state, reasons[i]);
				uint64_t without = before & ~reasons[i];
				bool expected =
					(before & reasons[i]) && ready(without) && !owned(before);

				assert_int_equal(queue, expected);
				assert_int_equal(state, expected ? without | STATE_OWNED : without);
			}
		}
}

static void letting_go_keeps_what_is_ready_or_dead(void **unused)
{
	(void)unused;
	for
		EACH_STATE(bits)
		{
			uint64_t before = bits | STATE_OWNED;
			_Atomic uint64_t state = before;
			enum let_go result = state_let_go(&state);

			if (before & STATE_DEAD)
				assert_int_equal(result, STILL_DEAD);
			else
				assert_int_equal(result, ready(before) ? STILL_READY
							 : (before & STATE_UNNAMED) &&
									 !(before & STATE_CALLING)
								 ? LET_GO_UNNAMED
								 : LET_GO);
			assert_int_equal(state, result <= LET_GO_UNNAMED
							? before & ~(uint64_t)STATE_OWNED
							: before);
		}
}

static void claiming_takes_what_waits_and_is_nobodys(void **unused)
{
	(void)unused;
	for
		EACH_STATE(before)
		{
			_Atomic uint64_t state = before;
			bool claimed = state_claim(&state);

			assert_int_equal(claimed, !owned(before) && !ready(before));
			assert_int_equal(state, claimed ? before | STATE_OWNED : before);
		}
}

static void waiting_takes_an_event_or_sees_a_caller_instead(void **unused)
{
	static const uint64_t all = STATE_EVENT | STATE_CALLERS;

	(void)unused;
	for
		EACH_STATE(bits)
		{
			uint64_t before = (bits | STATE_OWNED) & ~(uint64_t)STATE_WAITS;
			bool event = before & STATE_EVENT;
			_Atomic uint64_t state = before;

			assert_int_equal(state_wait(&state, STATE_PARKED, STATE_EVENT),
					 before & STATE_EVENT);
			assert_int_equal(state, event ? before & ~(uint64_t)STATE_EVENT
						      : before | STATE_PARKED);
			state = before;
			assert_int_equal(state_wait(&state, STATE_ACCEPTING, all),
					 event ? STATE_EVENT : before & STATE_CALLERS);
			assert_int_equal(state, event ? before & ~(uint64_t)STATE_EVENT
						: before & STATE_CALLERS
							? before
							: before | STATE_ACCEPTING);
		}
}

static void adding_tells_what_was_before(void **unused)
{
	(void)unused;
	for
		EACH_STATE(before)
		{
			_Atomic uint64_t state = before;

			assert_int_equal(state_add(&state, STATE_STOPPED), before);
			assert_int_equal(state, before | STATE_STOPPED);
		}
}

/*
 * A token goes round the executors. Who does not have it parks; who has it passes it on and wakes
 * the next. The run queue is a ring of executors that are owned by nobody else. A lost wake-up
 * hangs (and the time limit ends the test); an executor in two places is a race on its page.
 */
enum { EXECUTORS = 5, TURNS = 20000 };

static struct executor executors[EXECUTORS];
static struct executor *ring[EXECUTORS];
static unsigned ring_first, ring_n;
static _Atomic uint64_t word;
static _Atomic uint64_t parked;

static void enqueue(struct executor *executor)
{
	lock_acquire(&global->queue_lock, LOCK_QUEUE);
	check(ring_n < EXECUTORS, "an executor is in the queue twice");
	ring[(ring_first + ring_n++) % EXECUTORS] = executor;
	lock_release(&global->queue_lock, LOCK_QUEUE);
}

static struct executor *dequeue(void)
{
	struct executor *first = NULL;

	lock_acquire(&global->queue_lock, LOCK_QUEUE);
	if (ring_n > 0) {
		first = ring[ring_first];
		ring_first = (ring_first + 1) % EXECUTORS;
		ring_n--;
	}
	lock_release(&global->queue_lock, LOCK_QUEUE);
	return first;
}

/* Three places further, so that the queue is never in the right order by itself. */
static uint64_t holder(uint64_t turn)
{
	return turn * 3 % EXECUTORS;
}

/* One step of an executor. Relaxed: a stronger order would hide a missing one in state.h. */
static void step(struct executor *self)
{
	uint64_t turn = atomic_load_explicit(&word, memory_order_relaxed);

	self->pc++;
	if (holder(turn) == (uint64_t)(self - executors)) {
		struct executor *next = &executors[holder(turn + 1)];

		atomic_store_explicit(&word, turn + 1, memory_order_relaxed);
		if (state_remove(&next->state, STATE_PARKED))
			enqueue(next);
	} else if (state_wait(&self->state, STATE_PARKED, STATE_EVENT) == 0) {
		if (turn % 4 == 0)
			cpu_relax(); /* let the holder come between; not always, or nobody parks */
		if (atomic_load_explicit(&word, memory_order_relaxed) != turn)
			atomic_fetch_and(&self->state, ~(uint64_t)STATE_PARKED);
	}
	self->x[0]++;
	if (state_let_go(&self->state) == LET_GO)
		atomic_fetch_add_explicit(&parked, 1, memory_order_relaxed);
	else
		enqueue(self);
}

static void pass_the_token(void)
{
	while (atomic_load_explicit(&word, memory_order_relaxed) < TURNS) {
		struct executor *executor = dequeue();

		if (executor != NULL)
			step(executor);
		else
			cpu_relax();
	}
}

static void no_wake_up_is_lost(void **unused)
{
	(void)unused;
	make_harts();
	for (unsigned i = 0; i < EXECUTORS; i++) {
		atomic_store(&executors[i].state, STATE_OWNED);
		enqueue(&executors[i]);
	}
	on_all_harts(pass_the_token);
	assert_true(word >= TURNS);
	assert_true(parked > TURNS / 100); /* or nothing was tested */
	for (unsigned i = 0; i < EXECUTORS; i++)
		assert_int_equal(executors[i].pc, executors[i].x[0]);
}

/* Stopping, starting and using registers, all at once, of one that nobody runs. */
static _Atomic uint64_t claims, starts;

static void stop_and_start(void)
{
	struct executor *one = &executors[0];

	for (unsigned i = 0; i < TURNS; i++) {
		state_add(&one->state, STATE_STOPPED);
		if (state_claim(&one->state)) {
			one->pc++;
			atomic_fetch_add_explicit(&claims, 1, memory_order_relaxed);
			if (state_let_go(&one->state) != LET_GO)
				check(state_claim(&one->state) == false, "owned and claimed");
			else
				continue;
			/* Somebody started it while it was ours: it is ready, and ours to run. */
			one->pc++;
			state_add(&one->state, STATE_STOPPED);
			check(state_let_go(&one->state) != STILL_DEAD, "it is not dead");
		} else if (state_remove(&one->state, STATE_STOPPED)) {
			one->pc++;
			atomic_fetch_add_explicit(&starts, 1, memory_order_relaxed);
			while (state_let_go(&one->state) != LET_GO)
				state_add(&one->state, STATE_STOPPED);
		}
		cpu_relax();
	}
}

static void the_owner_is_alone(void **unused)
{
	(void)unused;
	make_harts();
	claims = starts = 0;
	memset(executors, 0, sizeof executors);
	executors[0].state = STATE_STOPPED;
	on_all_harts(stop_and_start);
	assert_true(claims > TURNS / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(removing_the_last_reason_makes_the_owner),
		cmocka_unit_test(letting_go_keeps_what_is_ready_or_dead),
		cmocka_unit_test(claiming_takes_what_waits_and_is_nobodys),
		cmocka_unit_test(waiting_takes_an_event_or_sees_a_caller_instead),
		cmocka_unit_test(adding_tells_what_was_before),
		cmocka_unit_test(no_wake_up_is_lost),
		cmocka_unit_test(the_owner_is_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
