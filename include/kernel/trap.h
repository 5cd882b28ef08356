/* SPDX-License-Identifier: MIT */
/* trap.h - the doors: asm/trap.S calls the first two, C ends in the third. */
#ifndef KERNEL_TRAP_H
#define KERNEL_TRAP_H

#include <stdint.h>

struct executor;

/*
 * trap_user - an interrupt or a fault of the current executor, all of whose registers are saved.
 * @cause, @address: scause, stval.
 * Result: the executor to go on with, as sched_leave gives it.
 */
struct executor *trap_user(uint64_t cause, uint64_t address);

/*
 * trap_kernel - a trap in the kernel that access.S can't mend; registers are in fault_x of the
 * hart page.
 */
_Noreturn void trap_kernel(uint64_t cause, uint64_t address);

/* trap_resume - go to user mode with @executor, which is current. The stack is empty after it. */
_Noreturn void trap_resume(struct executor *executor);

void trap_entry(void); /* for stvec */

/* trap_resume (asm/trap.S) - to user mode: @executor is current, and its address space loaded. */
_Noreturn void trap_resume(struct executor *executor);

#endif
