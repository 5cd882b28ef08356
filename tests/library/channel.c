/* SPDX-License-Identifier: MIT */
/*
 * channel.c - channels between address spaces: all messages arrive, whole and in order; who sleeps
 * is woken; a side that closes or ends is told by name.
 *
 *	channel [messages=N]
 */
#include "channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_TESTED 100
#define BATCH_MAX	64
#define SENDERS_MAX	4

static uint8_t buffer[SIZE_MAX_TESTED * BATCH_MAX];

static struct area *area_make(uint32_t size, uint32_t capacity, uint32_t senders)
{
	struct area *area = pudu_pages_take(AREA);

	if (!CHECK(area != NULL))
		abort();
	area->shape = (struct pudu_channel_shape){ size, capacity, senders };
	area->messages = (uint32_t)check_argument("messages", 1000);
	area->batch = 1;
	CHECK(pudu_channel_bytes(&area->shape) <= AREA - sizeof(*area));
	return area;
}

/* Send all messages, in batches of 1 to area->batch. Result: was every one taken? */
static bool send_all(struct area *area, struct pudu_sender *sender, uint32_t index)
{
	uint32_t size = area->shape.size;

	for (uint32_t i = 0, n = 1; i < area->messages; i += n) {
		n = 1 + i % area->batch;
		if (n > area->messages - i)
			n = area->messages - i;
		for (uint32_t k = 0; k < n; k++)
			message_fill(buffer + k * size, size, index, i + k);
		if (pudu_channel_send_many(sender, buffer, n, PUDU_FOREVER) != n)
			return false;
	}
	return true;
}

/* Receive from all senders until all have closed. Result: did all come, in the order of each? */
static bool receive_all(struct area *area, struct pudu_receiver *receiver)
{
	uint32_t next[SENDERS_MAX] = { 0 }, size = area->shape.size;
	int64_t got;

	while ((got = pudu_channel_receive_many(receiver, buffer, area->batch, PUDU_FOREVER)) > 0)
		for (uint32_t k = 0; k < got; k++)
			if (!message_is(buffer + k * size, size, receiver->from,
					next[receiver->from]++))
				return false;
	for (uint32_t i = 0; i < area->shape.senders; i++)
		if (next[i] != area->messages)
			return false;
	return got == PUDU_ERR_STATE;
}

static int peer_sends(struct area *area, uint32_t index, bool closes)
{
	struct pudu_sender sender;

	if (pudu_sender_open(&sender, area->channel, &area->shape, index, pudu_start()->parent) !=
		    PUDU_OK ||
	    !send_all(area, &sender, index))
		return LOST;
	if (closes)
		pudu_sender_close(&sender);
	return 0;
}

static int peer_receives(struct area *area)
{
	uint64_t parent[SENDERS_MAX] = { pudu_start()->parent };
	struct pudu_receiver receiver;

	if (pudu_receiver_open(&receiver, area->channel, &area->shape, parent) != PUDU_OK ||
	    !receive_all(area, &receiver))
		return LOST;
	return 0;
}

/* Receive some messages, then close or end. */
static int peer_leaves(struct area *area, bool closes)
{
	uint64_t parent[SENDERS_MAX] = { pudu_start()->parent };
	struct pudu_receiver receiver;

	if (pudu_receiver_open(&receiver, area->channel, &area->shape, parent) != PUDU_OK)
		return LOST;
	for (uint32_t i = 0; i < area->messages; i++)
		if (pudu_channel_receive(&receiver, buffer, PUDU_FOREVER) != PUDU_OK)
			return LOST;
	if (closes)
		pudu_receiver_close(&receiver);
	return 0;
}

static int peer(const char *role)
{
	struct area *area = pudu_start()->shared;

	if (strncmp(role, "sends", 5) == 0)
		return peer_sends(area, (uint32_t)(role[5] - '0'), true);
	if (strncmp(role, "dies", 4) == 0)
		return peer_sends(area, (uint32_t)(role[4] - '0'), false);
	if (strcmp(role, "receives") == 0)
		return peer_receives(area);
	return peer_leaves(area, strcmp(role, "closes") == 0);
}

/* Receive from as many peers as there are senders. */
static void receive_from_peers(struct area *area, const char *role, struct pudu_receiver *receiver,
			       struct pudu_process *process)
{
	uint64_t peers[SENDERS_MAX];
	char which[16];

