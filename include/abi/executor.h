/* SPDX-License-Identifier: MIT */
/* executor.h - constants of the calls on executors and of the other calls. Assembly includes it
 * too. */
#ifndef ABI_EXECUTOR_H
#define ABI_EXECUTOR_H

#define PUDU_FOREVER		 0xffffffffffffffff /* as a deadline: none */

/* accept: a status above 0 is who calls. */
#define PUDU_CALLER_KIND(status) ((status)&0xff)
#define PUDU_CALLER_ID(status)	 ((uint64_t)(status) >> 8)
#define PUDU_CALLER_CALL	 2 /* kind: it made a call */

/* executor_state: the reasons not to run, and what it does if there is none or in spite of one. */
#define PUDU_STATE_STOPPED	 0x01
#define PUDU_STATE_PARKED	 0x02
#define PUDU_STATE_CALLING	 0x08 /* waits for a reply */
#define PUDU_STATE_ACCEPTING	 0x10 /* waits in accept */
#define PUDU_STATE_DEAD		 0x20
#define PUDU_STATE_OWNED	 0x40 /* runs, is in the run queue, or its registers are in use */

/* executor_regs */
#define PUDU_REGS_READ		 0
#define PUDU_REGS_WRITE		 1
#define PUDU_REGS_READ_FP	 2
#define PUDU_REGS_WRITE_FP	 3

/* log_write: so much in one call is not mixed with what others write. */
#define PUDU_LOG_LINE		 128

/* system */
#define PUDU_SYSTEM_POWER_OFF	 0
#define PUDU_SYSTEM_REBOOT	 1
#define PUDU_SYSTEM_DUMP	 2

#endif
