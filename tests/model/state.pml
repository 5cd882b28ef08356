/* SPDX-License-Identifier: MIT */
/*
 * state.pml - the state word of executors (kernel/state.h) and those who use it (kernel/sched.c,
 * sys_wait.c, sys_executor.c, executor.c).
 *
 * HARTS harts run three executors; a scenario says what these do. Each function of state.h is one
 * step, as it is one read-modify-write. The lock of the run queue is in mcs.pml, sleeping in idle.pml;
 * the memory is sequentially consistent, the orders are tested elsewhere.
 *
 * Proved for every interleaving: an executor is in the queue at most once, on one hart at most, never
 * while somebody uses its registers, and loaded only with all of it saved; at the end, when nothing can
 * move, all have been buried, once: so no wake-up, stop, start, kill or end was lost.
 *
 * Scenarios, one must be chosen: WAIT, KILL, STOP, SUPERVISE, UNREACHABLE, DEADLINE.
 * Broken on purpose, each must be caught:
 *	LATE_PARK	the word is looked at before PARKED is set
 *	BLIND_LET_GO	the owner lets go without looking whether the reason is still there
 *	LATE_SAVE	registers are saved after letting go
 *	IGNORE_OWNED	who takes the last reason away queues it, owned or not
 *	TWO_STEPS	taking the reason away and becoming the owner are two steps
 *	STALE_CLEAR	park_if takes PARKED back by storing what it read before
 *	NO_NUDGE	who adds a reason interrupts nobody
 *	LATE_CURRENT	a hart looks for reasons before it says whom it runs
 *	ONE_LOOK	a hart that kept one which became ready again does not look again
 *	NO_EVENT	the end of an executor only wakes its supervisor
 *	EARLY_NAME	who lets go of one looks whether anything names it before, not in the step
 *	ONLY_PUT	who lets go of one does not look whether anything names it
 *	ONLY_LET_GO	who drops the last handle leaves the end to who lets go
 *	ANY_TIMER	a stopped one with a deadline is thought to go on then
 *	NO_TIMER	one that waits with a deadline is thought to wait for ever
 *	DEAF_STOP	who stops one does not look whether anything names it
 *	STALE_STOP	who lets an unnamed one wait on does not look for a stop after that
 */
#ifndef HARTS
#define HARTS	2
#endif
#define EXECUTORS	3
#define NONE	255

#define STOPPED	1
#define PARKED	2
#define DEAD	32
#define OWNED	64
#define EVENT	128
#define UNNAMED	512
#define REASONS	(STOPPED | PARKED | DEAD)

#define LET_GO		0
#define STILL_READY	1
#define STILL_DEAD	2
#define LET_GO_UNNAMED	3

/* executor->timer */
#define TIMER_NONE	0
#define TIMER_ARMED	1	/* a hart page */
#define TIMER_PASSED	2

short state[EXECUTORS];
byte timer[EXECUTORS];
byte hart_of[EXECUTORS];	/* executor->hart */
byte running[HARTS];		/* hart->current */
bool interrupt[HARTS];		/* a software interrupt is pending */
chan queue = [EXECUTORS] of { byte };
byte word;			/* user memory */

byte references[EXECUTORS];	/* to the page: handles, and 1 while it lives */

bool saved[EXECUTORS];		/* the page holds all registers */
bool on_hart[EXECUTORS];	/* a hart holds the registers */
bool in_use[EXECUTORS];		/* somebody reads or writes the saved ones */
bool in_queue[EXECUTORS];
bool buried[EXECUTORS];
byte step[EXECUTORS];		/* where its program is */

inline enqueue(x)
{
	atomic {
		assert(state[x] & OWNED);
		assert(!in_queue[x] && !on_hart[x] && !in_use[x]);
		in_queue[x] = true;
		queue ! x
	}
}

inline state_add(x, bits)
{
	d_step { before = state[x]; state[x] = before | bits }
}

