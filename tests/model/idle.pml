/* SPDX-License-Identifier: MIT */
/*
 * idle.pml - harts without work go to sleep, and those who queue work wake them (kernel/sched.c:
 * sleep_until_interrupt and sched_call_a_hart; kernel/ready.c).
 *
 * Others queue as many jobs as there are HARTS; a hart that takes one keeps it for ever. Proved for
 * every interleaving: when nothing can move, each hart has a job. So no hart sleeps while work waits,
 * and one interrupt wakes one sleeper. wfi ends at once when an interrupt is pending, enabled or not
 * (Privileged ISA, "Wait for Interrupt").
 *
 * With PLACES, one job yields to one that is queued, and waits in the place of its hart then.
 *
 * Broken on purpose, each must be caught:
 *	NO_SECOND_LOOK	sleeps after setting its bit without looking at the queue again
 *	LATE_BIT	sets its bit after the last look
 *	LATE_CLEAR	clears the pending interrupt after the last look
 *	EARLY_MASK	who queues reads the idle bits before the job is in the queue
 *	LEAVE_BIT	who queues interrupts a sleeper without taking its bit: two for the same one
 * And with PLACES:
 *	NO_LOOK_THERE	the last look is at the queue only
 *	NO_CALL		who fills a place calls no hart
 *	KEEP_CALL	who is called and has found other work does not pass the call on
 */
#ifndef HARTS
#define HARTS	3
#endif
#ifndef QUEUERS
#define QUEUERS	2
#endif

byte queue;			/* jobs that wait */
byte idle;			/* global->idle: bit s: hart s is idle, or about to look */
bool interrupt[HARTS];
byte given;			/* jobs that were queued */
byte taken;			/* jobs that run */
bool place;			/* hart->second is set, of the one that has yielded */
bool yields;			/* one has, and that is enough */

#define BIT(s)	(1 << (s))

/* sched_call_a_hart, with the bits read as they are now, or before the job was queued. */
inline call_a_hart()
{
	do
	:: mask == 0 -> break
	:: else ->
		d_step {
			s = 0;
			do
			:: !(mask & BIT(s)) -> s++
			:: else -> break
			od
		};
#ifdef LEAVE_BIT
		mine = true;
#else
		d_step { mine = (idle & BIT(s)) != 0; idle = idle & ~BIT(s) };
#endif
		if
		:: mine -> interrupt[s] = true; break
		:: else -> mask = idle
		fi
	od
}

#if defined(PLACES) && !defined(NO_LOOK_THERE)
#define SEEN	place
#else
#define SEEN	false
#endif

proctype hart(byte me)
{
	byte mask, s;
	bool mine, seen;

	do
	:: atomic { queue > 0 -> queue--; taken++ }; break
	:: queue == 0 ->
#ifdef PLACES
		if
		:: atomic { place -> place = false; taken++ }; break
		:: !place
		fi;
#endif
#ifndef LATE_CLEAR
		interrupt[me] = false;
#endif
#ifdef LATE_BIT
		if
		:: queue > 0
		:: else ->
			d_step { idle = idle | BIT(me) };
			interrupt[me]
		fi;
#else
		d_step { idle = idle | BIT(me) };
#ifdef NO_SECOND_LOOK
		interrupt[me];
#else
		seen = SEEN;
		if
		:: seen || queue > 0
		:: else ->
#ifdef LATE_CLEAR
			interrupt[me] = false;
#endif
			interrupt[me]		/* wfi */
		fi;
#endif
#endif
		d_step { idle = idle & ~BIT(me) }
	od;
#ifdef PLACES
end:	do
	/* ready_give_way: one of the queue goes on here, and this one is in the place. */
	:: atomic { queue > 0 && !yields -> queue--; yields = true };
		place = true;
#ifndef NO_CALL
		mask = idle;
		call_a_hart();
#endif
		mask = 0; mine = false; s = 0
#ifndef KEEP_CALL
	/* It was called, and has found other work before: it passes the call on. */
	:: atomic { interrupt[me] -> interrupt[me] = false };
		seen = SEEN;
		if
		:: seen || queue > 0 -> mask = idle; call_a_hart()
		:: else
		fi;
		seen = false; mask = 0; mine = false; s = 0
#endif
	od
#else
end:	false	/* it runs what it took */
#endif
}

proctype queuer()
{
	byte mask, s;
	bool mine;

	do
	:: atomic { given < HARTS -> given++ };
#ifdef EARLY_MASK
		mask = idle;
		d_step { queue++ };
#else
		d_step { queue++ };
		mask = idle;
#endif
		call_a_hart()
	:: given == HARTS -> break
	od
}

proctype judge()
{
end:	timeout -> assert(taken == HARTS && queue == 0)
}

init
{
	byte i = 0;

	atomic {
		do
		:: i < HARTS -> run hart(i); i++
		:: else -> break
		od;
		i = 0;
		do
		:: i < QUEUERS -> run queuer(); i++
		:: else -> break
		od;
		run judge()
	}
}
