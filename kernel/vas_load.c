/* SPDX-License-Identifier: MIT */
/*
 * vas_load.c - see vas_load.h.
 *
 * Address-space ids (ASIDs) are short, so they are given out by generations: a number is a
 *generation and an ASID of it, and is given to one address space only. All translations in a hart's
 *TLB are those of numbers of one generation, the hart's; before it loads a number of another
 *generation it forgets them all. Hence:
 *
 *	- under one ASID a TLB has translations of one address space only;
 *	- those of a dead address space, or under a number that was replaced, are never used again;
 *	- harts need not change their generation at the same time, and nobody is told of a new one.
 *
 * An address space gets a number when its own is neither of the hart's generation nor of the
 *newest. Two harts may give it two at once. One of them stays; the other one is used by the hart
 *that gave it, until that loads something else, and never again.
 */
#include "kernel/vas_load.h"

#include "kernel/frame.h"
#include "kernel/hart.h"
#include "riscv/csr.h"

/*
 * A number: bits 63 to 44 as in satp, mode and ASID; below it the generation, even, as every word
 * of a VAS is. New address spaces have generation 0, which no hart has.
 */
#define SATP_PART(number)  ((number) >> SATP_ASID_SHIFT << SATP_ASID_SHIFT)
#define GENERATION(number) ((number) << (64 - SATP_ASID_SHIFT))
#define FIRST_GENERATION   2ull
#define NEXT_GENERATION(n) (((n) + 2) & ((1ull << SATP_ASID_SHIFT) - 1))
#define ASID(value)	   ((value)&SATP_ASID)
#define FIRST_ASID	   (1ull << SATP_ASID_SHIFT) /* 0 is that of the kernel's own root */

static uint64_t kernel_root;	/* (b) physical */
static uint64_t satp_mode;	/* (b) */
static uint64_t asid_limit;	/* (b) bits, of the boot argument */
static uint64_t last_asid;	/* (b) as in satp; 0: there are no ASIDs */
static _Atomic uint64_t newest; /* (a) the number that was given last */

void vas_load_boot(const uint64_t *root, unsigned levels)
{
	kernel_root = phys(root);
	satp_mode = levels == 4 ? SATP_SV48_BITS : SATP_SV39_BITS;
}

uint64_t vas_load_kernel_satp(void)
{
	return satp_mode | kernel_root >> PAGE_SHIFT;
}

void vas_load_limit(uint64_t bits)
{
	asid_limit = bits;
}

uint64_t vas_load_probe(void)
{
	uint64_t before = csr_read(satp), bits = 0;

	csr_write(satp, before | SATP_ASID);
	uint64_t asid = ASID(csr_read(satp)) >> SATP_ASID_SHIFT;

	csr_write(satp, before);
	sfence_vma();
	while (asid >> bits & 1)
		bits++;
	return bits;
}

uint64_t vas_load_start(uint64_t bits)
{
	if (bits > asid_limit)
		bits = asid_limit;
	last_asid = ((1ull << bits) - 1) << SATP_ASID_SHIFT;
	atomic_store_explicit(&newest, satp_mode | FIRST_GENERATION, memory_order_relaxed);
	for (unsigned s = 0; s < global->n_harts; s++) {
		global->harts[s]->asid_generation = FIRST_GENERATION;
		global->harts[s]->vas_bit = 2ull << s;
	}
	return bits;
}

/* A number that nobody had. */
static uint64_t new_number(struct vas *vas)
{
	uint64_t last = atomic_load_explicit(&newest, memory_order_relaxed), number;

	do {
		number = last + FIRST_ASID;
		if (ASID(last) == last_asid)
			number = satp_mode | FIRST_ASID | NEXT_GENERATION(last);
	} while (!atomic_compare_exchange_strong(&newest, &last, number));
	atomic_store_explicit(&vas->context, number, memory_order_relaxed);
	return number;
}

static inline void load(const struct vas *vas, uint64_t number)
{
	csr_write(satp, SATP_PART(number) | phys(vas) >> PAGE_SHIFT);
}

/* The last step of vas_switch. release: satp has the new root; pairs with graves_step, vas_uses. */
static inline void loaded(struct vas *vas)
{
	atomic_store_explicit(&this_hart->vas, vas, memory_order_release);
}

/*
 * Load @vas, with the number @number, where this hart must forget something before. The old root
 * stays in this_hart->vas meanwhile: so who takes tables out of it waits for this hart.
 */
static void load_and_flush(struct vas *vas, uint64_t number)
{
	if (last_asid == 0) {
		/* In between, the new root is used with what is known of the old one. */
		load(vas, satp_mode);
		sfence_vma();
	} else if (GENERATION(number ^ this_hart->asid_generation) == 0) {
		/* Before: else it would be used, by speculation at least, and lead to freed tables.
		 */
		sfence_vma_asid(ASID(number) >> SATP_ASID_SHIFT);
		load(vas, number);
	} else {
		uint64_t last = atomic_load_explicit(&newest, memory_order_relaxed);

		if (GENERATION(number ^ last) != 0)
			number = new_number(vas);
		/* Under the ASID of the kernel, as the old and the new one may be the same. */
		csr_write(satp, vas_load_kernel_satp());
		sfence_vma();
		this_hart->asid_generation = number & ((1ull << SATP_ASID_SHIFT) - 1);
		load(vas, number);
	}
}

/* The rare ways to load @vas, or NULL. */
static __attribute__((noinline)) void switch_slowly(struct vas *vas, uint64_t number)
{
	if (vas == NULL) {
		csr_write(satp, vas_load_kernel_satp());
		sfence_vma();
	} else {
		load_and_flush(vas, number);
	}
	loaded(vas);
}

void vas_switch(struct vas *vas)
{
	uint64_t bit = this_hart->vas_bit;

	/* release: vas is what was loaded before, see vas_uses */
	atomic_store_explicit(&this_hart->vas_next, vas, memory_order_release);
	if (vas == NULL) {
		switch_slowly(NULL, 0);
		return;
	}
	/* Always, though it may be set: it shows vas_next. Pairs with tlb_shoot. */
	bool told = atomic_fetch_or_explicit(&vas->harts, bit, memory_order_acq_rel) & bit;
	uint64_t number = atomic_load_explicit(&vas->context, memory_order_relaxed);

	if (!told || GENERATION(number ^ this_hart->asid_generation) != 0) {
		switch_slowly(vas, number);
		return;
	}
	load(vas, number);
	loaded(vas);
}

void vas_flush(void)
{
	if (last_asid != 0)
		sfence_vma_asid(ASID(csr_read(satp)) >> SATP_ASID_SHIFT);
	else
		sfence_vma();
}

void vas_leave_dead(void)
{
	struct vas *vas = atomic_load_explicit(&this_hart->vas, memory_order_relaxed);

	if (vas != NULL && (*(volatile uint64_t *)&vas->flags & VAS_DEAD))
		vas_switch(NULL);
}
