/* SPDX-License-Identifier: MIT */
/*
 * channel_hostile.c - channels whose other side is broken or hostile, and calls that must wait, or
 * not: nothing outside of the ring and of the caller's buffer is touched, whatever lies in the
 * shared memory.
 *
 *	channel_hostile [rounds=N]
 */
#include "channel.h"

#include <stdlib.h>
#include <string.h>

#include <pudu/sync.h>

#define SIZE	 24
#define CAPACITY 8
#define N	 5
#define GUARD	 4096
#define FILL	 0x5a

/* All bytes of a program that a channel could reach by mistake, and the places where it may. */
static uint8_t *memory; /* guard, channel, guard */
static size_t channel_bytes;
static const struct pudu_channel_shape shape = { SIZE, CAPACITY, 2 };
static struct {
	uint8_t before[GUARD], messages[N * SIZE], after[GUARD];
} own;

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	return *state ^= *state << 17;
}

static bool is_filled(const uint8_t *start, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (start[i] != FILL)
			return false;
	return true;
}

static void setup(void)
{
	channel_bytes = pudu_channel_bytes(&shape);
	memory = pudu_pages_take(AREA);
	if (memory == NULL)
		abort();
	memset(memory, FILL, AREA);
	memset(memory + GUARD, 0, channel_bytes);
	memset(&own, FILL, sizeof own);
}

static void check_guards(void)
{
	CHECK(is_filled(memory, GUARD));
	CHECK(is_filled(memory + GUARD + channel_bytes, AREA - GUARD - channel_bytes));
	CHECK(is_filled(own.before, GUARD));
	CHECK(is_filled(own.after, GUARD));
}

static void teardown(void)
{
	check_guards();
	pudu_pages_give(memory, AREA);
}

/* Overwrite a word of the shared memory: often with something that nearly fits. */
static void scribble(uint64_t *state)
{
	uint64_t r = next_random(state);
	uint32_t *words = (uint32_t *)(memory + GUARD);
	uint32_t values[] = { (uint32_t)(r >> 32), 0, ~0u, CAPACITY, CAPACITY + 1, 1 };

	words[r % (channel_bytes / 4)] = values[(r >> 20) % 6];
}

static bool is_expected(int64_t result)
{
	return (result > 0 && result <= N) || result == PUDU_ERR_DEADLINE ||
	       result == PUDU_ERR_STATE || result == PUDU_ERR_VALUE || result == PUDU_ERR_DEAD;
}

static void scribbles_reach_nothing_outside_of_the_ring(void)
{
	static const uint64_t nobody[2] = { 0, 0 };
	uint64_t state = 88172645463325252;
	struct pudu_receiver receiver;
	struct pudu_sender sender;

	setup();
	for (unsigned round = 0; round < check_argument("rounds", 3000); round++) {
		if (round % 16 == 0) {
			pudu_sender_open(&sender, memory + GUARD, &shape, 1, 0);
			pudu_receiver_open(&receiver, memory + GUARD, &shape, nobody);
			sender.tail = sender.head = (uint32_t)next_random(&state);
		}
		scribble(&state);
		CHECK(is_expected(pudu_channel_send_many(&sender, own.messages, N, 0)));
		scribble(&state);
		CHECK(is_expected(pudu_channel_receive_many(&receiver, own.messages, N, 0)));
		memset(own.messages, FILL, sizeof own.messages);
	}
	teardown();
}

