/* SPDX-License-Identifier: MIT */
/*
 * tlb.pml - harts load an address space and leave it, others change its tables and shoot
 * (kernel/vas_load.c: vas_switch; kernel/tlb.c: tlb_shoot).
 *
 * Each hart loads A and another address space in turns. As long as A's root is in satp it may walk,
 * at any moment, and remembers what it finds; with ASIDs (without: PLAIN) also when it has left.
 * Changers make new versions of A's tables; once a shoot has returned, what is older is free memory.
 * Proved for every interleaving: no hart uses what is older, not even by speculation.
 *
 * Broken on purpose, each must be caught:
 *	NO_BIT		the hart does not set its bit
 *	LATE_BIT	it sets it after satp
 *	NO_FLUSH	it does not flush when its bit was gone
 *	LATE_FLUSH	it flushes after satp
 *	NO_NEXT		it does not write vas_next
 *	EARLY_VAS	it writes vas before satp
 *	EARLY_READ	the changer reads the bits before it changes the tables
 *	ONE_LOOK	the changer does not look again after it has dropped a bit
 *	VAS_FIRST	the changer reads vas before vas_next
 *	NO_FENCE	the changer fences nobody
 *	NO_LOCK		two changers shoot at once (one hart is enough)
 */
#ifndef HARTS
#define HARTS	2
#endif
#ifndef CHANGES
#define CHANGES	3
#endif
#define A	1
#define OTHER	0
#define NONE	0	/* in tlb: nothing is remembered */

byte version = 1;		/* of A's tables */
byte safe = 1;			/* what is older is free memory */
byte satp[HARTS];
byte tlb[HARTS];		/* the version of what it remembers of A */
byte vas[HARTS], vas_next[HARTS];
byte bits;

#define BIT(h)	(1 << (h))

/* What satp is changes what the TLB is good for; PLAIN: an entry counts with any satp. */
#ifdef PLAIN
#define USES_TLB(h)	(tlb[h] != NONE)
#else
#define USES_TLB(h)	(tlb[h] != NONE && satp[h] == A)
#endif
#define RIGHT(h)	(!USES_TLB(h) || tlb[h] >= safe)

proctype hart(byte me)
{
	bool told;

	do
	:: satp[me] == A && tlb[me] == NONE -> d_step { tlb[me] = version }
	:: vas[me] == OTHER ->
#ifndef NO_NEXT
		vas_next[me] = A;
#endif
#ifndef LATE_BIT
		d_step {
			told = (bits & BIT(me)) != 0;
#ifndef NO_BIT
			bits = bits | BIT(me)
#endif
		};
#endif
#if !defined(PLAIN) && !defined(NO_FLUSH) && !defined(LATE_FLUSH)
		if
		:: !told -> tlb[me] = NONE
		:: else
		fi;
#endif
		satp[me] = A;
		if				/* a walk by speculation */
		:: tlb[me] == NONE -> d_step { tlb[me] = version }
		:: true
		fi;
#ifdef LATE_BIT
		d_step { told = (bits & BIT(me)) != 0; bits = bits | BIT(me) };
#endif
#ifdef LATE_FLUSH
		if
		:: !told -> tlb[me] = NONE
		:: else
		fi;
#endif
#if defined(PLAIN) && !defined(NO_FLUSH)
		tlb[me] = NONE;
#endif
		vas[me] = A
	:: vas[me] == A ->
		vas_next[me] = OTHER;
#ifdef EARLY_VAS
		vas[me] = OTHER;
#endif
		if
		:: tlb[me] == NONE -> d_step { tlb[me] = version }
		:: true
		fi;
		satp[me] = OTHER;
#if defined(PLAIN) && !defined(NO_FLUSH)
		tlb[me] = NONE;
#endif
		vas[me] = OTHER
	od
}

/* vas_uses, in steps */
inline look(h)
{
#ifdef VAS_FIRST
	uses = vas[h] == A;
	uses = uses || vas_next[h] == A;
#else
	uses = vas_next[h] == A;
	uses = uses || vas[h] == A;
#endif
}

proctype changer()
{
	byte mine, slots, away, back, h;
	bool uses;

	do
	:: version <= CHANGES ->
#ifdef EARLY_READ
		slots = bits;
		d_step { version++; mine = version };
#else
		d_step { version++; mine = version };
		slots = bits;
#endif
		away = 0;
		back = 0;
		h = 0;
		do
		:: h < HARTS && (slots & BIT(h)) ->
			look(h);
			d_step { away = (uses -> away : away | BIT(h)); h++; uses = false }
		:: h < HARTS && !(slots & BIT(h)) -> h++
		:: h == HARTS -> break
		od;
		h = 0;
		d_step { bits = bits & ~away };
#ifndef ONE_LOOK
		do
		:: h < HARTS && (away & BIT(h)) ->
			look(h);
			d_step { back = (uses -> back | BIT(h) : back); h++; uses = false }
		:: h < HARTS && !(away & BIT(h)) -> h++
		:: h == HARTS -> break
		od;
#endif
		h = 0;
		d_step { bits = bits | back; slots = (slots & ~away) | back };
#ifndef NO_FENCE
		do
		:: h < HARTS && (slots & BIT(h)) -> d_step { tlb[h] = NONE; h++ }
		:: h < HARTS && !(slots & BIT(h)) -> h++
		:: h == HARTS -> break
		od;
#endif
		h = 0;
		d_step { safe = (mine > safe -> mine : safe); slots = 0; away = 0; back = 0; mine = 0 }
	:: else -> break
	od
}

proctype judge()
{
end:	do
	:: d_step { !RIGHT(0) || !RIGHT(HARTS - 1) -> assert(false) }
	od
}

init
{
	atomic {
		run hart(0);
#if HARTS > 1
		run hart(1);
#endif
		run changer();		/* one for all, as they shoot under a lock */
#ifdef NO_LOCK
		run changer();
#endif
		run judge()
	}
}
