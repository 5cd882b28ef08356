/* SPDX-License-Identifier: MIT */
/* sys_system.c - log_write, system. */
#include "abi/executor.h"
#include "abi/status.h"
#include "kernel/hart.h"
#include "kernel/log.h"
#include "kernel/mapping.h"
#include "kernel/power.h"
#include "kernel/quiesce.h"
#include "kernel/shortage.h"
#include "kernel/syscall.h"

struct result sys_log_write(uint64_t text, uint64_t length, uint64_t a2, uint64_t a3, uint64_t a4,
			    uint64_t a5, uint64_t done)
{
	(void)a2, (void)a3, (void)a4, (void)a5;
	quiesce_note();
	if (done > length)
		return answer(PUDU_ERR_ARGUMENT, 0);

	uint64_t now = length - done < PUDU_LOG_LINE ? length - done : PUDU_LOG_LINE;
	int64_t status = log_user_text(text + done, now);

	if (status == MAPPING_WAIT)
		shortage_wait();
	else if (status != PUDU_OK)
		return answer(status, done);
	else
		done += now;
	if (done == length)
		return answer(PUDU_OK, done);
	current()->x[X_A6 - 1] = done;
	return answer(LEAVE_RESTART, 0);
}

struct result sys_system(uint64_t root, uint64_t operation, uint64_t argument, uint64_t a3,
			 uint64_t a4, uint64_t a5, uint64_t done)
{
	(void)a3, (void)a4, (void)a5;
	struct handle_result opened = handle_open_write(root, RESOURCE_ROOT);

	if (opened.status != PUDU_OK)
		return answer(opened.status, 0);
	if (operation == PUDU_SYSTEM_POWER_OFF && argument <= 255)
		power_off((unsigned)argument);
	if (argument != 0)
		return answer(PUDU_ERR_ARGUMENT, 0);
	if (operation == PUDU_SYSTEM_REBOOT)
		power_reboot();
	if (operation != PUDU_SYSTEM_DUMP)
		return answer(PUDU_ERR_ARGUMENT, 0);
	if (!log_executors_step(&done))
		return answer(PUDU_OK, 0);
	current()->x[X_A6 - 1] = done;
	return answer(LEAVE_RESTART, 0);
}