/* A count that is one too high, or behind, is no count. */
static void a_count_that_can_not_be_is_told(void)
{
	static const uint64_t nobody[2] = { 0, 0 };
	struct pudu_receiver receiver;
	struct pudu_sender sender;
	uint32_t *bell, *ring;

	setup();
	bell = (uint32_t *)(memory + GUARD);
	ring = bell + 16; /* the first sender's tail; its head is one line further on */
	pudu_sender_open(&sender, memory + GUARD, &shape, 0, 0);
	CHECK_EQUAL(pudu_channel_send_many(&sender, own.messages, N, 0), N);
	CHECK_EQUAL(ring[0], N);
	CHECK_EQUAL(pudu_channel_send_many(&sender, own.messages, N, 0), CAPACITY - N);
	ring[16] = CAPACITY + 1;
	CHECK_EQUAL(pudu_channel_send_many(&sender, own.messages, N, 0), PUDU_ERR_VALUE);
	ring[16] = ~0u;
	CHECK_EQUAL(pudu_channel_send_many(&sender, own.messages, N, 0), PUDU_ERR_VALUE);
	ring[16] = 1;
	CHECK_EQUAL(pudu_channel_send_many(&sender, own.messages, N, 0), 1);
	ring[0] = CAPACITY + 1;
	pudu_receiver_open(&receiver, memory + GUARD, &shape, nobody);
	CHECK_EQUAL(pudu_channel_receive_many(&receiver, own.messages, N, 0), PUDU_ERR_VALUE);
	CHECK_EQUAL(receiver.from, 0);
	ring[0] = CAPACITY; /* too late: nothing is taken from it any more */
	CHECK_EQUAL(pudu_channel_receive_many(&receiver, own.messages, N, 0), PUDU_ERR_DEADLINE);
	pudu_sender_open(&sender, memory + GUARD, &shape, 1, 0);
	memset(own.messages, 1, sizeof own.messages);
	CHECK_EQUAL(pudu_channel_send_many(&sender, own.messages, 3, 0), 3);
	CHECK_EQUAL(pudu_channel_receive_many(&receiver, own.messages, N, 0), 3);
	CHECK_EQUAL(receiver.from, 1);
	teardown();
}

/* The other side writes everywhere all the time, from an address space of its own. */
static int peer(void)
{
	struct area *area = pudu_start()->shared;
	uint64_t state = 1234567;

	memory = area->channel - GUARD;
	channel_bytes = pudu_channel_bytes(&shape);
	while (!area->stop) {
		for (unsigned i = 0; i < 100; i++)
			scribble(&state);
		pudu_unpark(pudu_start()->parent);
	}
	return 0;
}

static void a_hostile_program_reaches_nothing(void)
{
	struct area *area = pudu_pages_take(AREA);
	struct pudu_receiver receiver;
	struct pudu_sender sender;
	struct pudu_process process;
	uint64_t soon = pudu_info()->timebase / 10000;

	memset(&own, FILL, sizeof own);
	peer_start(&process, "channel_hostile", "scribbles", area);
	pudu_process_start(&process);
	for (unsigned round = 0; round < check_argument("rounds", 3000) / 10; round++) {
		uint64_t peers[2] = { process.executor, process.executor };

		pudu_sender_open(&sender, area->channel, &shape, 1, process.executor);
		pudu_receiver_open(&receiver, area->channel, &shape, peers);
		CHECK(is_expected(
			pudu_channel_send_many(&sender, own.messages, N, pudu_ticks() + soon)));
		CHECK(is_expected(pudu_channel_receive_many(&receiver, own.messages, N,
							    pudu_ticks() + soon)));
	}
	CHECK(is_filled(own.before, GUARD));
	CHECK(is_filled(own.after, GUARD));
	area->stop = 1;
	peer_end(&process, 0);
	pudu_pages_give(area, AREA);
}

static void a_call_without_time_does_not_wait(void)
{
	const uint64_t self[2] = { pudu_thread_self(), 0 };
	struct pudu_receiver receiver;
	struct pudu_sender sender;

	setup();
	pudu_sender_open(&sender, memory + GUARD, &shape, 0, pudu_thread_self());
	pudu_receiver_open(&receiver, memory + GUARD, &shape, self);
	CHECK_EQUAL(pudu_channel_receive(&receiver, own.messages, 0), PUDU_ERR_DEADLINE);
	for (unsigned i = 0; i < CAPACITY; i++)
		CHECK_EQUAL(pudu_channel_send(&sender, own.messages, 0), PUDU_OK);
	CHECK_EQUAL(pudu_channel_send(&sender, own.messages, 0), PUDU_ERR_DEADLINE);
	CHECK_EQUAL(pudu_channel_receive_many(&receiver, own.messages, 0, 0), PUDU_ERR_LENGTH);
	CHECK_EQUAL(pudu_channel_receive(&receiver, own.messages, 0), PUDU_OK);
	CHECK_EQUAL(pudu_channel_send_many(&sender, own.messages, N, 0), 1);
	CHECK_EQUAL(pudu_channel_receive_many(&receiver, own.messages, N, 0), N);
	pudu_sender_close(&sender);
	CHECK_EQUAL(pudu_channel_receive_many(&receiver, own.messages, N, 0), CAPACITY - N);
	CHECK_EQUAL(pudu_channel_receive(&receiver, own.messages, 0), PUDU_ERR_DEADLINE);
	pudu_receiver_close(&receiver);
	CHECK_EQUAL(pudu_channel_send(&sender, own.messages, 0), PUDU_ERR_STATE);
	teardown();
}

