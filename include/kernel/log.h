/* SPDX-License-Identifier: MIT */
/*
 * log.h - the kernel's log and the text that programs write, on the console of the firmware; and
 * the end, if the kernel itself is wrong.
 */
#ifndef KERNEL_LOG_H
#define KERNEL_LOG_H

#include <stdbool.h>
#include <stdint.h>

struct executor;

/* log_boot - look what the firmware's console can do. Before that, characters go out one by one. */
void log_boot(void);

/* log_printf - one line or several, after the time since boot. Formats of printf without floating
 * point; at most 255 characters. Takes LOCK_CONSOLE. */
void log_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * log_user_text - write @length bytes, at most PUDU_LOG_LINE, of user memory of the current
 * address space. Takes LOCK_CONSOLE.
 * Result: PUDU_OK or PUDU_ERR_ADDRESS: nothing is written.
 */
int64_t log_user_text(uint64_t text, uint64_t length);

/* log_executor_end - one line: @executor was ended by the fault @cause at @address (stval). */
void log_executor_end(struct executor *executor, uint64_t cause, uint64_t address);

/*
 * log_executors - a line for every executor: state, hart, pc. For hangs: takes no lock but the
 * console's.
 */
void log_executors(void);

/*
 * log_executors_step - a bounded part of it. *from: 0 at first, then as it was left. Result: false
 * when all is told.
 */
bool log_executors_step(uint64_t *from);

/* log_stop_locking - from now on lines of this hart don't wait for others: the system ends. */
void log_stop_locking(void);

/* panic - the kernel is wrong: say why, with a backtrace, and end with exit code 1. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
