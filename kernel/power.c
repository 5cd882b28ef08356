/* SPDX-License-Identifier: MIT */
/* power.c - see power.h. */
#include "kernel/power.h"

#include "riscv/csr.h"
#include "riscv/sbi.h"

#define FINISHER_PASS 0x5555u /* QEMU, hw/misc/sifive_test.c */
#define FINISHER_FAIL 0x3333u /* with the code in the upper half */

static volatile uint32_t *test_finisher; /* (b) */

void power_boot(uint64_t finisher)
{
	test_finisher = (volatile uint32_t *)(uintptr_t)finisher;
}

static _Noreturn void rest(void)
{
	csr_write(sie, 0);
	for (;;)
		wait_for_interrupt();
}

_Noreturn void power_off(unsigned code)
{
	if (test_finisher != 0) {
		*test_finisher = code == 0 ? FINISHER_PASS : code << 16 | FINISHER_FAIL;
		/* The emulator goes on for a while; a reset by SBI now would replace the code. */
		rest();
	}
	sbi_call(SBI_SRST, 0, SBI_SRST_SHUTDOWN, code != 0, 0, 0);
	sbi_call(SBI_LEGACY_SHUTDOWN, 0, 0, 0, 0, 0);
	rest();
}

_Noreturn void power_reboot(void)
{
	sbi_call(SBI_SRST, 0, SBI_SRST_COLD_REBOOT, 0, 0, 0);
	rest();
}
