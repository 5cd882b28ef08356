/* SPDX-License-Identifier: MIT */
/*
 * channel.pml - the two ends of a channel sleep and wake each other (user/lib/parallel/channel.c,
 * channel_send.c, channel_receive.c).
 *
 * A sender sends MESSAGES in batches of any size through a ring of CAPACITY. Proved for every
 * interleaving: both come to their end, and the ring never holds more than it can. Words are
 * shared memory; parked is the kernel's, changed by park_if and unpark.
 *
 * Broken on purpose, each must be caught. The first four are what the hart may do without a fence:
 *	NO_FENCE_1A	the sender looks whether the receiver sleeps before the messages are there
 *	NO_FENCE_1B	the receiver looks for messages before it says that it sleeps
 *	NO_FENCE_2A	the receiver looks whether the sender sleeps before the room is there
 *	NO_FENCE_2B	the sender looks for room before it says that it sleeps
 *	UNPARK_FIRST	who wakes unparks first and takes the word back then
 *	LATE_PARK	park_if looks at the word before the executor is parked
 */
#ifndef MESSAGES
#define MESSAGES	5
#endif
#ifndef CAPACITY
#define CAPACITY	2
#endif

#define SENDER		0
#define RECEIVER	1

byte tail, head;	/* ring->tail, ring->head */
bit asleep[2];		/* ring->asleep, bell->asleep */
bit parked[2];

/* channel_ring_bell, after its fence */
inline ring_bell(who)
{
	if
	:: asleep[who] ->
#ifdef UNPARK_FIRST
		parked[who] = 0;
		asleep[who] = 0
#else
		if
		:: d_step { asleep[who] == 1 -> asleep[who] = 0 }; parked[who] = 0
		:: asleep[who] == 0
		fi
#endif
	:: else
	fi
}

/* park_if(&asleep[who], 1, PUDU_FOREVER) */
inline park(who)
{
#ifdef LATE_PARK
	if
	:: asleep[who] -> parked[who] = 1; parked[who] == 0
	:: else
	fi
#else
	parked[who] = 1;
	if
	:: asleep[who] -> parked[who] == 0
	:: else -> parked[who] = 0
	fi
#endif
}

proctype sender()
{
	byte sent, n, room;
	bit seen;

	do
	:: sent < MESSAGES ->
		room = CAPACITY - (tail - head);
		if
		:: room > 0 ->
			n = 1;
			do
			:: n < room && sent + n < MESSAGES -> n++
			:: break
			od;
			sent = sent + n;
#ifdef NO_FENCE_1A
			seen = asleep[RECEIVER];
			tail = tail + n;
			if
			:: seen -> ring_bell(RECEIVER)
			:: else
			fi
#else
			tail = tail + n;
			ring_bell(RECEIVER)
#endif
		:: else ->	/* sender_sleep */
#ifdef NO_FENCE_2B
			room = CAPACITY - (tail - head);
			asleep[SENDER] = 1;
#else
			asleep[SENDER] = 1;
			room = CAPACITY - (tail - head);
#endif
			if
			:: room == 0 -> park(SENDER)
			:: else
			fi;
			asleep[SENDER] = 0
		fi
	:: else -> break
	od
}

proctype receiver()
{
	byte got, count;
	bit seen;

	do
	:: got < MESSAGES ->
		count = tail - head;
		assert(count <= CAPACITY);
		if
		:: count > 0 ->
			do
			:: count > 1 -> count--
			:: break
			od;
			got = got + count;
#ifdef NO_FENCE_2A
			seen = asleep[SENDER];
			head = head + count;
			if
			:: seen -> ring_bell(SENDER)
			:: else
			fi
#else
			head = head + count;
			ring_bell(SENDER)
#endif
		:: else ->	/* receiver_sleep */
#ifdef NO_FENCE_1B
			count = tail - head;
			asleep[RECEIVER] = 1;
#else
			asleep[RECEIVER] = 1;
			count = tail - head;
#endif
			if
			:: count == 0 -> park(RECEIVER)
			:: else
			fi;
			asleep[RECEIVER] = 0
		fi
	:: else -> break
	od;
	assert(head == MESSAGES)
}

init
{
	atomic {
		run sender();
		run receiver()
	}
}
