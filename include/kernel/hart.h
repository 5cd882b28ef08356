/* SPDX-License-Identifier: MIT */
/*
 * hart.h - the two pages that every kernel path can reach: gp = global page, tp = hart page.
 */
#ifndef KERNEL_HART_H
#define KERNEL_HART_H

#include <stdbool.h>

#include "abi/info.h"
#include "kernel/executor.h"
#include "kernel/mcs.h"

#define FRAME_CACHE 32 /* frames of each of the two caches of a hart */

/* A stack of free frames, this hart's own. */
struct frame_cache {
	uint64_t count;
	void *page[FRAME_CACHE];
};

struct hart {
	alignas(4096) union mcs_slot
		lock_next[8]; /* 0x000: the node of lock class c is &lock_next[c]; */
	alignas(512) union mcs_slot lock_held[8]; /* 0x200: its held */

	alignas(512) struct global *global; /* (b) loaded into gp by trap_entry */
	uint64_t stack_top;		    /* (b) loaded into sp by trap_entry */
	_Atomic(struct executor *) current; /* (a) runs here; NULL: none. Written by the hart. */
	uint64_t fp_tag;		    /* (h) names what the FP registers hold (fp.h) */
	uint64_t fp_count;		    /* (h) makes new names */
	_Atomic(struct vas *) vas; /* (a) whose root satp has; NULL: the kernel's. By the hart. */
	_Atomic(struct vas *)
		vas_next;	   /* (a) the same, or whose it is about to get. By the hart. */
	uint64_t asid_generation;  /* (h) of all translations here: a number of vas_load.c */
	uint64_t vas_bit;	   /* (b) this hart in vas->harts: 2 << slot */
	uint64_t asid_bits;	   /* (b) that its satp has */
	uint64_t slot;		   /* (b) index in global->harts */
	uint64_t id;		   /* (b) SBI hart id */
	uint64_t node;		   /* (b) index of its NUMA node */
	uint64_t slice_end;	   /* (h) ticks; 0: no slice is running */
	_Atomic uint64_t deadline; /* (a) the earliest of the heap; changed under timer_lock */
	uint64_t watchdog;	   /* (b) time at which to dump and fail */
	struct executor *handoff;  /* (h) goes on next, owned; NULL: who is first in the queue */
	_Atomic(struct executor *) second; /* (a) ready, owned: see ready.h. Filled by the hart. */
	_Atomic uint64_t arrival;	   /* (a) enum arrival of hart.c */
	_Atomic uint64_t epoch;		   /* (a) the last one in which it was outside the kernel */
	struct executor *dead;		   /* (h) pages that wait for a grace period (quiesce.h) */
	struct executor *dead_last;	   /* (h) the newest of them */
	uint64_t n_dead;		   /* (h) */
	struct pudu_free_share *free;	   /* (b) this hart's share in the info page */
	struct block *preparing;	   /* (h) a whole block, for frame_take_block; NULL: none */
	uint64_t prepared;		   /* (h) frames of it that are zeroed */
	uint64_t fault_scratch[4];	   /* (h) of trap_entry, for a trap in the kernel */
	struct mcs_lock timer_lock;	   /* LOCK_TIMERS: of the heap */
	struct deadline *deadlines;	   /* under timer_lock: the first of the heap; NULL: none */

	alignas(256) uint64_t fault_x[32]; /* (h) registers at a panic: pc, x1 ... x31 */
	struct frame_cache zeroed;	   /* (h) */
	struct frame_cache dirty;	   /* (h) */
};

LAYOUT(hart, lock_next, 0x000);
LAYOUT(hart, lock_held, 0x200);
_Static_assert(sizeof(struct hart) == 4096, "one page");
_Static_assert(LOCK_CLASSES <= 8, "a node for each class");

struct block;

struct global {
	/* (F) of each NUMA node: 2 MiB blocks with some frames free; with all frames free */
	alignas(4096) struct block *blocks_head[PUDU_MAX_NODES];
	struct block *whole_head[PUDU_MAX_NODES];
	uint64_t n_nodes; /* (b) NUMA nodes */

