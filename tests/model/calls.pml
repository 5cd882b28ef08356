/* SPDX-License-Identifier: MIT */
/*
 * calls.pml - calls between executors (kernel/calls.c, callers.c, sys_call.c), with deadlines (timer.c),
 * stops, ends and dropped handles (executor.c) of both sides at every point.
 *
 * HARTS harts run three executors; a scenario says what these do. Each access to a word that others may
 * change is one step; what a lock or ownership protects is merged with it. The run queue is a set, so
 * that every order is tried. An interrupt comes to a hart whose executor has a reason not to run, at any
 * time; that it does come is in state.pml.
 *
 * Proved for every interleaving: an executor has one owner at most (a hart, or the queue), and only that
 * one writes into its page; each call gets one answer, OK only from whom it was made to; no page that
 * has been freed is looked at by a hart that has been outside the kernel since (quiesce.h); at the end,
 * when nothing can move, all have been buried but a server that waits with nobody in line, and every page
 * that no handle names is free: so no call, answer, wake-up, deadline, stop or end was lost.
 *
 * Scenarios, one must be chosen: SERVE, KEEP, END_CALLEE, END_CALLER, END_LINE, STOP, DROP, CHAIN, BELL,
 * KEEP_END.
 * Broken on purpose, each must be caught:
 *	EARLY_DEAD	who stands in line looks for the callee's end before, not in the step that sets CALLERS
 *	NO_CALLERS	who stands in line does not say so in the state
 *	NO_WAKE		who stands in line does not wake one that waits in accept
 *	LATE_CALLING	CALLING is set when the callee has the call already
 *	TWO_STEPS	taking ACCEPTING away and becoming the owner are two steps
 *	BLIND_ANSWER	an answer is written without owning the caller's page
 *	BLIND_REFUSE	the same by who buries the callee
 *	NO_WITHDRAW	one that ends stays where its callee finds it
 *	NO_GONE		one that ends leaves the line, but not the callee's `caller`
 *	LEAVE_CALLING	who buries the callee leaves CALLING to a dead caller
 *	NO_REFUSE	who buries the callee answers nobody
 *	LEAVE_KEPT	the same for those kept
 *	KEEP_UNLOCKED	a caller is kept without the lock
 *	STALE_GONE	a reply that finds its caller dead leaves CALLER_GONE behind
 *	EARLY_HANDOVER	the callee runs before its caller is let go of
 *	NO_PLACE	a reply by handle does not look whether the call was accepted
 */
#ifndef HARTS
#define HARTS	2
#endif
#define EXECUTORS	3
#define NONE	255
#define GONE	254	/* CALLER_GONE */
#define QUEUED	253	/* an owner: the run queue */

#define STOPPED		1
#define PARKED		2
#define CALLING		8
#define ACCEPTING	16
#define DEAD		32
#define OWNED		64
#define CALLERS		256
#define UNNAMED		512
#define WAITS		(PARKED | ACCEPTING)
#define REASONS		(STOPPED | PARKED | CALLING | ACCEPTING | DEAD)

#define LET_GO		0
#define LET_GO_UNNAMED	1
#define STILL_READY	2
#define STILL_DEAD	3

#define TIMER_NONE	0
#define TIMER_ARMED	1
#define TIMER_PASSED	2

#define PLACE_NONE	0
#define PLACE_WAITS	1
#define PLACE_KEPT	2

#define OVER_UNNAMED	1
#define OVER_BURIED	2

/* Answers to a call. */
#define NO_ANSWER	0
#define OK		1
#define ERR_DEAD	2
#define ERR_HANDLE	3
#define ERR_STATE	4

short state[EXECUTORS];
byte owner[EXECUTORS];		/* a hart, QUEUED, or NONE */
byte timer[EXECUTORS];
bool due[EXECUTORS];		/* its deadline is in the past */
byte caller[EXECUTORS], callee[EXECUTORS];
byte place[EXECUTORS];
byte lock[EXECUTORS];		/* callers_lock: the hart that has it */
byte line[EXECUTORS];		/* callers to callers_last: each + 1, in two bits, the first lowest */
byte kept[EXECUTORS];		/* bits */
byte handles[EXECUTORS];
byte references[EXECUTORS];
bool ended[EXECUTORS];
bool departed[EXECUTORS];	/* executor->buried */
byte over[EXECUTORS];
byte holds[EXECUTORS];		/* harts that have not left the kernel since the page was freed */
byte inside;			/* harts in the kernel */
byte word;			/* user memory: BELL */