/* sched_wake: state_remove, and enqueue if that made it ready. */
inline wake(x, reason)
{
#ifdef TWO_STEPS
	d_step { before = state[x]; state[x] = before & ~reason };
	ready = (before & reason) && !(state[x] & (REASONS | OWNED));
	if
	:: ready -> d_step { state[x] = state[x] | OWNED }
	:: else
	fi;
#else
	d_step {
		before = state[x];
		ready = false;
		if
		:: before & reason ->
			after = before & ~reason;
			if
#ifdef IGNORE_OWNED
			:: !(after & REASONS) -> after = after | OWNED; ready = true
#else
			:: !(after & (REASONS | OWNED)) -> after = after | OWNED; ready = true
#endif
			:: else
			fi;
			state[x] = after
		:: else
		fi;
		after = 0
	};
#endif
	if
	:: ready -> enqueue(x)
	:: else
	fi
}

/* state_let_go, into `result` */
inline state_let_go(x)
{
	d_step {
		assert(state[x] & OWNED);
		if
		:: state[x] & DEAD -> result = STILL_DEAD
#ifdef BLIND_LET_GO
		:: !(state[x] & DEAD) && parking -> state[x] = state[x] & ~OWNED; result = LET_GO
		:: !(state[x] & (DEAD | REASONS)) && !parking -> result = STILL_READY
#else
		:: !(state[x] & REASONS) -> result = STILL_READY
#endif
		:: else ->
			result = (state[x] & UNNAMED -> LET_GO_UNNAMED : LET_GO);
			state[x] = state[x] & ~OWNED
		fi
	}
}

inline claim(x)
{
	d_step {
		ready = (state[x] & REASONS) && !(state[x] & OWNED);
		if
		:: ready -> state[x] = state[x] | OWNED
		:: else
		fi
	}
}

/* Will one that waits, and that nothing names, go on by itself? */
#ifdef NO_TIMER
#define GOES_ON(x)	false
#elif defined(ANY_TIMER)
#define GOES_ON(x)	(timer[x] != TIMER_NONE)
#else
#define GOES_ON(x)	(timer[x] != TIMER_NONE && !(state[x] & STOPPED))
#endif

/* executor_end_unreachable: one that waits and that nothing names can never run again. */
inline end_unreachable(x)
{
	do
	:: true ->
		claim(x);
		if
		:: !ready -> break
		:: else
		fi;
		if
		:: !GOES_ON(x) -> state_add(x, DEAD); enqueue(x); break
		:: else
		fi;
		state_let_go(x);
		if
		:: result == STILL_READY || result == STILL_DEAD -> enqueue(x); break
		:: else
		fi;
#ifdef STALE_STOP
		break
#else
		if
		:: GOES_ON(x) -> break
		:: else
		fi
#endif
	od;
	result = LET_GO
}

/* executor_let_go */
inline let_go(x)
{
#ifdef EARLY_NAME
	alone = (state[x] & UNNAMED) != 0;
	state_let_go(x);
	if
	:: result == LET_GO_UNNAMED && !alone -> result = LET_GO
	:: else
	fi;
	alone = false;
#else
	state_let_go(x);
#endif
	if
#ifndef ONLY_PUT
	:: result == LET_GO_UNNAMED -> end_unreachable(x)
#else
	:: result == LET_GO_UNNAMED -> result = LET_GO
#endif
	:: else
	fi
}

/* executor_put of a handle */
inline put(x)
{
	d_step { references[x]--; alone = (references[x] == 1) };
	if
	:: alone ->
		alone = false;
		state_add(x, UNNAMED);
#ifndef ONLY_LET_GO
		end_unreachable(x)
#endif
	:: else
	fi;
	result = LET_GO
}

inline nudge(x)
{
#ifndef NO_NUDGE
	other = hart_of[x];
	if
	:: other != NONE && other != me ->
		if
		:: running[other] == x -> interrupt[other] = true
		:: else
		fi
	:: else
	fi;
	other = 0
#else
	skip
#endif
}

inline bury(x)
{
	d_step {
		assert(!buried[x] && !on_hart[x] && !in_queue[x] && !in_use[x]);
		buried[x] = true;
		timer[x] = TIMER_NONE	/* depart */
	};
#ifdef SUPERVISE
	if
	:: x == 1 ->
#ifndef NO_EVENT
		state_add(0, EVENT);
#endif
		wake(0, PARKED)
	:: else
	fi
#endif
}

