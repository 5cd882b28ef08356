/* SPDX-License-Identifier: MIT */
/*
 * syscall.h - how a system call gets from asm/trap.S to its function, and back.
 *
 * The function gets a0 to a5 as its arguments and, as the seventh, a6: how much of a call that was
 * restarted is done. It returns two words, which the caller gets in a0 and a1; or, in place of a
 * status, one of the codes below.
 */
#ifndef KERNEL_SYSCALL_H
#define KERNEL_SYSCALL_H

#include <stdint.h>

struct vas;

/* Codes above 0, where a status would be; asm/trap.S relies on their order. */
enum {
	LEAVE_RESTART = 1, /* let others in, then execute the ecall again; x[a6] was set */
	LEAVE_RESULTS = 2, /* a0 to a3 are in the page */
	LEAVE_SWITCH = 3,  /* the caller does not go on now; when it does, it gets PUDU_OK and 0 */
	LEAVE_QUEUE = 4,   /* as LEAVE_RESTART, but all that is ready runs before */
	LEAVE_CALL = 5,	   /* as LEAVE_SWITCH, but gets a0 to a7 as they are in the page by then */
	LEAVE_MESSAGE = 6, /* a0 to a6 are in the page */
	LEAVE_ACCEPT = 7,  /* as LEAVE_SWITCH; then accept, with a0 to a2 of the page */
	LEAVE_TIMED = 8,   /* as LEAVE_CALL, and a0 will be PUDU_ERR_DEADLINE if the time comes */
};

/* asm/trap.S: four instructions for each number; the first goes to the short way, if there is one.
 */
extern uint32_t syscall_slots[][4];

struct result {
	int64_t status;
	uint64_t value;
};

static inline struct result answer(int64_t status, uint64_t value)
{
	return (struct result){ status, value };
}

/* The numbers. */
enum {
#define SYSCALL(number, name, ...) SYSCALL_##name = (number),
#include "abi/syscalls.def"
#undef SYSCALL
};

/* The highest number in use: the members of a union are as large as their numbers. */
union syscall_numbers {
#define SYSCALL(number, name, ...) char name[(number) + 1];
#include "abi/syscalls.def"
#undef SYSCALL
};
#define SYSCALL_LAST (sizeof(union syscall_numbers) - 1)

struct result sys_yield(void);
struct result sys_park_if(uint64_t word, uint64_t expected, uint64_t deadline);
struct result sys_unpark(uint64_t executor);
struct result sys_call(uint64_t executor);
struct result sys_accept(uint64_t word, uint64_t expected, uint64_t deadline);
struct result sys_reply(uint64_t caller, uint64_t r0, uint64_t r1, uint64_t r2, uint64_t r3);
struct result sys_reply_accept(uint64_t word, uint64_t r0, uint64_t r1, uint64_t r2, uint64_t r3,
			       uint64_t deadline, uint64_t expected);
struct result sys_map(uint64_t vas, uint64_t start, uint64_t length, uint64_t from, uint64_t source,
		      uint64_t flags, uint64_t done);
struct result sys_unmap(uint64_t vas, uint64_t start, uint64_t length, uint64_t a3, uint64_t a4,
			uint64_t a5, uint64_t done);
struct result sys_protect(uint64_t vas, uint64_t start, uint64_t length, uint64_t rights,
			  uint64_t a4, uint64_t a5, uint64_t done);
struct result sys_query(uint64_t vas, uint64_t address);
struct result sys_vas_create(uint64_t slot, uint64_t budget, uint64_t name0, uint64_t name1);
struct result sys_vas_destroy(uint64_t vas, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
			      uint64_t a5, uint64_t done);
struct result sys_vas_budget(uint64_t vas, uint64_t pages);
struct result sys_dirty(uint64_t vas, uint64_t start, uint64_t length, uint64_t bitmap, uint64_t a4,
			uint64_t a5, uint64_t done);
struct result sys_executor_create(uint64_t slot, uint64_t vas, uint64_t supervisor, uint64_t pc,
				  uint64_t sp, uint64_t argument);
struct result sys_executor_start(uint64_t executor);
struct result sys_executor_stop(uint64_t executor);
struct result sys_executor_regs(uint64_t executor, uint64_t operation, uint64_t buffer,
				uint64_t length);
struct result sys_executor_state(uint64_t executor);
struct result sys_terminate(uint64_t executor, uint64_t code);
struct result sys_log_write(uint64_t text, uint64_t length, uint64_t a2, uint64_t a3, uint64_t a4,
			    uint64_t a5, uint64_t done);
/* What is left to do where a short way of fast.S can't go on: handoff is what it owns. */
struct result sys_unpark_call(void);
struct result sys_unpark_enqueue(void);
struct result sys_call_late(void);
struct result sys_reply_accept_late(uint64_t word, uint64_t r0, uint64_t r1, uint64_t r2,
				    uint64_t r3, uint64_t deadline, uint64_t expected);

/*
 * The short ways in C, for asm/fast_objects.S; handles of address spaces are open. Result:
 * SHORT_NOT: nothing has changed, begin anew the long way; else the new executor's tag, or
 * SHORT_DONE. short_unmap: @slot is in the handle window. After short_terminate with SHORT_DONE the
 * hart has no current executor, and takes the next; else that may not come back.
 */
#define SHORT_NOT  0
#define SHORT_DONE 1
uint64_t short_unmap(struct vas *vas, uint64_t slot, uint64_t length, uint64_t a3, uint64_t a4,
		     uint64_t a5, uint64_t done);
uint64_t short_executor_create(uint64_t slot, struct vas *home, uint64_t supervisor, uint64_t pc,
			       uint64_t sp, uint64_t argument);
uint64_t short_terminate(uint64_t code);

struct result sys_system(uint64_t root, uint64_t operation, uint64_t argument, uint64_t a3,
			 uint64_t a4, uint64_t a5, uint64_t done);

#endif
