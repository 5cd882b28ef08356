/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - the kernel's memory calls on this machine, beside a model of what they promise.
 *
 * machine.c is what is around the kernel's files: RAM, and what they call elsewhere; mmu.c is a
 * hart that walks the tables and remembers. model.c, arguments.c and follow*.c say what a call has
 * to answer and to change; invariants.c walks the tables. operations.c makes calls out of the bytes
 * of an input; calls.c and around.c make them and compare.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/syscall.h"

#define SPACES	     3
#define RAM	     0x80000000ull
#define RAM_BYTES    (24ull << 20)
#define RAM_FRAMES   (RAM_BYTES / PAGE_SIZE)
#define FIXED	     (RAM + (20ull << 20)) /* a boot image: frames that are never free */
#define FIXED_FRAMES 512
#define DEVICE	     0x10000000ull /* no RAM there */
#define OBJECTS	     3		   /* an executor, the second address space, the root */
#define NOBODY	     0xff
#define CELLS_MAX    8192

/* fail - the kernel does not do what it should: say so, and what was called. Ends the process. */
__attribute__((format(printf, 1, 2), noreturn)) void fail(const char *format, ...);
#define must(condition, ...)                                                                       \
	do {                                                                                       \
		if (__builtin_expect(!(condition), 0))                                             \
			fail(__VA_ARGS__);                                                         \
	} while (0)

/* machine.c, mmu.c */

struct refusal {
	unsigned n;	/* charges that were refused in this call */
	uint64_t pages; /* the largest of them */
};

extern struct vas *space[SPACES];
extern void *object[OBJECTS];
extern const uint64_t object_type[OBJECTS];
extern struct refusal refusal;
extern uint64_t hostages;    /* frames that are kept from the kernel */
extern uint64_t base_frames; /* in use before the first call */
extern uint64_t code_shots;
extern bool hardware_sets_d;
extern bool helped; /* the kernel has asked others for frames */

/* machine_boot - RAM, three empty address spaces, the objects. */
void machine_boot(unsigned levels);

/* mmu_boot - nothing is remembered; @executor is the caller of all calls. */
void mmu_boot(struct executor *executor);

/* A handle of space[i], with W or not. It lies beside what the model knows of the window. */
uint64_t handle_of(unsigned i, bool writable);

int64_t machine_free_frames(void);
void take_hostages(uint64_t leave);
void free_hostages(void);

/* walk - the entry that decides about @address, by the tables. */
struct pt_place walk(unsigned s, uint64_t address);

/*
 * mmu_access - as a program of space[s]: an access that needs @right, with the TLB; faults go to
 * the kernel. Result: PUDU_OK, *physical; or the error of settle_fault.
 */
int64_t mmu_access(unsigned s, uint64_t address, uint64_t right, uint64_t *physical);

/* Another hart has the translation of @address from now on, and the tables on the way, until a
 * shoot. */
void other_hart_looks(unsigned s, uint64_t address);

/* A store of the other hart sets D, if it may. Result: is it so? */
bool other_hart_stores(unsigned s, uint64_t address);

/* All that it has is what the tables say, or less. */
void other_hart_is_right(void);

static inline uint64_t frame_number(uint64_t physical)
{
	return (physical - RAM) / PAGE_SIZE;
}

/* model.c */

enum what { NONE, LAZY, MEMORY, DEVICE_PAGE, HANDLE };

/* What a program has at a page. */
struct page {
	uint16_t id;	/* MEMORY: number of the frame; DEVICE_PAGE; HANDLE: of the object */
	uint8_t what;	/* enum what */
	uint8_t rights; /* PTE_R, W, X: what the program may do */
	bool shy;	/* copy-on-write */
	bool written;	/* since dirty was asked: has to be told */
	bool maybe;	/* may be told: a neighbour in a large leaf was written */
};

/* A frame of memory and what is in it. */
struct content {
	uint64_t value;
	uint32_t refs, pending; /* leaves; those of them that the call at hand replaces */
	uint32_t life;
	uint8_t owner; /* index of the space, or NOBODY */
	bool live;
};

extern struct page model[SPACES][CELLS_MAX];
extern struct content content[RAM_FRAMES];
extern uint64_t mapped[SPACES], owned[SPACES + 1];
extern uint32_t object_leaves[OBJECTS];