/* sched_leave, up to the choice of the next: the registers go to the page, and the page goes. */
inline leave()
{
#ifndef LATE_SAVE
	d_step { on_hart[c] = false; saved[c] = true };
#endif
	running[me] = NONE;
	let_go(c);
#ifdef LATE_SAVE
	d_step { on_hart[c] = false; saved[c] = true };
#endif
	if
	:: result == STILL_READY -> enqueue(c)
	:: result == STILL_DEAD -> bury(c)
	:: else
	fi;
	c = NONE
}

inline dispatch()
{
#ifdef LATE_CURRENT
	ready = (state[c] & REASONS) == 0;
	hart_of[c] = me;
	running[me] = c;
#else
	hart_of[c] = me;
	running[me] = c;
	ready = (state[c] & REASONS) == 0;
#endif
	result = STILL_READY;
	do
	:: ready || result != STILL_READY -> break
	:: else ->
		running[me] = NONE;
		let_go(c);
		if
		:: result == STILL_READY ->
			running[me] = c;
#ifdef ONE_LOOK
			ready = true
#else
			ready = (state[c] & REASONS) == 0
#endif
		:: else
		fi
	od;
	if
	:: result == STILL_READY ->
		d_step {
			assert(saved[c] && !on_hart[c] && !in_use[c] && !buried[c]);
			saved[c] = false;
			on_hart[c] = true;
			timer[c] = TIMER_NONE	/* end_wait */
		}
	:: result == STILL_DEAD -> bury(c); c = NONE
	:: else -> c = NONE
	fi;
	result = 0
}

/* park_if(&word, expected) of the executor that runs here */
inline park_if(expected)
{
#ifdef LATE_PARK
	value = word;
	state_add(c, PARKED);
#else
	state_add(c, PARKED);
#endif
	if
	:: before & EVENT ->
		d_step { state[c] = state[c] & ~(PARKED | EVENT) }
	:: else ->
#ifndef LATE_PARK
		value = word;
#endif
		if
		:: value == expected ->
#ifdef DEADLINE
			timer[c] = TIMER_ARMED;	/* timer_arm */
#endif
			parking = true; leave(); parking = false
		:: else ->
#ifdef STALE_CLEAR
			before = state[c];
			state[c] = before & ~PARKED
#else
			d_step { state[c] = state[c] & ~PARKED }
#endif
		fi
	fi;
	value = 0
}

/* terminate(x), for another one and for itself */
inline terminate(x)
{
	state_add(x, DEAD);
	if
	:: x == c -> leave()
	:: else ->
		claim(x);
		if
		:: ready -> enqueue(x)
		:: else -> nudge(x)
		fi
	fi
}

/* executor_regs(x) */
inline registers(x)
{
	claim(x);
	if
	:: ready ->
		d_step {
			assert(saved[x] && !on_hart[x] && !in_queue[x] && !in_use[x]);
			in_use[x] = true
		};
		in_use[x] = false;
		let_go(x);
		if
		:: result != LET_GO -> enqueue(x)
		:: else
		fi
	:: else
	fi
}

/* executor_stop(x) */
inline stop(x)
{
	state_add(x, STOPPED);
	alone = (before & UNNAMED) != 0;
	nudge(x);
#ifndef DEAF_STOP
	if
	:: alone -> end_unreachable(x)
	:: else
	fi;
#endif
	alone = false
}

#define AT(x, s)	c == x && step[x] == s -> step[x] = s + 1;

