/* SPDX-License-Identifier: MIT */
/*
 * mcs.pml - the FIFO spin lock of kernel/mcs.h.
 *
 * HARTS harts take the lock ROUNDS times each, always with the same node. Proved for every
 * interleaving: one holder at a time, in the order of arrival, nobody waits for ever, and the lock is
 * free at the end. The memory is sequentially consistent; the orders are tested elsewhere.
 *
 * Broken on purpose, each must be caught:
 *	LATE_HELD	held is set after the node was linked: the hand-over is overwritten
 *	NO_RESET	next still names the successor of the last time
 *	PLAIN_RELEASE	the tail is compared and cleared in two steps
 *	NO_LINK_WAIT	release does not wait for a successor that is about to link itself
 */
#ifndef HARTS
#define HARTS	3
#endif
#ifndef ROUNDS
#define ROUNDS	2
#endif
#define NIL	255

byte tail = NIL;
byte next[HARTS];
bool held[HARTS];

byte inside;			/* harts that hold the lock */
byte arrived, served;		/* tickets given at the exchange, and holders so far */

inline acquire()
{
#ifndef NO_RESET
	next[me] = NIL;
#endif
	atomic {
		before = tail;
		tail = me;
		ticket = arrived;
		arrived++
	};
	if
	:: before == NIL
	:: else ->
#ifdef LATE_HELD
		next[before] = me;
		held[me] = true;
#else
		held[me] = true;
		next[before] = me;
#endif
		!held[me]
	fi
}

inline release()
{
#ifdef PLAIN_RELEASE
	last = (tail == me);
	if
	:: last -> tail = NIL
	:: else
	fi;
#else
	d_step {
		last = (tail == me);
		if
		:: last -> tail = NIL
		:: else
		fi
	};
#endif
	if
	:: last
	:: else ->
#ifndef NO_LINK_WAIT
		next[me] != NIL;
#endif
		if
		:: next[me] != NIL -> held[next[me]] = false
		:: else
		fi
	fi
}

proctype hart(byte me)
{
	byte before, ticket, round;
	bool last;

	do
	:: round == ROUNDS -> break
	:: else ->
		acquire();
		atomic { inside++; assert(inside == 1); assert(served == ticket); served++ };
		inside--;
		release();
		round++
	od
}

init
{
	byte i = 0;

	atomic {
		do
		:: i < HARTS -> next[i] = NIL; run hart(i); i++
		:: else -> break
		od
	};
	_nr_pr == 1;
	assert(tail == NIL);
	assert(served == HARTS * ROUNDS)
}