/* The user half as cells: pages, and the gaps between the regions that calls are about. */
extern unsigned cells;
extern uint64_t cell_at[CELLS_MAX + 1];
extern uint8_t cell_area[CELLS_MAX]; /* 0: nothing can be mapped */
enum { AREA_NEVER, AREA_LOW, AREA_HANDLES, AREA_HIGH };

void cells_boot(unsigned levels); /* cells.c */
void model_boot(void);
unsigned cell_of(uint64_t address);
unsigned region_count(void);
void region_get(unsigned i, unsigned *first, unsigned *n);

static inline uint64_t cell_pages(unsigned cell)
{
	return (cell_at[cell + 1] - cell_at[cell]) / PAGE_SIZE;
}

/* A call of map, unmap, protect or dirty, with its arguments as they are. */
struct call {
	enum { CALL_MAP, CALL_UNMAP, CALL_PROTECT, CALL_DIRTY } number;
	uint64_t vas, start, length, from_vas, source, flags, done; /* flags: rights, bitmap */
	/* What they mean, if they are right. */
	unsigned to, from, cell, source_cell, n, first;
	enum mapping_kind kind;
	uint64_t rights;
	bool replace;
	bool large; /* the bitmap was in a large leaf before the call, which may have split it */
};

/*
 * model_arguments - check the arguments by the contract and fill in what they mean.
 * Result: the errors that may be answered, as bits 1 << -status; 0: they are right.
 */
unsigned model_arguments(struct call *call);

/* Is the call one that the model can follow: it starts and ends on cells, and is not too long? */
bool model_can(const struct call *call);

/* Is the page in a large leaf? */
static inline bool is_large(unsigned s, unsigned cell)
{
	return walk(s, cell_at[cell]).level > 0;
}

/* model_follow - the call has answered: check that, and do the same. */
void model_follow(const struct call *call, int64_t status, uint64_t done);

/* The same for dirty. */
void model_follow_dirty(const struct call *call, int64_t status, uint64_t done);

/* May a program access the page with @right? */
bool model_may(unsigned s, unsigned cell, uint64_t right);

void model_set(unsigned s, unsigned cell, struct page page);
void model_compare(unsigned s, unsigned cell, unsigned n);
void model_compare_entry(unsigned s, unsigned cell, uint64_t entry, unsigned level);
uint64_t rights_of_flags(uint64_t flags);

/* calls.c */

extern uint64_t calls, faults, entries; /* that the kernel got */
extern uint64_t input_entries;		/* of them, for this input */
extern bool trace;
extern bool restless; /* the hart idles when a call lets others in */

/*
 * other_hart_runs - another hart runs in the address spaces of the call at hand: it looks at both
 * ends of the ranges, and in the middle; @stores: and stores there.
 */
void other_hart_runs(bool stores);

/* run_call - make the call until it answers. */
struct result run_call(const struct call *call);

/* Each of them makes a call, follows it and compares. */
void do_call(struct call *call);
void do_query(unsigned s, uint64_t address, bool dead);
void do_touch(unsigned s, unsigned cell, uint64_t right);

/* around.c: the same, for what is not asked for by a call of map. */

void do_handle(unsigned s, unsigned cell, unsigned number);
void do_physical(unsigned s, unsigned cell, unsigned n, unsigned first, bool device,
		 uint64_t rights);
void set_budget(unsigned s, uint64_t left);

/* The hart idles for @n frames; @flush: others want those that it keeps. */
void do_idle(unsigned n, bool flush);

/* gap_repair - unmap all of a gap, whatever it takes. */
void gap_repair(unsigned s, unsigned cell);

/* operations.c */

/* The bytes to be used from now on; behind the last one they are 0. */
void input_set(const uint8_t *data, size_t size);
bool input_is_left(void);
unsigned byte(void);

/* operation - the next call, or something else that happens. */
void operation(void);

/* invariants.c */

/* invariants - counts, charges and the shape of all tables; @whole: and that they say what the
 * model says. */
void invariants(bool whole);

/* What every call keeps: a frame is free or charged. */
void frames_are_charged(void);

#endif