	for (uint32_t i = 0; i < area->shape.senders; i++) {
		snprintf(which, sizeof which, "%s%u", role, (unsigned)i);
		peer_start(&process[i], "channel", which, area);
		peers[i] = process[i].executor;
	}
	CHECK_EQUAL(pudu_receiver_open(receiver, area->channel, &area->shape, peers), PUDU_OK);
	for (uint32_t i = 0; i < area->shape.senders; i++)
		pudu_process_start(&process[i]);
}

static void carry(uint32_t size, uint32_t capacity, uint32_t senders, uint32_t batch)
{
	struct area *area = area_make(size, capacity, senders);
	struct pudu_process process[SENDERS_MAX];
	struct pudu_receiver receiver;

	area->batch = batch;
	receive_from_peers(area, "sends", &receiver, process);
	CHECK(receive_all(area, &receiver));
	for (uint32_t i = 0; i < senders; i++)
		peer_end(&process[i], 0);
	pudu_pages_give(area, AREA);
}

static void messages_arrive_in_order_from_another_address_space(void)
{
	carry(8, 1, 1, 1);
	carry(100, 4, 1, 7);
	carry(1, 64, 1, 64);
	carry(24, 16, 1, 64);
}

static void messages_of_many_senders_arrive_in_the_order_of_each(void)
{
	carry(16, 8, 4, 5);
	carry(5, 1, 3, 1);
}

static void messages_arrive_in_another_address_space(void)
{
	struct area *area = area_make(12, 4, 1);
	struct pudu_process process;
	struct pudu_sender sender;

	area->batch = 6;
	peer_start(&process, "channel", "receives", area);
	CHECK_EQUAL(pudu_sender_open(&sender, area->channel, &area->shape, 0, process.executor),
		    PUDU_OK);
	pudu_process_start(&process);
	CHECK(send_all(area, &sender, 0));
	pudu_sender_close(&sender);
	peer_end(&process, 0);
	pudu_pages_give(area, AREA);
}

/* What if a sender ended without a word? What it has sent is received first; and others go on. */
static void a_sender_that_ends_is_told_when_all_of_it_was_received(void)
{
	struct area *area = area_make(8, 64, 2);
	uint32_t counts[2] = { 0, 0 }, dead = 0;
	struct pudu_process process[2];
	struct pudu_receiver receiver;
	int64_t status;

	area->messages = 40;
	receive_from_peers(area, "dies", &receiver, process);
	while (dead < 2) {
		status = pudu_channel_receive(&receiver, buffer, PUDU_FOREVER);
		if (status == PUDU_OK)
			counts[receiver.from]++;
		else if (CHECK_EQUAL(status, PUDU_ERR_DEAD) && ++dead)
			CHECK_EQUAL(counts[receiver.from], 40);
		else
			break;
	}
	CHECK_EQUAL(receiver.dead, 2);
	CHECK_EQUAL(pudu_channel_receive(&receiver, buffer, PUDU_FOREVER), PUDU_ERR_DEAD);
	for (unsigned i = 0; i < 2; i++)
		peer_end(&process[i], 0);
	pudu_pages_give(area, AREA);
}

/* The other way round: the receiver takes five messages and is gone. */
static void leave(const char *role, int64_t expected)
{
	struct area *area = area_make(8, 4, 1);
	struct pudu_process process;
	struct pudu_sender sender;
	int64_t status = PUDU_OK;
	uint32_t sent = 0;

	area->messages = 5;
	peer_start(&process, "channel", role, area);
	CHECK_EQUAL(pudu_sender_open(&sender, area->channel, &area->shape, 0, process.executor),
		    PUDU_OK);
	pudu_process_start(&process);
	while ((status = pudu_channel_send(&sender, buffer, PUDU_FOREVER)) == PUDU_OK)
		sent++;
	CHECK_EQUAL(status, expected);
	CHECK(sent >= 5 && sent <= 9);
	peer_end(&process, 0);
	pudu_pages_give(area, AREA);
}

static void a_receiver_that_ends_is_told_when_the_ring_is_full(void)
{
	leave("leaves", PUDU_ERR_DEAD);
}

static void a_receiver_that_closes_is_told(void)
{
	leave("closes", PUDU_ERR_STATE);
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(messages_arrive_in_order_from_another_address_space),
		CASE(messages_of_many_senders_arrive_in_the_order_of_each),
		CASE(messages_arrive_in_another_address_space),
		CASE(a_sender_that_ends_is_told_when_all_of_it_was_received),
		CASE(a_receiver_that_ends_is_told_when_the_ring_is_full),
		CASE(a_receiver_that_closes_is_told),
	};

	if (argc == 3 && strcmp(argv[1], "peer") == 0)
		return peer(argv[2]);
	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
