/* SPDX-License-Identifier: MIT */
/*
 * green.pml - workers of green threads sleep and wake each other (user/lib/parallel/green_run.c:
 * worker_sleep, find, green_wake; green.c: ready).
 *
 * Worker 0 runs a green thread that adds one for each other worker to its queue; nobody who got one
 * ever lets go of it. Proved for every interleaving: when nothing can move, all are taken, so no
 * worker sleeps while one waits; and if all bits of `asleep` are set at once, there is nothing left
 * to do anywhere, so that a run is given up only if it is stuck.
 *
 * Broken on purpose, each must be caught:
 *	NO_SECOND_LOOK	sleeps after setting its bit without a look at the queues
 *	LATE_BIT	sets its bit after the last look: what the hart may do without a fence
 *	EARLY_LOOK	who adds looks at the bits before the queue has it: likewise
 *	NO_CHAIN	who takes several wakes nobody for those that it leaves in its queue
 *	LATE_PARK	park_if looks at the word before the executor is parked
 *	LATE_CLEAR	a worker takes its bit back only when it has found something
 */
#ifndef WORKERS
#define WORKERS	3
#endif

#define BIT(i)	(1 << (i))
#define ALL	(BIT(WORKERS) - 1)

byte queue[WORKERS];
byte asleep;		/* run->asleep */
bool parked[WORKERS];
byte busy;		/* workers with a green thread */

/* green_wake, with the bits as the caller has seen them */
inline wake(bits)
{
	do
	:: bits == 0 -> break
	:: else ->
		d_step {
			w = 0;
			do
			:: !(bits & BIT(w)) -> w++
			:: else -> break
			od;
			bits = bits & ~BIT(w)
		};
		d_step { mine = (asleep & BIT(w)) != 0; asleep = asleep & ~BIT(w) };
		if
		:: mine -> parked[w] = false; break
		:: else
		fi
	od
}

/* park_if(&run->asleep, seen) */
inline park()
{
#ifdef LATE_PARK
	if
	:: asleep == seen -> parked[me] = true; parked[me] == false
	:: else
	fi
#else
	parked[me] = true;
	if
	:: asleep == seen -> parked[me] == false
	:: else -> parked[me] = false
	fi
#endif
}

/* is_idle: one queue after the other */
inline look()
{
	idle = true;
	v = 0;
	do
	:: v < WORKERS -> idle = idle && queue[v] == 0; v++
	:: else -> break
	od
}

inline set_bit()
{
	atomic {
		asleep = asleep | BIT(me);
		seen = asleep;
		v = 0;
		do
		:: v < WORKERS -> assert(asleep != ALL || (busy == 0 && queue[v] == 0)); v++
		:: else -> break
		od
	}
}

proctype worker(byte me)
{
	byte v, w, seen, taken;
	bool idle, mine;

	do
	:: true ->	/* find */
		v = 0;
		taken = 0;
		do
		:: v < WORKERS && taken == 0 ->
			atomic {
				if
				:: queue[v] > 0 ->
					taken = 1;
					do	/* any number from another's */
					:: v != me && taken < queue[v] -> taken++
					:: break
					od;
					queue[v] = queue[v] - taken
				:: else
				fi
			};
			v++
		:: else -> break
		od;
		if
		:: taken > 0 -> break
		:: else
		fi;
		/* worker_sleep */
#ifdef LATE_BIT
		look();
		set_bit();
#else
		set_bit();
#ifdef NO_SECOND_LOOK
		idle = true;
#else
		look();
#endif
#endif
		do
		:: (seen & BIT(me)) && idle -> park(); seen = asleep; look()
		:: else -> break
		od;
#ifndef LATE_CLEAR
		atomic { asleep = asleep & ~BIT(me) }
#endif
	od;
#ifdef LATE_CLEAR
	atomic { asleep = asleep & ~BIT(me) };
#endif
	busy++;
	queue[me] = queue[me] + taken - 1;
#ifndef NO_CHAIN
	if
	:: taken > 1 -> seen = asleep; wake(seen)
	:: else
	fi;
#endif
end:	false	/* it runs the green thread */
}

/* Worker 0, with the first green thread: ready(), again and again. */
proctype spawner()
{
	byte made, seen, w;
	bool mine;

	do
	:: made < WORKERS - 1 ->
		made++;
#ifdef EARLY_LOOK
		seen = asleep;
		queue[0]++;
#else
		queue[0]++;
		seen = asleep;
#endif
		wake(seen)
	:: else -> break
	od;
end:	false
}

proctype judge()
{
end:	timeout -> assert(busy == WORKERS)
}

init
{
	byte i = 1;

	atomic {
		busy = 1;
		run spawner();
		do
		:: i < WORKERS -> run worker(i); i++
		:: else -> break
		od;
		run judge()
	}
}