/* What if one sender sent all the time? The other one's messages come as often. */
static void senders_take_turns(void)
{
	static const uint64_t nobody[2] = { 0, 0 };
	struct pudu_receiver receiver;
	struct pudu_sender sender;
	uint32_t before = 2;

	setup();
	for (uint32_t i = 0; i < 2; i++) {
		pudu_sender_open(&sender, memory + GUARD, &shape, i, 0);
		CHECK_EQUAL(pudu_channel_send_many(&sender, own.messages, 3, 0), 3);
	}
	pudu_receiver_open(&receiver, memory + GUARD, &shape, nobody);
	for (unsigned i = 0; i < 6; i++) {
		CHECK_EQUAL(pudu_channel_receive(&receiver, own.messages, 0), PUDU_OK);
		CHECK(receiver.from != before);
		before = receiver.from;
	}
	teardown();
}

static void a_wait_ends_at_its_deadline(void)
{
	static const uint64_t nobody[2] = { 0, 0 };
	uint64_t wait = pudu_info()->timebase / 200, begun = pudu_ticks();
	struct pudu_receiver receiver;
	struct pudu_sender sender;

	setup();
	pudu_sender_open(&sender, memory + GUARD, &shape, 0, 0);
	pudu_receiver_open(&receiver, memory + GUARD, &shape, nobody);
	CHECK_EQUAL(pudu_channel_receive(&receiver, own.messages, begun + wait), PUDU_ERR_DEADLINE);
	CHECK(pudu_ticks() >= begun + wait);
	CHECK_EQUAL(pudu_channel_send_many(&sender, own.messages, N, 0), N);
	begun = pudu_ticks();
	CHECK_EQUAL(pudu_channel_send_many(&sender, own.messages, N, begun + wait), CAPACITY - N);
	CHECK(pudu_ticks() >= begun + wait);
	CHECK_EQUAL(pudu_channel_send(&sender, own.messages, begun + wait), PUDU_ERR_DEADLINE);
	teardown();
}

static void bad_shapes_are_refused_by_name(void)
{
	static const struct pudu_channel_shape bad[] = {
		{ 0, 1, 1 },
		{ PUDU_CHANNEL_SIZE_MAX + 1, 1, 1 },
		{ 1, 0, 1 },
		{ 1, 3, 1 },
		{ 1, PUDU_CHANNEL_CAPACITY_MAX * 2, 1 },
		{ 1, 1, 0 },
		{ 1, 1, PUDU_CHANNEL_SENDERS_MAX + 1 },
	};
	static const uint64_t nobody[2] = { 0, 0 };
	struct pudu_receiver receiver;
	struct pudu_sender sender;

	setup();
	for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		CHECK_EQUAL(pudu_channel_bytes(&bad[i]), 0);
		CHECK_EQUAL(pudu_sender_open(&sender, memory, &bad[i], 0, 0), PUDU_ERR_ARGUMENT);
		CHECK_EQUAL(pudu_receiver_open(&receiver, memory, &bad[i], nobody),
			    PUDU_ERR_ARGUMENT);
	}
	CHECK_EQUAL(pudu_sender_open(&sender, memory + GUARD, &shape, 2, 0), PUDU_ERR_ARGUMENT);
	CHECK_EQUAL(pudu_sender_open(&sender, memory + 8, &shape, 0, 0), PUDU_ERR_ADDRESS);
	CHECK_EQUAL(pudu_receiver_open(&receiver, NULL, &shape, nobody), PUDU_ERR_ADDRESS);
	teardown();
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(scribbles_reach_nothing_outside_of_the_ring),
		CASE(a_count_that_can_not_be_is_told),
		CASE(a_hostile_program_reaches_nothing),
		CASE(a_call_without_time_does_not_wait),
		CASE(senders_take_turns),
		CASE(a_wait_ends_at_its_deadline),
		CASE(bad_shapes_are_refused_by_name),
	};

	if (argc == 3 && strcmp(argv[1], "peer") == 0)
		return peer();
	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
