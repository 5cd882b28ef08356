/* SPDX-License-Identifier: MIT */
/* test_mcs.c - the lock with threads as harts, under ThreadSanitizer: it checks the orders too. */
#include "fixture_harts.h"

#define ROUNDS 20000

static uint64_t counter[2]; /* plain: a race here is a lock that does not hold */

static void count(void)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		lock_acquire(&global->queue_lock, LOCK_QUEUE);
		counter[0]++;
		lock_release(&global->queue_lock, LOCK_QUEUE);
	}
}

static void one_hart_at_a_time_holds_the_lock(void **state)
{
	(void)state;
	make_harts();
	counter[0] = 0;
	on_all_harts(count);
	assert_int_equal(counter[0], HARTS * ROUNDS);
	assert_null(atomic_load(&global->queue_lock.tail));
}

/* What if a hart takes a lock of another class inside? The nodes must not get in each other's way.
 */
static void count_nested(void)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		lock_acquire(&global->frame_lock, LOCK_FRAMES);
		counter[0]++;
		lock_acquire(&global->queue_lock, LOCK_QUEUE);
		counter[1]++;
		lock_release(&global->queue_lock, LOCK_QUEUE);
		lock_release(&global->frame_lock, LOCK_FRAMES);
		lock_acquire(&global->queue_lock, LOCK_QUEUE);
		counter[1]++;
		lock_release(&global->queue_lock, LOCK_QUEUE);
	}
}

static void locks_of_two_classes_nest(void **state)
{
	(void)state;
	make_harts();
	counter[0] = counter[1] = 0;
	on_all_harts(count_nested);
	assert_int_equal(counter[0], HARTS * ROUNDS);
	assert_int_equal(counter[1], 2 * HARTS * ROUNDS);
	assert_null(atomic_load(&global->queue_lock.tail));
	assert_null(atomic_load(&global->frame_lock.tail));
}

static void node_words_lie_apart(void **state)
{
	(void)state;
	make_harts();
	for (enum lock_class class = 0; class < LOCK_CLASSES; class ++) {
		uintptr_t node = (uintptr_t)lock_node(class), page = (uintptr_t)this_hart;

		assert_int_equal(node, page + 64 * class);
		assert_int_equal((uintptr_t)&lock_node(class)->held, page + 0x200 + 64 * class);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_hart_at_a_time_holds_the_lock),
		cmocka_unit_test(locks_of_two_classes_nest),
		cmocka_unit_test(node_words_lie_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
