/* SPDX-License-Identifier: MIT */
/*
 * green_parts.h - what the files of <pudu/green.h> know of each other.
 *
 * Keys: (c) constant during the run, (a) atomic, (w) the worker's own, (o) whoever runs the thread,
 * then whoever gets it from a queue.
 */
#ifndef PUDU_LIB_GREEN_PARTS_H
#define PUDU_LIB_GREEN_PARTS_H

#include <pudu/green.h>
#include <pudu/sync.h>

#define STEAL_MAX 64 /* green threads that a worker takes from another at once */

/*
 * What becomes of a green thread that has left its worker; done by the one that runs next there. It
 * was the worker itself, or goes into the queue, waits for pudu_green_unpark(), or has ended.
 */
enum leaving { LEAVING_IDLE, LEAVING_READY, LEAVING_WAITS, LEAVING_ENDS };

/* permit: NONE -> WAITS when it has left; any -> GIVEN by unpark; any -> NONE when it goes on. */
enum permit { PERMIT_NONE, PERMIT_GIVEN, PERMIT_WAITS };

/* A green thread, at the upper end of its stack. */
struct pudu_green {
	void *sp;			/* (o) first: green_switch.S */
	void (*function)(void *);	/* (o) */
	void *argument;			/* (o) */
	struct pudu_green_group *group; /* (o) */
	uint64_t *check;		/* (c) lowest word of the stack, or NULL */
	uint32_t index;			/* (c) of the stack */
	enum leaving leaving;		/* (o) */
	_Atomic uint32_t permit;	/* (a) enum permit */
	_Atomic uint32_t next_free;	/* (a) index + 1 of the next free stack */
} __attribute__((aligned(16)));

/*
 * Ready green threads: the worker adds at the tail, it and others take at the head.
 *
 * Head and tail count up for ever; the thread with number i is in slot i & mask. Whoever moves the
 * head from h to h + n has taken the threads h to h + n - 1, and nobody else has. There are as many
 * slots as green threads in the run, so a slot is written again only after the one that was in it
 * has been taken: then the head is not h any more, and a taker that has read the slot too late
 * fails to move the head.
 */
struct green_queue {
	_Alignas(64) _Atomic uint64_t head; /* (a) counts those that were taken */
	_Alignas(64) _Atomic uint64_t tail; /* (a) counts those that were added */
	_Atomic(struct pudu_green *) *slot; /* (c) */
	uint64_t mask;			    /* (c) slots - 1, a power of two - 1 */
};

struct green_worker {
	struct green_queue queue;
	struct green_run *run;	       /* (c) */
	struct pudu_green *current;    /* (w) */
	struct pudu_green idle;	       /* (w) the worker's own context */
	struct pudu_green_stats stats; /* (w) */
	struct pudu_thread *thread;    /* (c) */
	uint64_t index;		       /* (c) */
};

struct green_run {
	uint64_t area, area_size, stack,
		guard;		 /* (c) the stacks; guard: bytes unmapped below each */
	uint32_t threads, fresh; /* (c) most at once; stacks that were ever used, under lock */
	struct pudu_mutex lock;
	_Atomic uint64_t free; /* (a) free stacks: index + 1 of the first, and a count << 32 */
	struct green_worker *worker;	/* (c) */
	uint64_t workers, workers_size; /* (c) how many; bytes, with the slots of all queues */
	uint64_t caller;		/* (c) handle of the executor that waits for the end */
	/* (a) green threads; bit i: worker i sleeps or is about to, its queue is empty; 0, or
	 * 1 - what pudu_green_run() returns */
	_Atomic uint32_t alive, asleep, over;
};

/*
 * Save the registers of `from`, go on as `to`. Result, in the one that goes on: who was left. In a
 * fresh one that is the argument of the function where it starts.
 */
struct pudu_green *pudu_green_switch(struct pudu_green *from, struct pudu_green *to);
#define GREEN_FRAME_WORDS 26 /* what it saves, ra first */

/* The calling thread's worker, or NULL. Asked anew after each switch: a green thread moves. */
struct green_worker *green_worker_self(void);
extern _Thread_local struct green_worker *green_worker_here; /* set once by each worker */

/* A new green thread that is not in any queue yet; NULL if there is no stack. */
struct pudu_green *green_make(struct green_run *run, void (*function)(void *), void *argument);

/* Do what is to be done for one that has left a worker, by whoever goes on there. */
void green_left(struct green_worker *worker, struct pudu_green *left);

/* Wake a worker that sleeps, or all: something was pushed, then came a full fence. */
void green_wake(struct green_run *run, int all);

/* End the run, unless it has ended. */
void green_stop(struct green_run *run, int64_t status);

static inline void green_push(struct green_queue *queue, struct pudu_green *thread)
{
	uint64_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);

	atomic_store_explicit(&queue->slot[tail & queue->mask], thread, memory_order_relaxed);
	/* release: the slot, and what the thread has saved. Pairs with the load in green_take(). */
	atomic_store_explicit(&queue->tail, tail + 1, memory_order_release);
}

/*
 * Take the oldest one; for a thief, half of all: the others go to its own queue, which is empty.
 * Arguments:
 *   thief   its queue, or NULL.
 *   taken   gets how many.
 * Result: the oldest one, or NULL if there is none.
 */
static inline struct pudu_green *green_take(struct green_queue *queue, struct green_queue *thief,
					    uint64_t *taken)
{
	uint64_t head = atomic_load_explicit(&queue->head, memory_order_relaxed), tail, own = 0;
	struct pudu_green *first;

	if (thief != NULL)
		own = atomic_load_explicit(&thief->tail, memory_order_relaxed);
	do {
		/* acquire: pairs with the stores of tail in green_push() and below. */
		tail = atomic_load_explicit(&queue->tail, memory_order_acquire);
		if ((int64_t)(tail - head) <= 0)
			return NULL;
		first = atomic_load_explicit(&queue->slot[head & queue->mask],
					     memory_order_relaxed);
		*taken = thief == NULL ? 1 : (tail - head + 1) / 2;
		if (*taken > STEAL_MAX)
			*taken = STEAL_MAX;
		/* Behind the thief's tail nobody looks but the thief. */
		for (uint64_t i = 1; i < *taken; i++)
			thief->slot[(own + i - 1) & thief->mask] =
				queue->slot[(head + i) & queue->mask];
		/* seq_cst, for its release: the slots were read before they are written again.
		 * Pairs with all that lets the threads be taken, run and added again. */
	} while (!atomic_compare_exchange_strong(&queue->head, &head, head + *taken));
	if (*taken > 1)
		/* release: as in green_push(). */
		atomic_store_explicit(&thief->tail, own + *taken - 1, memory_order_release);
	return first;
}

#endif