byte step[EXECUTORS];		/* where its program is */
bool called[EXECUTORS];
bool taken[EXECUTORS];		/* its call has been accepted */
byte answer[EXECUTORS];		/* to its call */
bool killed[EXECUTORS];		/* by somebody else, or by nobody's handle */
byte accepted[EXECUTORS];	/* whose call it got last */

#define FREED(x)	(over[x] == (OVER_UNNAMED | OVER_BURIED))
/* This hart may look at the page. */
#define ALIVE(x)	assert(!FREED(x) || (holds[x] & (1 << me)))

inline enter()
{
	inside = inside | 1 << me
}

/* quiesce_note */
inline note()
{
	holds[0] = holds[0] & ~(1 << me);
	holds[1] = holds[1] & ~(1 << me);
	holds[2] = holds[2] & ~(1 << me)
}

inline take_page(x)
{
	assert(owner[x] == NONE);
	owner[x] = me
}

/* sched_enqueue */
inline enqueue(x)
{
	d_step {
		assert(owner[x] == me && (state[x] & OWNED));
		owner[x] = QUEUED
	}
}

inline acquire(x)
{
	ALIVE(x);
	atomic { lock[x] == NONE -> lock[x] = me }
}

inline release(x)
{
	d_step {
		ALIVE(x);
		assert(lock[x] == me);
		lock[x] = NONE
	}
}

inline add(x, bits)	/* state_add, into before */
{
	d_step {
		ALIVE(x);
		before = state[x];
		state[x] = before | bits
	}
}

/* sched_wake */
inline wake(x, reason)
{
	d_step {
		ALIVE(x);
		if
		:: state[x] & (reason) ->
			state[x] = state[x] & ~(reason);
			if
			:: !(state[x] & (REASONS | OWNED)) ->
				state[x] = state[x] | OWNED;
				assert(owner[x] == NONE);
				owner[x] = QUEUED
			:: else
			fi
		:: else
		fi
	}
}

/* state_claim */
inline claim(x)
{
	d_step {
		ALIVE(x);
		ready = (state[x] & REASONS) && !(state[x] & OWNED);
		if
		:: ready -> state[x] = state[x] | OWNED; take_page(x)
		:: else
		fi
	}
}

/* state_let_go */
inline state_let_go(x)
{
	d_step {
		assert(owner[x] == me && (state[x] & OWNED));
		if
		:: state[x] & DEAD -> result = STILL_DEAD
		:: !(state[x] & REASONS) -> result = STILL_READY
		:: else ->
			result = ((state[x] & (UNNAMED | CALLING)) == UNNAMED -> LET_GO_UNNAMED : LET_GO);
			state[x] = state[x] & ~OWNED;
			owner[x] = NONE
		fi
	}
}

#define GOES_ON(x)	((state[x] & CALLING) || (!(state[x] & STOPPED) && timer[x] != TIMER_NONE))

/* executor_end_unreachable */
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
		:: !GOES_ON(x) ->
			d_step { ended[x] = true; killed[x] = true; state[x] = state[x] | DEAD };
			enqueue(x);
			break
		:: else
		fi;
		state_let_go(x);
		if
		:: result > LET_GO_UNNAMED -> enqueue(x); break
		:: else
		fi;
		if
		:: GOES_ON(x) -> break
		:: else
		fi
	od;
	ready = false
}

/* executor_let_go */
inline let_go(x)
{
	state_let_go(x);
	if
	:: result == LET_GO_UNNAMED -> end_unreachable(x); result = LET_GO
	:: else
	fi
}

/* sched_let_go */
inline let_go_or_enqueue(x)
{
	let_go(x);
	if
	:: result != LET_GO -> enqueue(x)
	:: else
	fi
}

