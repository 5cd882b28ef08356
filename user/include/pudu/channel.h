/* SPDX-License-Identifier: MIT */
/*
 * channel.h - messages of one size through memory that programs share.
 *
 * A channel has one receiver and up to PUDU_CHANNEL_SENDERS_MAX senders, each an executor of its
 * own, in the same address space or in others. Every sender has a ring of its own in the shared
 * memory: what one sends arrives in its order; a sender that ends or goes wrong stops no other.
 * The kernel is entered only to sleep and to wake who sleeps: one unpark for a whole batch.
 *
 * The two sides need not trust each other. How large the rings are, and which executor to wake,
 * each side keeps for itself; what it reads in the shared memory it checks. The other side can send
 * nonsense, nothing, or stop this one from being woken (a deadline helps), and that is all.
 *
 * Deadlines are times of rdtime (pudu_ticks()): 0 never waits, PUDU_FOREVER waits for ever.
 */
#ifndef PUDU_CHANNEL_H
#define PUDU_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "abi/executor.h"
#include "abi/status.h"

#define PUDU_CHANNEL_SIZE_MAX	  65536
#define PUDU_CHANNEL_CAPACITY_MAX 65536
#define PUDU_CHANNEL_SENDERS_MAX  32

/* What all sides agree on beforehand. */
struct pudu_channel_shape {
	uint32_t size;	   /* bytes of a message, 1 to PUDU_CHANNEL_SIZE_MAX */
	uint32_t capacity; /* messages in each ring, a power of two up to PUDU_CHANNEL_CAPACITY_MAX
			    */
	uint32_t senders;  /* 1 to PUDU_CHANNEL_SENDERS_MAX */
};

/* Parts of the shared memory: user/lib/parallel/channel_parts.h. */
struct pudu_channel_bell;
struct pudu_channel_ring;

/* The sending end, used by one thread. */
struct pudu_sender {
	struct pudu_channel_bell *bell;
	struct pudu_channel_ring *ring;
	uint64_t receiver; /* handle to wake and to watch, or 0 */
	uint32_t size, capacity;
	uint32_t tail; /* messages sent, wraps */
	uint32_t head; /* messages received, as last seen */
};

/* The receiving end, used by one thread. */
struct pudu_receiver {
	struct pudu_channel_bell *bell;
	uint32_t size, capacity, senders;
	uint32_t from; /* sender of what was received or reported last, from 0 on */
	uint32_t dead; /* how many senders have ended or gone wrong, without closing */
	struct {
		struct pudu_channel_ring *ring;
		uint64_t sender; /* handle to wake and to watch, or 0 */
		uint32_t head;	 /* messages received, wraps */
		uint32_t over;	 /* 1: nothing comes from this one any more */
	} lane[PUDU_CHANNEL_SENDERS_MAX];
};

/* Bytes of shared memory that a channel takes; 0 for a shape that is out of range. */
size_t pudu_channel_bytes(const struct pudu_channel_shape *shape);

/*
 * Open the sending or the receiving end. There is no order between the two.
 * Arguments:
 *   sender, receiver   filled.
 *   memory     the shared memory, on 64 bytes, pudu_channel_bytes() long; all bytes are 0 before
 *              the first end is opened.
 *   shape      read during the call only.
 *   index      which sender this is, below shape->senders.
 *   peer       handle, R, of the executor that receives; 0 if there is none: then nobody is woken.
 *   peers      handles, R, of the executors that send, shape->senders of them; may be 0.
 * Result: PUDU_OK;
 *   PUDU_ERR_ARGUMENT  the shape or the index is out of range.
 *   PUDU_ERR_ADDRESS   memory is not on 64 bytes, or NULL.
 */
int64_t pudu_sender_open(struct pudu_sender *sender, void *memory,
			 const struct pudu_channel_shape *shape, uint32_t index, uint64_t peer);
int64_t pudu_receiver_open(struct pudu_receiver *receiver, void *memory,
			   const struct pudu_channel_shape *shape, const uint64_t *peers);

/*
 * Send messages; they become visible to the receiver together, as far as there is room.
 * Arguments:
 *   messages   n of them, one after the other.
 *   deadline   until when to wait for room.
 * Result: how many were sent: n, or fewer if it ended early, but at least one; or, if none was:
 *   PUDU_ERR_DEADLINE  the deadline has passed and there is no room.
 *   PUDU_ERR_STATE     the receiver has closed the channel.
 *   PUDU_ERR_DEAD      the receiver has ended. Seen only when there is no room, and while waiting
 *                      only by a thread that supervises it.
 *   PUDU_ERR_VALUE     the shared memory holds what no receiver writes.
 *   or what park_if answers.
 */
int64_t pudu_channel_send_many(struct pudu_sender *sender, const void *messages, uint32_t n,
			       uint64_t deadline);

/*
 * Receive messages, those of one sender at a time, in turn.
 * Arguments:
 *   messages   gets them: room for n, at least 1.
 *   deadline   until when to wait for the first.
 * Result: how many came, 1 to n, and in receiver->from whose; or
 *   PUDU_ERR_DEADLINE  the deadline has passed and there is no message.
 *   PUDU_ERR_DEAD      a sender has ended without closing: told once for each, with receiver->from,
 * when its messages have been received. While waiting that is only seen by a thread that supervises
 * it. At last, when no sender is left: of some it was told. PUDU_ERR_VALUE     the shared memory
 * holds what no sender writes: told once for each, like that. PUDU_ERR_STATE     all senders have
 * closed the channel, and all was received. PUDU_ERR_LENGTH    n is 0. or what park_if answers.
 */
int64_t pudu_channel_receive_many(struct pudu_receiver *receiver, void *messages, uint32_t n,
				  uint64_t deadline);

/* Say that nothing more comes, or that nothing more is wanted, and wake the other side. */
void pudu_sender_close(struct pudu_sender *sender);
void pudu_receiver_close(struct pudu_receiver *receiver);

/* The same with one message. Result: PUDU_OK, or an error as above. */
static inline int64_t pudu_channel_send(struct pudu_sender *sender, const void *message,
					uint64_t deadline)
{
	int64_t sent = pudu_channel_send_many(sender, message, 1, deadline);

	return sent > 0 ? PUDU_OK : sent;
}

static inline int64_t pudu_channel_receive(struct pudu_receiver *receiver, void *message,
					   uint64_t deadline)
{
	int64_t received = pudu_channel_receive_many(receiver, message, 1, deadline);

	return received > 0 ? PUDU_OK : received;
}

#endif
