/* SPDX-License-Identifier: MIT */
/*
 * channel_parts.h - the shared memory of a channel: a bell, then a ring for each sender.
 *
 * Head and tail count messages, with wrap-around; message number i is in slot i mod capacity. Each
 * side writes its own count and never reads it back. Of the other's count it believes only what
 * can be: that between 0 and `capacity` messages are in the ring.
 *
 * Who sleeps is woken, by two pairs of full fences. Each side writes one word and then reads the
 * other's; so at least one of them sees what the other wrote:
 *	sender    ring->tail,  fence, bell->asleep	(1a)	channel_ring_bell()
 *	receiver  bell->asleep, fence, ring->tail	(1b)	receiver_sleep()
 *	receiver  ring->head,  fence, ring->asleep	(2a)	channel_ring_bell()
 *	sender    ring->asleep, fence, ring->head	(2b)	sender_sleep()
 * Likewise with `closed` in place of tail or head. Whoever finds `asleep` set takes it back and
 * unparks: park_if looks at it after the executor is parked, so that is never too early.
 */
#ifndef PUDU_LIB_CHANNEL_PARTS_H
#define PUDU_LIB_CHANNEL_PARTS_H

#include <stdatomic.h>

#include <pudu/calls.h>
#include <pudu/channel.h>

#define LINE 64

struct pudu_channel_bell {
	_Alignas(LINE) _Atomic uint32_t asleep; /* 1: the receiver sleeps, or will at once */
	_Atomic uint32_t closed;		/* 1: it receives nothing more */
};

struct pudu_channel_ring {
	_Alignas(LINE) _Atomic uint32_t tail;	/* the sender's */
	_Atomic uint32_t closed;		/* 1: it sends nothing more */
	_Alignas(LINE) _Atomic uint32_t head;	/* the receiver's */
	_Alignas(LINE) _Atomic uint32_t asleep; /* 1: the sender sleeps, or will at once */
	_Alignas(LINE) uint8_t slots[];
};

/* channel.c: from one side to the other. n messages start at message number `at`. */
void channel_write(struct pudu_channel_ring *ring, uint32_t size, uint32_t capacity, uint32_t at,
		   const uint8_t *from, uint32_t n);
void channel_read(const struct pudu_channel_ring *ring, uint32_t size, uint32_t capacity,
		  uint32_t at, uint8_t *to, uint32_t n);

/* After the own count was written: wake the other side if it sleeps on this word. */
void channel_ring_bell(_Atomic uint32_t *asleep, uint64_t executor);

/* Has this executor ended? Not if the handle is 0. */
int channel_is_dead(uint64_t executor);

/* Sleep while *asleep is 1. Result: PUDU_OK if the caller shall look again. */
int64_t channel_park(_Atomic uint32_t *asleep, uint64_t deadline);

#endif