/* set_over, quiesce_free */
inline set_over(x, what)
{
	d_step {
		assert(!(over[x] & what));
		over[x] = over[x] | what;
		if
		:: FREED(x) -> holds[x] = inside
		:: else
		fi
	}
}

/* executor_put */
inline put(x)
{
	d_step { ALIVE(x); references[x]--; n = references[x] };
	if
	:: n == 1 -> add(x, UNNAMED); end_unreachable(x)
	:: n == 0 -> set_over(x, OVER_UNNAMED)
	:: else
	fi;
	n = 0
}

/* callers_remove: the lock is held */
inline callers_remove(x, from)
{
	d_step {
		assert(lock[from] == me);
		ALIVE(x);
		n = place[x];
		if
		:: n == PLACE_WAITS -> line[from] = ((line[from] & 3) == x + 1 -> line[from] >> 2 : line[from] & 3)
		:: n == PLACE_KEPT -> kept[from] = kept[from] & ~(1 << x)
		:: else
		fi;
		place[x] = PLACE_NONE
	};
	if
	:: n != PLACE_NONE && line[from] == 0 -> d_step { state[from] = state[from] & ~CALLERS }
	:: else
	fi;
	n = 0
}

/* own, of calls.c. It is waited for here; a hart that waits for ever is no valid end. */
inline own(x)
{
	if
	:: atomic { !(state[x] & OWNED) && (state[x] & REASONS) ->
		ALIVE(x); state[x] = state[x] | OWNED; take_page(x); status = OK }
	:: atomic { state[x] & DEAD -> ALIVE(x); status = ERR_DEAD }
	:: atomic { !(state[x] & (CALLING | DEAD)) -> ALIVE(x); status = ERR_STATE }
	fi
}

/* finish, of calls.c: into go, who is ready, or NONE */
inline finish(x, with)
{
	d_step {
		assert(owner[x] == me);
		assert((state[x] & CALLING) && answer[x] == NO_ANSWER);
		assert(with != OK || taken[x]);
		answer[x] = with
	};
	d_step { state[x] = state[x] & ~CALLING };
	let_go(x);
	go = NONE;
	if
	:: result == STILL_READY -> go = x
	:: result == STILL_DEAD -> enqueue(x)
	:: else
	fi
}

/* calls_withdraw */
inline withdraw(x)
{
	d_step { other = (state[x] & CALLING -> callee[x] : NONE) };
	if
	:: other != NONE ->
		acquire(other);
#ifndef NO_WITHDRAW
		callers_remove(x, other);
#ifndef NO_GONE
		d_step {
			if
			:: caller[other] == x -> caller[other] = GONE
			:: else
			fi
		};
#endif
#endif
		release(other)
	:: else
	fi;
	other = NONE
}

#define AT(x, s)	c == x && step[x] == s -> step[x] = s + 1;
#define ON(x, s)	c == x && step[x] == s ->

