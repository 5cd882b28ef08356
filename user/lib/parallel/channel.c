/* SPDX-License-Identifier: MIT */
/* channel.c - see <pudu/channel.h>: what both ends have in common. */
#include <string.h>

#include "channel_parts.h"

static int is_good(const struct pudu_channel_shape *shape)
{
	return shape->size >= 1 && shape->size <= PUDU_CHANNEL_SIZE_MAX && shape->capacity >= 1 &&
	       shape->capacity <= PUDU_CHANNEL_CAPACITY_MAX &&
	       (shape->capacity & (shape->capacity - 1)) == 0 && shape->senders >= 1 &&
	       shape->senders <= PUDU_CHANNEL_SENDERS_MAX;
}

static size_t ring_bytes(uint32_t size, uint32_t capacity)
{
	size_t bytes = sizeof(struct pudu_channel_ring) + (size_t)size * capacity;

	return (bytes + LINE - 1) & ~(size_t)(LINE - 1);
}

size_t pudu_channel_bytes(const struct pudu_channel_shape *shape)
{
	if (!is_good(shape))
		return 0;
	return sizeof(struct pudu_channel_bell) +
	       shape->senders * ring_bytes(shape->size, shape->capacity);
}

static struct pudu_channel_ring *ring_at(void *memory, const struct pudu_channel_shape *shape,
					 uint32_t index)
{
	return (void *)((uint8_t *)memory + sizeof(struct pudu_channel_bell) +
			index * ring_bytes(shape->size, shape->capacity));
}

static int64_t check(const void *memory, const struct pudu_channel_shape *shape)
{
	if (!is_good(shape))
		return PUDU_ERR_ARGUMENT;
	return memory == NULL || (uint64_t)memory % LINE != 0 ? PUDU_ERR_ADDRESS : PUDU_OK;
}

int64_t pudu_sender_open(struct pudu_sender *sender, void *memory,
			 const struct pudu_channel_shape *shape, uint32_t index, uint64_t peer)
{
	int64_t status = check(memory, shape);

	if (status == PUDU_OK && index >= shape->senders)
		status = PUDU_ERR_ARGUMENT;
	if (status != PUDU_OK)
		return status;
	*sender = (struct pudu_sender){
		.bell = memory,
		.ring = ring_at(memory, shape, index),
		.receiver = peer,
		.size = shape->size,
		.capacity = shape->capacity,
	};
	return PUDU_OK;
}

int64_t pudu_receiver_open(struct pudu_receiver *receiver, void *memory,
			   const struct pudu_channel_shape *shape, const uint64_t *peers)
{
	int64_t status = check(memory, shape);

	if (status != PUDU_OK)
		return status;
	*receiver = (struct pudu_receiver){
		.bell = memory,
		.size = shape->size,
		.capacity = shape->capacity,
		.senders = shape->senders,
	};
	for (uint32_t i = 0; i < shape->senders; i++) {
		receiver->lane[i].ring = ring_at(memory, shape, i);
		receiver->lane[i].sender = peers[i];
	}
	return PUDU_OK;
}

/* Copy by words where that goes: the C library's memcpy() goes byte by byte. */
static void copy(void *to, const void *from, size_t bytes)
{
	uint64_t *words = to;
	const uint64_t *source = from;

	if ((((uint64_t)to | (uint64_t)from | bytes) & 7) != 0) {
		memcpy(to, from, bytes);
		return;
	}
	for (; bytes >= 4 * sizeof(*words); bytes -= 4 * sizeof(*words)) {
		uint64_t a = source[0], b = source[1], c = source[2], d = source[3];

		words[0] = a;
		words[1] = b;
		words[2] = c;
		words[3] = d;
		words += 4;
		source += 4;
	}
	for (; bytes > 0; bytes -= sizeof(*words)) {
		*words++ = *source++;
		__asm__ volatile("" ::: "memory"); /* or the compiler calls memcpy() */
	}
}

void channel_write(struct pudu_channel_ring *ring, uint32_t size, uint32_t capacity, uint32_t at,
		   const uint8_t *from, uint32_t n)
{
	uint32_t first = at & (capacity - 1), run = n < capacity - first ? n : capacity - first;

	copy(ring->slots + (size_t)first * size, from, (size_t)run * size);
	if (run < n)
		copy(ring->slots, from + (size_t)run * size, (size_t)(n - run) * size);
}

void channel_read(const struct pudu_channel_ring *ring, uint32_t size, uint32_t capacity,
		  uint32_t at, uint8_t *to, uint32_t n)
{
	uint32_t first = at & (capacity - 1), run = n < capacity - first ? n : capacity - first;

	copy(to, ring->slots + (size_t)first * size, (size_t)run * size);
	if (run < n)
		copy(to + (size_t)run * size, ring->slots, (size_t)(n - run) * size);
}

void channel_ring_bell(_Atomic uint32_t *asleep, uint64_t executor)
{
	atomic_thread_fence(memory_order_seq_cst); /* (1a), (2a) */
	if (atomic_load_explicit(asleep, memory_order_relaxed) != 0 &&
	    atomic_exchange_explicit(asleep, 0, memory_order_relaxed) != 0 && executor != 0)
		pudu_unpark(executor);
}

int channel_is_dead(uint64_t executor)
{
	struct pudu_results state;

	if (executor == 0)
		return 0;
	state = pudu_executor_state(executor);
	return state.status != PUDU_OK || (state.value[0] & PUDU_STATE_DEAD) != 0;
}

int64_t channel_park(_Atomic uint32_t *asleep, uint64_t deadline)
{
	int64_t status = pudu_park_if((uint64_t)asleep, 1, deadline).status;

	return status == PUDU_ERR_VALUE || status == PUDU_ERR_EVENT ? PUDU_OK : status;
}
