/* SPDX-License-Identifier: MIT */
/* channel_receive.c - see <pudu/channel.h>: the receiving end. */
#include "channel_parts.h"

/* Messages in a sender's ring; more than its capacity if the count there can't be. */
static uint32_t waiting(const struct pudu_receiver *receiver, uint32_t i)
{
	/* acquire: the messages. Pairs with the store of tail by the sender. */
	return atomic_load_explicit(&receiver->lane[i].ring->tail, memory_order_acquire) -
	       receiver->lane[i].head;
}

/* Has this sender closed its ring? After that, its tail is final. */
static int is_closed(const struct pudu_receiver *receiver, uint32_t i)
{
	/* acquire: pairs with the store of pudu_sender_close(). */
	return atomic_load_explicit(&receiver->lane[i].ring->closed, memory_order_acquire) != 0;
}

/* Nothing more comes from a sender, which has not said so itself: tell that. */
static int64_t give_up(struct pudu_receiver *receiver, uint32_t i, int64_t status)
{
	receiver->lane[i].over = 1;
	receiver->dead++;
	receiver->from = i;
	return status;
}

/* Take messages of one sender. Result: how many, or what is wrong with it. */
static int64_t take(struct pudu_receiver *receiver, uint32_t i, uint8_t *to, uint32_t n)
{
	int closed = is_closed(receiver, i); /* before the last look at its tail */
	uint32_t count = waiting(receiver, i);
	struct pudu_channel_ring *ring = receiver->lane[i].ring;

	if (count > receiver->capacity)
		return give_up(receiver, i, PUDU_ERR_VALUE);
	if (count == 0) {
		receiver->lane[i].over = (uint32_t)closed;
		return 0;
	}
	if (count > n)
		count = n;
	channel_read(ring, receiver->size, receiver->capacity, receiver->lane[i].head, to, count);
	receiver->lane[i].head += count;
	/* release: the slots have been read. Pairs with the load of head by the sender. */
	atomic_store_explicit(&ring->head, receiver->lane[i].head, memory_order_release);
	channel_ring_bell(&ring->asleep, receiver->lane[i].sender);
	receiver->from = i;
	return count;
}

/* Take messages of the next sender that has some. Result: how many, or 0, or an error. */
static int64_t take_any(struct pudu_receiver *receiver, uint8_t *to, uint32_t n)
{
	uint32_t start = receiver->from, over = 0;
	int64_t result;

	for (uint32_t k = 1; k <= receiver->senders; k++) {
		uint32_t i = (start + k) % receiver->senders;

		result = receiver->lane[i].over ? 0 : take(receiver, i, to, n);
		if (result != 0)
			return result;
		over += receiver->lane[i].over;
	}
	if (over == receiver->senders)
		return receiver->dead != 0 ? PUDU_ERR_DEAD : PUDU_ERR_STATE;
	return 0;
}

/* Is there something to take, or to tell, from this sender? */
static int has_news(const struct pudu_receiver *receiver, uint32_t i)
{
	return is_closed(receiver, i) || waiting(receiver, i) != 0;
}

/* Sleep until there may be a message. Result: PUDU_OK if the caller shall look again. */
static int64_t receiver_sleep(struct pudu_receiver *receiver, uint64_t deadline)
{
	_Atomic uint32_t *asleep = &receiver->bell->asleep;
	int64_t status = PUDU_OK;
	int news = 0;

	if (deadline == 0)
		return PUDU_ERR_DEADLINE;
	atomic_store_explicit(asleep, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst); /* (1b) */
	for (uint32_t i = 0; i < receiver->senders && status == PUDU_OK && !news; i++) {
		if (receiver->lane[i].over)
			continue;
		news = has_news(receiver, i);
		if (news || !channel_is_dead(receiver->lane[i].sender))
			continue;
		/* What it sent before its end is there now. */
		news = has_news(receiver, i);
		if (!news)
			status = give_up(receiver, i, PUDU_ERR_DEAD);
	}
	if (status == PUDU_OK && !news)
		status = channel_park(asleep, deadline);
	atomic_store_explicit(asleep, 0, memory_order_relaxed);
	return status;
}

int64_t pudu_channel_receive_many(struct pudu_receiver *receiver, void *messages, uint32_t n,
				  uint64_t deadline)
{
	int64_t status = PUDU_OK, result;

	if (n == 0)
		return PUDU_ERR_LENGTH;
	for (;;) {
		result = take_any(receiver, messages, n);
		if (result != 0 || status != PUDU_OK)
			return result != 0 ? result : status;
		status = receiver_sleep(receiver, deadline);
		if (status == PUDU_ERR_DEAD)
			return status;
	}
}

void pudu_receiver_close(struct pudu_receiver *receiver)
{
	/* release: pairs with the load of closed by the senders. */
	atomic_store_explicit(&receiver->bell->closed, 1, memory_order_release);
	for (uint32_t i = 0; i < receiver->senders; i++)
		channel_ring_bell(&receiver->lane[i].ring->asleep, receiver->lane[i].sender);
}