proctype hart(byte me)
{
	byte c = NONE, next = NONE;	/* current; this_hart->handoff */
	byte t = NONE;			/* the executor of the handle */
	byte who = NONE, go = NONE, other = NONE, b = NONE, n, result, status;
	short before;
	bool ready, then_accept, by_last, deadline, watch;

back:	/* to user mode, or idle */
	atomic {
		note();
		inside = inside & ~(1 << me);
		t = NONE; who = NONE; go = NONE; other = NONE; b = NONE;
		n = 0; result = 0; status = 0; before = 0;
		ready = false; then_accept = false; by_last = false; deadline = false; watch = false
	};

end:	if
	/* take: any of the queue */
	:: atomic { c == NONE && owner[0] == QUEUED -> owner[0] = me; c = 0; enter(); goto dispatch }
	:: atomic { c == NONE && owner[1] == QUEUED -> owner[1] = me; c = 1; enter(); goto dispatch }
	:: atomic { c == NONE && owner[2] == QUEUED -> owner[2] = me; c = 2; enter(); goto dispatch }
	/* trap_user: an interrupt shows the reason. */
	:: c != NONE && (state[c] & REASONS) -> enter(); goto leave
	/* take_passed; only 0 has deadlines */
	:: atomic { timer[0] == TIMER_ARMED -> timer[0] = TIMER_PASSED; due[0] = true; enter();
		goto do_timer }

#if defined(SERVE) || defined(END_CALLEE) || defined(END_CALLER) || defined(END_LINE) || defined(STOP)
	/* 0 serves: replies and accepts, or replies, then accepts. */
	:: ON(0, 0) goto do_accept
	:: ON(0, 1) step[0] = 0; then_accept = true; by_last = true; goto do_reply
#endif
#ifdef SERVE
	:: ON(0, 1) step[0] = 0; by_last = true; goto do_reply
	:: AT(1, 0) t = 0; goto do_call
	:: AT(1, 1) t = 0; goto do_call
	:: AT(1, 2) t = 1; goto do_terminate
	:: AT(2, 0) t = 0; goto do_call
	:: AT(2, 1) t = 2; goto do_terminate
#endif
#ifdef END_CALLEE
	/* 1 calls; 2 ends 0, and closes the last handle of it. */
	:: AT(1, 0) t = 0; goto do_call
	:: AT(1, 1) t = 0; goto do_call
	:: AT(1, 2) t = 1; goto do_terminate
	:: AT(2, 0) t = 0; goto do_terminate
	:: AT(2, 1) t = 0; goto do_drop
	:: AT(2, 2) t = 2; goto do_terminate
#endif
#ifdef END_CALLER
	/* 1 calls; 2 ends 1, closes the last handle of it, and calls. */
	:: AT(1, 0) t = 0; goto do_call
	:: AT(1, 1) t = 1; goto do_terminate
	:: AT(2, 0) t = 1; goto do_terminate
	:: AT(2, 1) t = 1; goto do_drop
	:: AT(2, 2) t = 0; goto do_call
	:: AT(2, 3) t = 2; goto do_terminate
#endif
#ifdef END_LINE
	/* 1 calls; 2 calls, then ends 0 and 1, in one order or the other, and closes their handles. */
	:: AT(1, 0) t = 0; goto do_call
	:: AT(1, 1) t = 1; goto do_terminate
	:: ON(2, 0) step[2] = 1; t = 0; goto do_terminate
	:: ON(2, 0) step[2] = 2; t = 1; goto do_terminate
	:: ON(2, 1) step[2] = 3; t = 1; goto do_terminate
	:: ON(2, 2) step[2] = 3; t = 0; goto do_terminate
	:: AT(2, 3) t = 0; goto do_drop
	:: AT(2, 4) t = 1; goto do_drop
	:: AT(2, 5) t = 2; goto do_terminate
#endif
#ifdef STOP
	/* 1 calls; 2 stops, reads and starts 0, then 1. */
	:: AT(1, 0) t = 0; goto do_call
	:: AT(1, 1) t = 1; goto do_terminate
	:: ON(2, 0) step[2] = 1; n = 0; goto do_stop
	:: ON(2, 0) step[2] = 1; n = 1; goto do_stop
	:: AT(2, 1) t = 0; goto do_registers
	:: AT(2, 2) t = 1; goto do_registers
	:: AT(2, 3) t = 0; goto do_start
	:: AT(2, 4) t = 1; goto do_start
	:: AT(2, 5) t = 2; goto do_terminate
#endif
#if defined(KEEP) || defined(KEEP_END)
	/* 0 accepts with a deadline, keeps one caller or none, and at the deadline answers both by their
	 * handles, accepted or not, or nobody; then it ends. 1 calls. */
	:: ON(0, 0) deadline = true; goto do_accept
	:: ON(0, 1) step[0] = 0; by_last = true; then_accept = true; deadline = true; goto do_reply
	:: c == 0 && step[0] == 1 && kept[0] == 0 -> step[0] = 0
	:: AT(0, 2) t = 1; goto do_reply
	:: ON(0, 2) step[0] = 4
	:: AT(0, 3) t = 2; goto do_reply
	:: AT(0, 4) t = 0; goto do_terminate
	:: AT(1, 0) t = 0; goto do_call
	:: AT(1, 1) t = 1; goto do_terminate
#endif
#ifdef KEEP
	/* So does 2. */
	:: AT(2, 0) t = 0; goto do_call
	:: AT(2, 1) t = 2; goto do_terminate
#endif
#ifdef KEEP_END
	/* 2 ends 1, and closes the last handle of it. */
	:: AT(2, 0) t = 1; goto do_terminate
	:: AT(2, 1) t = 1; goto do_drop
	:: AT(2, 2) t = 2; goto do_terminate
#endif
#ifdef DROP
	/* 0 accepts, with a deadline or none; 1 calls; 2 closes the last handle of 0. */
	:: ON(0, 0) goto do_accept
	:: ON(0, 0) deadline = true; goto do_accept
	:: ON(0, 1) step[0] = 0; by_last = true; then_accept = true; goto do_reply
	:: AT(0, 2) t = 0; goto do_terminate
	:: AT(1, 0) t = 0; goto do_call
	:: AT(1, 1) t = 1; goto do_terminate
	:: AT(2, 0) t = 0; goto do_drop
	:: AT(2, 1) t = 1; goto do_drop
	:: AT(2, 2) t = 2; goto do_terminate
#endif
#ifdef CHAIN
	/* 2 calls 1, which calls 0 to answer it; 0 ends 1, then answers it, or itself. */
	:: ON(0, 0) goto do_accept
	:: ON(0, 1) step[0] = 2; t = 1; goto do_terminate
	:: ON(0, 1) step[0] = 4; t = 0; goto do_terminate
	:: ON(0, 2) step[0] = 3; by_last = true; goto do_reply
	:: AT(0, 3) t = 0; goto do_terminate
	:: ON(1, 0) goto do_accept
	:: AT(1, 1) t = 0; goto do_call
	:: AT(1, 2) by_last = true; goto do_reply
	:: AT(1, 3) t = 1; goto do_terminate
	:: AT(2, 0) t = 1; goto do_call
	:: AT(2, 1) t = 1; goto do_drop
	:: AT(2, 2) t = 0; goto do_terminate
	:: AT(2, 3) t = 2; goto do_terminate
#endif
#ifdef BELL
	/* 0 accepts until the word changes; 1 calls; 2 changes the word, and wakes 0 to see it. */
	:: ON(0, 0) watch = true; goto do_accept
	:: ON(0, 1) step[0] = 0; by_last = true; then_accept = true; watch = true; goto do_reply
	:: AT(0, 2) t = 0; goto do_terminate
	:: AT(1, 0) t = 0; goto do_call
	:: AT(1, 1) t = 1; goto do_terminate
	:: AT(2, 0) word = 1
	:: AT(2, 1) t = 0; goto do_unpark
	:: AT(2, 2) t = 2; goto do_terminate
#endif
	fi;
	goto end;

do_timer:	/* wake_passed */
	wake(0, WAITS);
	goto back;

do_unpark:	/* sys_unpark */
	atomic { enter(); ready = handles[t] > 0 };
	if
	:: ready -> wake(t, WAITS)
	:: else
	fi;
	goto back;

do_start:	/* sys_executor_start */
	atomic { enter(); ready = handles[t] > 0 && !(state[t] & DEAD) };
	if
	:: ready -> wake(t, STOPPED)
	:: else
	fi;
	goto back;

do_stop:	/* sys_executor_stop */
	t = n;
	n = 0;
	d_step { enter(); ready = handles[t] > 0 };
	if
	:: ready ->
		add(t, STOPPED);
		if
		:: !(before & DEAD) && (before & UNNAMED) -> end_unreachable(t)
		:: else
		fi
	:: else
	fi;
	goto back;

do_registers:	/* sys_executor_regs */
	atomic { enter(); ready = handles[t] > 0 };
	if
	:: ready ->
		claim(t);
		if
		:: ready -> let_go_or_enqueue(t)
		:: else
		fi
	:: else
	fi;
	goto back;

do_drop:	/* a handle is unmapped */
	atomic { enter(); handles[t]-- };
	put(t);
	goto back;

do_terminate:	/* sys_terminate, executor_end */
	atomic { enter(); ready = t == c || handles[t] > 0 };
	if
	:: !ready -> goto back
	:: else
	fi;
	d_step {
		ALIVE(t);
		ready = !ended[t];
		ended[t] = true;
		killed[t] = killed[t] || t != c;
		assert(t != c || killed[c] || !called[c] || answer[c] != NO_ANSWER)
	};
	if
	:: !ready -> goto go_on
	:: else
	fi;
	add(t, DEAD);
	if
	:: t == c -> goto leave
	:: else
	fi;
	claim(t);
	if
	:: ready -> enqueue(t)
	:: else
	fi;
go_on:	if
	:: state[c] & REASONS -> goto leave
	:: else -> goto back
	fi;

do_call:	/* sys_call, calls_call */
	atomic {
		enter();
		assert(!called[c] || answer[c] != NO_ANSWER);
		answer[c] = NO_ANSWER;
		called[c] = true;
		taken[c] = false;
		ready = handles[t] > 0;
		if
		:: ready -> callee[c] = t
		:: else -> answer[c] = ERR_HANDLE
		fi
	};
	if
	:: !ready -> goto back
	:: else
	fi;
#ifndef LATE_CALLING
	d_step { state[c] = state[c] | CALLING };
#endif
	d_step {
		ALIVE(t);
		ready = state[t] == ACCEPTING;
		if
#ifdef TWO_STEPS
		:: ready -> state[t] = 0
#else
		:: ready -> state[t] = OWNED; take_page(t)
#endif
		:: else
		fi
	};
	if
	:: ready ->
#ifdef TWO_STEPS
		d_step { state[t] = state[t] | OWNED; take_page(t) };
#endif
		d_step { timer[t] = TIMER_NONE };
		d_step {
			assert(owner[t] == me && caller[t] == NONE);
			caller[t] = c
		};
		d_step {
			accepted[t] = c;	/* deliver */
			taken[c] = true;
			due[t] = false;
			step[t] = step[t] + 1	/* its pc */
		};
#ifdef LATE_CALLING
		d_step { state[c] = state[c] | CALLING };
#endif
		next = t;
		goto leave
	:: else
	fi;
	/* callers_join */
	acquire(t);
#ifdef EARLY_DEAD
	ready = (state[t] & DEAD) != 0;
	if
	:: !ready ->
		d_step { line[t] = (line[t] == 0 -> c + 1 : line[t] | (c + 1) << 2); place[c] = PLACE_WAITS };
		add(t, CALLERS)
	:: else
	fi;
#else
	d_step { line[t] = (line[t] == 0 -> c + 1 : line[t] | (c + 1) << 2); place[c] = PLACE_WAITS };
#ifdef NO_CALLERS
	add(t, 0);
#else
	add(t, CALLERS);
#endif
	ready = (before & DEAD) != 0;
	if
	:: ready -> callers_remove(c, t)
	:: else
	fi;
#endif
	release(t);
#ifdef LATE_CALLING
	d_step { state[c] = state[c] | CALLING };
#endif
	if
	:: ready ->
		d_step { state[c] = state[c] & ~CALLING; answer[c] = ERR_DEAD };
		goto back
#ifndef NO_WAKE
	:: !ready && (before & ACCEPTING) -> wake(t, ACCEPTING); goto leave
#endif
	:: else -> goto leave
	fi;

do_reply:	/* sys_reply, sys_reply_accept: calls_answer */
	atomic { enter(); ready = by_last || handles[t] > 0; who = (by_last -> caller[c] : t) };
	if
	:: !ready || who == NONE -> goto back
	:: ready && who == GONE -> d_step { caller[c] = NONE }; goto back
	:: else
	fi;
#ifdef BLIND_ANSWER
	d_step { status = OK; owner[who] = me };
#else
	own(who);
#endif
	if
	:: status == ERR_DEAD ->
		/* forget_last */
		d_step {
			ready = caller[c] == who;
			if
			:: ready -> caller[c] = NONE
#ifndef STALE_GONE
			:: !ready && by_last -> caller[c] = NONE
#endif
			:: else
			fi
		};
		if
		:: ready -> d_step { ALIVE(who); state[who] = state[who] & ~CALLING }
		:: else
		fi;
		assert(!by_last || caller[c] == NONE);
		goto back
	:: status == ERR_STATE -> assert(!by_last); goto back
	:: else
	fi;
	/* settle_with */
	ready = (state[who] & CALLING) && callee[who] == c;
	if
	:: ready ->
		acquire(c);
#ifndef NO_PLACE
		ready = place[who] != PLACE_WAITS;
#endif
		if
		:: ready -> callers_remove(who, c)
		:: else
		fi;
		release(c)
	:: else
	fi;
	if
	:: !ready ->
		assert(!by_last);
		let_go_or_enqueue(who);
		goto back
	:: else
	fi;
	d_step {
		if
		:: caller[c] == who -> caller[c] = NONE
		:: else
		fi
	};
	finish(who, OK);
	if
	:: then_accept -> skip
	:: !then_accept && go != NONE -> enqueue(go); goto back
	:: else -> goto back
	fi;

do_accept:	/* sys_accept: calls_keep */
	enter();
	if
	:: caller[c] != NONE ->
#ifndef KEEP_UNLOCKED
		acquire(c);
		d_step {
			who = caller[c];
			caller[c] = NONE;
#else
		d_step { who = caller[c]; caller[c] = NONE };
		d_step {
#endif
			if
			:: who != GONE ->
				ALIVE(who);
				kept[c] = kept[c] | 1 << who;
				place[who] = PLACE_KEPT
			:: else
			fi;
			who = NONE
		};
#ifndef KEEP_UNLOCKED
		release(c)
#endif
	:: else
	fi;
	/* state_wait */
	add(c, ACCEPTING);
	if
	:: before & CALLERS ->
		d_step { state[c] = state[c] & ~ACCEPTING };
		if
		:: go != NONE -> enqueue(go)
		:: else
		fi;
		/* calls_take */
		acquire(c);
		d_step {
			who = NONE;
			if
			:: line[c] != 0 -> who = (line[c] & 3) - 1
			:: else
			fi
		};
		if
		:: who != NONE ->
			callers_remove(who, c);
			d_step {
				assert(caller[c] == NONE && (state[who] & CALLING));
				caller[c] = who;
				accepted[c] = who;
				taken[who] = true;
				due[c] = false;
				step[c] = step[c] + 1
			};
			release(c);
			goto back
		:: else
		fi;
		release(c);
		goto leave	/* again, by LEAVE_QUEUE */
	:: else
	fi;
	/* look */
	status = OK;
	if
	:: watch && word != 0 -> status = ERR_STATE
	:: deadline -> status = ERR_DEAD
	:: !(watch && word != 0) && !(deadline && due[c]) -> skip
	fi;
	if
	:: status != OK ->
		d_step { state[c] = state[c] & ~ACCEPTING; due[c] = false; step[c] = 2 };
		if
		:: go != NONE -> enqueue(go)
		:: else
		fi;
		goto back
	:: else
	fi;
	if
	:: deadline -> d_step { timer[c] = TIMER_ARMED }	/* timer_arm */
	:: else
	fi;
	d_step { next = go; go = NONE };
	goto leave;

leave:	/* sched_leave, hand_over */
	if
	:: next != NONE ->
#ifdef EARLY_HANDOVER
		d_step { other = c; c = next; next = NONE };
		goto dispatch
#else
		if
		:: !(state[c] & REASONS) -> enqueue(c)
		:: else ->
			let_go(c);
			if
			:: result == STILL_READY -> enqueue(c)
			:: result == STILL_DEAD -> b = c; c = NONE; goto bury
			:: else
			fi
		fi;
		d_step { c = next; next = NONE };
		goto dispatch
#endif
	:: else ->
		if
		:: state[c] & REASONS ->
			let_go(c);
			if
			:: result == STILL_READY -> enqueue(c)
			:: result == STILL_DEAD -> b = c; c = NONE; goto bury
			:: else
			fi
		:: else -> enqueue(c)
		fi;
		c = NONE;
		goto back
	fi;

dispatch:
	if
	:: !(state[c] & REASONS) ->
		d_step {
			assert(owner[c] == me && !departed[c]);
			timer[c] = TIMER_NONE	/* end_wait */
		};
#ifdef EARLY_HANDOVER
		if
		:: other != NONE -> let_go_or_enqueue(other)
		:: else
		fi;
#endif
		goto back
	:: else ->
		let_go(c);
		if
		:: result == STILL_READY -> goto dispatch
		:: result == STILL_DEAD -> b = c
		:: else
		fi;
		c = NONE;
		if
		:: result == STILL_DEAD -> goto bury
		:: else -> goto back
		fi
	fi;

bury:	/* executor_bury */
	assert(owner[b] == me && next != b);
	if
#ifdef NO_REFUSE
	:: false
#elif defined(LEAVE_KEPT)
	:: caller[b] != NONE || line[b] != 0 ->
#else
	:: caller[b] != NONE || line[b] != 0 || kept[b] != 0 ->
#endif
		/* callers_forget */
		acquire(b);
		d_step {
			who = caller[b];
			caller[b] = NONE;
			if
			:: who == NONE || who == GONE ->
				if
				:: line[b] != 0 -> who = (line[b] & 3) - 1
				:: line[b] == 0 && (kept[b] & 1) -> who = 0
				:: line[b] == 0 && !(kept[b] & 1) && (kept[b] & 2) -> who = 1
				:: line[b] == 0 && !(kept[b] & 3) && (kept[b] & 4) -> who = 2
				:: else -> who = NONE
				fi
			:: else
			fi
		};
		if
		:: who != NONE && place[who] != PLACE_NONE -> callers_remove(who, b)
		:: else
		fi;
		release(b);
		/* calls_refuse */
		if
		:: who != NONE ->
#ifdef BLIND_REFUSE
			d_step { status = OK; owner[who] = me };
#else
			own(who);
#endif
			if
			:: status == OK ->
				finish(who, ERR_DEAD);
				if
				:: go != NONE -> enqueue(go)
				:: else
				fi
#ifdef LEAVE_CALLING
			:: else
#else
			:: else -> d_step { ALIVE(who); state[who] = state[who] & ~CALLING }
#endif
			fi;
			d_step { who = NONE; go = NONE; status = 0; result = 0 };
			enqueue(b);
			goto buried
		:: else
		fi
	:: else
	fi;
	/* depart */
	d_step { assert(!departed[b]); departed[b] = true; timer[b] = TIMER_NONE };
	withdraw(b);
	put(b);
	d_step { owner[b] = NONE };
	set_over(b, OVER_BURIED);
buried:	/* look_for_interrupts */
	atomic { note(); b = NONE };
	if
	:: next != NONE -> d_step { c = next; next = NONE }; goto dispatch
	:: else -> goto back
	fi
}

proctype judge()
{
	byte x = 0;

end:	timeout ->
	do
	:: x < EXECUTORS ->
		assert(lock[x] == NONE && owner[x] == NONE);
		assert(departed[x] || (state[x] == ACCEPTING && handles[x] > 0 && caller[x] == NONE &&
			kept[x] == 0 && line[x] == 0));
		assert(handles[x] > 0 || FREED(x));
		assert(!called[x] || killed[x] || answer[x] != NO_ANSWER);
		assert(answer[x] != ERR_DEAD || departed[callee[x]]);
		x++
	:: else -> break
	od;
	assert(inside == 0)
}

init
{
	byte i = 0;

	atomic {
		do
		:: i < EXECUTORS ->
			state[i] = OWNED;
			owner[i] = QUEUED;
			caller[i] = NONE;
			callee[i] = NONE;
			accepted[i] = NONE;
			lock[i] = NONE;
			handles[i] = 1;
			references[i] = 2;
			i++
		:: else -> break
		od;
		i = 0;
		do
		:: i < HARTS -> run hart(i); i++
		:: else -> break
		od;
		run judge()
	}
}
