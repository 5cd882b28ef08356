/* SPDX-License-Identifier: MIT */
/* channel_send.c - see <pudu/channel.h>: the sending end. */
#include "channel_parts.h"

/* Look how many messages there is room for. Result: PUDU_OK, or what is wrong with the channel. */
static int64_t look(struct pudu_sender *sender, uint32_t *room)
{
	/* acquire: pairs with the store of pudu_receiver_close(). */
	if (atomic_load_explicit(&sender->bell->closed, memory_order_acquire) != 0)
		return PUDU_ERR_STATE;
	*room = sender->capacity - (sender->tail - sender->head);
	if (*room != 0)
		return PUDU_OK;
	/* acquire: the slots have been read. Pairs with the store of head by the receiver. */
	sender->head = atomic_load_explicit(&sender->ring->head, memory_order_acquire);
	if (sender->tail - sender->head > sender->capacity) {
		sender->head = sender->tail - sender->capacity;
		return PUDU_ERR_VALUE;
	}
	*room = sender->capacity - (sender->tail - sender->head);
	return PUDU_OK;
}

/* Sleep until there may be room. Result: PUDU_OK if the caller shall look again. */
static int64_t sender_sleep(struct pudu_sender *sender, uint64_t deadline)
{
	_Atomic uint32_t *asleep = &sender->ring->asleep;
	uint32_t room = 0;
	int64_t status;

	if (deadline == 0)
		return PUDU_ERR_DEADLINE;
	atomic_store_explicit(asleep, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst); /* (2b) */
	status = look(sender, &room);
	if (status == PUDU_OK && room == 0) {
		if (!channel_is_dead(sender->receiver))
			status = channel_park(asleep, deadline);
		else if (look(sender, &room) == PUDU_OK && room == 0)
			status = PUDU_ERR_DEAD;
	}
	atomic_store_explicit(asleep, 0, memory_order_relaxed);
	if (status == PUDU_ERR_DEADLINE && look(sender, &room) == PUDU_OK && room != 0)
		status = PUDU_OK;
	return status;
}

int64_t pudu_channel_send_many(struct pudu_sender *sender, const void *messages, uint32_t n,
			       uint64_t deadline)
{
	const uint8_t *from = messages;
	int64_t status = PUDU_OK;
	uint32_t sent = 0, room;

	while (sent < n && status == PUDU_OK) {
		status = look(sender, &room);
		if (status != PUDU_OK)
			break;
		if (room == 0) {
			status = sender_sleep(sender, deadline);
			continue;
		}
		room = room < n - sent ? room : n - sent;
		channel_write(sender->ring, sender->size, sender->capacity, sender->tail,
			      from + (size_t)sent * sender->size, room);
		sender->tail += room;
		sent += room;
		/* release: the messages. Pairs with the load of tail by the receiver. */
		atomic_store_explicit(&sender->ring->tail, sender->tail, memory_order_release);
		channel_ring_bell(&sender->bell->asleep, sender->receiver);
	}
	return sent > 0 ? (int64_t)sent : status;
}

void pudu_sender_close(struct pudu_sender *sender)
{
	/* release: the last store of tail. Pairs with the load of closed by the receiver. */
	atomic_store_explicit(&sender->ring->closed, 1, memory_order_release);
	channel_ring_bell(&sender->bell->asleep, sender->receiver);
}