	alignas(512) struct mcs_lock frame_lock;
	_Atomic uint64_t
		frames_in_blocks; /* free and in no hart's cache; changed under frame_lock */
	_Atomic uint64_t flush;	  /* (a) bit s: hart slot s gives its cached frames back */
	alignas(512) struct mcs_lock queue_lock; /* 0x400 */
	alignas(512) _Atomic(struct executor *)
		queue_head;	     /* (Q) 0x600 next to run; read without the lock to peek */
	struct executor *queue_tail; /* (Q) 0x608 */
	alignas(64) _Atomic uint64_t idle;    /* (a) bit s: hart slot s is idle, or about to look */
	alignas(64) _Atomic uint64_t epoch;   /* (a) of quiesce.h */
	alignas(64) _Atomic uint64_t next_id; /* (a) of resources */
	struct mcs_lock grave_lock;
	_Atomic(struct vas *) graves; /* (a) first of graves.c's list; changed under grave_lock */
	struct vas *graves_last;      /* under grave_lock, if there is a first */
	struct mcs_lock console_lock;
	alignas(64) uint64_t n_harts;	    /* (b) */
	struct hart *harts[PUDU_MAX_HARTS]; /* (b) */
	struct pudu_info *info;		    /* (b) */
	uint64_t timebase, slice;	    /* (b) ticks a second, ticks */
	uint64_t watchdog;		    /* (b) the first hart's; 0: none */
	uint64_t has_sstc;		    /* (b) */
	uint64_t has_fp;		    /* (b) */
	uint64_t near_base, near_size;	    /* (b) the first bank, in the direct map; bytes */
	struct frame *near_frames;	    /* (b) its frames */
	alignas(256) char reserved[256];
	struct resource resource; /* (c) 0x900: the root's handle names this page */
	char rest[0x1000 - RESOURCE_OFFSET - sizeof(struct resource)];
};

LAYOUT(global, blocks_head, 0x000);
LAYOUT(global, queue_lock, 0x400);
LAYOUT(global, queue_head, 0x600);
LAYOUT(global, queue_tail, 0x608);
LAYOUT(global, resource, RESOURCE_OFFSET);
_Static_assert(sizeof(struct global) == 4096, "one page");

#ifdef HOST_TEST
extern struct global *global;
extern _Thread_local struct hart *this_hart; /* on the host a thread plays a hart */
#else
register struct global *global __asm__("gp");
register struct hart *this_hart __asm__("tp");
#endif

/* The executor that this hart runs, or ran when it entered the kernel. */
static inline struct executor *current(void)
{
	return atomic_load_explicit(&this_hart->current, memory_order_relaxed);
}

/* frame_is_near - is @page, an address in the direct map, in the first bank? */
static inline bool frame_is_near(const void *page)
{
	return __builtin_expect((uintptr_t)page - global->near_base < global->near_size, 1);
}

/* frame_near - the entry of the frame at @page, which is near. */
static inline struct frame *frame_near(const void *page)
{
	return &global->near_frames[((uintptr_t)page - global->near_base) >> PAGE_SHIFT];
}

static inline struct mcs_node *lock_node(enum lock_class class)
{
	return (struct mcs_node *)(void *)&this_hart->lock_next[class];
}

static inline void lock_acquire(struct mcs_lock *lock, enum lock_class class)
{
	mcs_acquire(lock, lock_node(class));
}

static inline bool lock_try(struct mcs_lock *lock, enum lock_class class)
{
	return mcs_try(lock, lock_node(class));
}

static inline void lock_release_leaf(struct mcs_lock *lock, enum lock_class class)
{
	mcs_release_leaf(lock, lock_node(class));
}

static inline void lock_release(struct mcs_lock *lock, enum lock_class class)
{
	mcs_release(lock, lock_node(class));
}

#endif
