/* SPDX-License-Identifier: MIT */
/*
 * fp.h - floating-point state, saved only when it was changed.
 *
 * FS is on in user mode, and Clean after each load or save, so SD tells whether the executor that
 * leaves has written an FP register. What the registers hold has a name (a tag): hart->fp_tag for
 * those of the hart, executor->fp_tag for those in the page. Equal tags, equal contents: nothing
 * to load. Tag 0 is the state of an executor that has never written one: all zero, whatever is in
 * the page. No hart ever leaves another executor's values behind.
 */
#ifndef KERNEL_FP_H
#define KERNEL_FP_H

#include "kernel/hart.h"
#include "riscv/csr.h"

/*
 * fp_store, fp_load_registers (asm/fp.S) - f0 to f31 and fcsr to and from @area (struct executor:
 * f).
 */
void fp_store(uint64_t *area);
void fp_load_registers(const uint64_t *area);

/* fp_new_tag - a name that no contents had before. */
static inline uint64_t fp_new_tag(void)
{
	return ++this_hart->fp_count << 8 | (this_hart->slot + 1);
}

extern const uint64_t fp_zero[33]; /* f of an executor whose tag is 0 */

static inline void fp_set_clean(void)
{
	csr_clear(sstatus, SSTATUS_FS);
	csr_set(sstatus, SSTATUS_FS_CLEAN);
}

/* fp_leave - @executor, which has run here, leaves the hart. */
static inline void fp_leave(struct executor *executor)
{
	if ((int64_t)csr_read(sstatus) >= 0)
		return;
	fp_store(executor->f);
	fp_set_clean();
	executor->fp_tag = this_hart->fp_tag = fp_new_tag();
}

/* fp_enter - @executor is about to run here. */
static inline void fp_enter(struct executor *executor)
{
	if (executor->fp_tag == this_hart->fp_tag)
		return;
	fp_load_registers(executor->fp_tag == 0 ? fp_zero : executor->f);
	fp_set_clean();
	this_hart->fp_tag = executor->fp_tag;
}

#endif