proctype hart(byte me)
{
	byte c = NONE, value, result, other;
	short before, after;
	bool ready, parking, alone;

end:	do
	:: atomic { c == NONE && nempty(queue) -> queue ? c; in_queue[c] = false };
		dispatch()
	:: c != NONE && interrupt[me] ->
		interrupt[me] = false;
		if
		:: state[c] & REASONS -> leave()
		:: else
		fi
#ifdef WAIT
	/* The end of a slice. The others have none, or it would hide a lost interrupt. */
	:: c != NONE -> leave()

	/* 0 waits for the word; 1 sets it and wakes 0; 2 does to 0 all that one can do. */
	:: c == 0 && step[0] == 0 -> step[0] = (word == 0 -> 1 : 2)
	:: c == 0 && step[0] == 1 -> step[0] = 0; park_if(0)
	:: AT(0, 2) terminate(0)
	:: AT(1, 0) word = 1
	:: AT(1, 1) wake(0, PARKED)
	:: AT(1, 2) terminate(1)
	:: AT(2, 0) stop(0)
	:: AT(2, 1) wake(0, PARKED)
	:: AT(2, 2) registers(0)
	:: AT(2, 3) wake(0, STOPPED)
	:: AT(2, 4) terminate(2)
#endif
#ifdef KILL
	/* 0 computes for ever; 1 stops and starts it; 2 ends it. */
	:: AT(1, 0) stop(0)
	:: AT(1, 1) wake(0, STOPPED)
	:: AT(1, 2) terminate(1)
	:: AT(2, 0) terminate(0)
	:: AT(2, 1) terminate(2)
#endif
#ifdef STOP
	/* 0 computes for ever; 1 stops, starts and stops it; it must be off the hart. 2 is in the way. */
	:: AT(1, 0) stop(0)
	:: AT(1, 1) wake(0, STOPPED)
	:: AT(1, 2) stop(0)
	:: AT(1, 3) terminate(1)
	:: AT(2, 0) registers(0)
	:: AT(2, 1) terminate(2)
#endif
#ifdef UNREACHABLE
	/* 0 waits for what never comes; 1 wakes it, 2 reads its registers, and both drop their handles. */
	:: c == 0 -> park_if(0)
	:: AT(1, 0) wake(0, PARKED)
	:: AT(1, 1) put(0)
	:: AT(1, 2) terminate(1)
	:: AT(2, 0) registers(0)
	:: AT(2, 1) put(0)
	:: AT(2, 2) terminate(2)
#endif
#ifdef DEADLINE
	/* 0 waits until its deadline, and ends. 1 stops it, or not, while 2 drops the one handle. */
	:: c == 0 && step[0] == 0 -> step[0] = 1; park_if(0)
	:: AT(0, 1) terminate(0)
	:: AT(1, 0) stop(0)
	:: c == 1 && step[1] == 0 -> step[1] = 1
	:: AT(1, 1) terminate(1)
	:: AT(2, 0) put(0)
	:: AT(2, 1) terminate(2)
	/* wake_passed, on any hart */
	:: timer[0] == TIMER_ARMED -> timer[0] = TIMER_PASSED;
		wake(0, PARKED);
#endif
#ifdef SUPERVISE
	/* 0 waits until 1, which it supervises, has ended; 2 wakes it for nothing. */
	:: c == 0 && step[0] == 0 -> step[0] = (state[1] & DEAD -> 2 : 1)
	:: c == 0 && step[0] == 1 -> step[0] = 0; park_if(0)
	:: AT(0, 2) terminate(0)
	:: AT(1, 0) terminate(1)
	:: AT(2, 0) wake(0, PARKED)
	:: AT(2, 1) terminate(2)
#endif
	od
}

proctype judge()
{
end:	timeout ->
	assert(empty(queue));
	assert(buried[1] && buried[2]);
#ifdef STOP
	assert(!buried[0] && !on_hart[0] && state[0] == STOPPED);
#else
	assert(buried[0]);
#endif
#ifdef DEADLINE
	assert(step[0] == 2 || (state[0] & STOPPED))	/* not ended while it could go on */
#endif
}

init
{
	byte i = 0;

	atomic {
		do
		:: i < EXECUTORS ->
			state[i] = OWNED;
#ifdef DEADLINE
			references[i] = 2;
#else
			references[i] = 3;
#endif
			saved[i] = true;
			hart_of[i] = NONE;
			in_queue[i] = true;
			queue ! i;
			i++
		:: else -> break
		od;
		i = 0;
		do
		:: i < HARTS -> running[i] = NONE; run hart(i); i++
		:: else -> break
		od;
		run judge()
	}
}
