/* SPDX-License-Identifier: MIT */
/*
 * test_tlb.c - vas_load.c and tlb.c on harts whose TLB forgets nothing by itself, and walks
 * whenever it can: no access ever uses a translation that is out of date, or another address
 * space's.
 */
#include "fixture_harts.h"

#include "kernel/tlb.h"
#include "kernel/vas_load.h"
#include "riscv/csr.h"
#include "riscv/sbi.h"

#define RAM	    0x80000000ull
#define SPACES	    5
#define ASIDS	    0x10000
#define KERNEL_ROOT SPACES

/* What a hart remembers under one ASID: the version of the tables of one root. */
struct entry {
	uint64_t root, version; /* version 0: nothing */
};

static struct {
	uint64_t satp, asid_bits, flushes, fences;
	struct entry entry[ASIDS];
} machine[HARTS];

static struct vas *space[SPACES + 1];
static uint64_t version[SPACES + 1]; /* of the tables, counted by one counter: none comes twice */
static uint64_t versions;
static uint64_t seed = 1;

static uint64_t root_of(uint64_t satp)
{
	uint64_t address = (satp << 20 >> 20) << PAGE_SHIFT;

	for (uint64_t i = 0; i <= SPACES; i++)
		if (phys(space[i]) == address)
			return i;
	fail_msg("satp %#lx names no root", (unsigned long)satp);
	return 0;
}

/* Hart @h translates something, perhaps only by speculation. Result: what it uses. */
static struct entry translate(unsigned h)
{
	uint64_t asid = (machine[h].satp & SATP_ASID) >> SATP_ASID_SHIFT;
	struct entry *entry = &machine[h].entry[asid];

	if (entry->version == 0) {
		entry->root = root_of(machine[h].satp);
		entry->version = version[entry->root];
	}
	return *entry;
}

uint64_t host_read_satp(void)
{
	return machine[this_hart->slot].satp;
}

void host_write_satp(uint64_t value)
{
	unsigned h = (unsigned)this_hart->slot;
	uint64_t asids = ((1ull << machine[h].asid_bits) - 1) << SATP_ASID_SHIFT;

	translate(h);
	machine[h].satp = value & ~(SATP_ASID & ~asids);

	/* It may be another root's for a moment, but no table that it leads to may be free. */
	struct entry used = translate(h);

	assert_int_equal(used.version, version[used.root]);
}

static void flush(unsigned h)
{
	memset(machine[h].entry, 0, sizeof machine[h].entry);
}

void sfence_vma(void)
{
	machine[this_hart->slot].flushes++;
	flush((unsigned)this_hart->slot);
}

void sfence_vma_asid(uint64_t asid)
{
	assert_true(asid < ASIDS);
	assert_true(machine[this_hart->slot].asid_bits != 0);
	machine[this_hart->slot].entry[asid].version = 0;
}

void fence_i(void) {}

void sbi_call(uint64_t extension, uint64_t function, uint64_t x0, uint64_t x1, uint64_t x2,
	      uint64_t x3)
{
	assert_int_equal(extension, SBI_RFENCE);
	assert_int_equal(x2, 0);
	assert_int_equal(x3, 0);
	for (unsigned h = 0; h < HARTS; h++) {
		uint64_t id = harts[h].id;

		if (function != SBI_RFENCE_SFENCE_VMA || id < x1 || id - x1 >= 64 ||
		    !(x0 >> (id - x1) & 1))
			continue;
		machine[h].fences++;
		flush(h);
	}
}

/* Harts with @hardware bits, started with the boot argument asid=@limit. */
static void start(uint64_t hardware, uint64_t limit)
{
	uint64_t least = ~0ull;

	make_harts();
	make_ram(RAM, (SPACES + 1) * PAGE_SIZE);
	memset(machine, 0, sizeof machine);
	for (uint64_t i = 0; i <= SPACES; i++) {
		space[i] = virt(RAM + i * PAGE_SIZE);
		version[i] = ++versions;
	}
	vas_load_boot(space[KERNEL_ROOT]->user, 3);
	vas_load_limit(limit);
	for (unsigned h = 0; h < HARTS; h++) {
		this_hart = &harts[h];
		harts[h].id = 10 + 70 * h; /* not in one call's mask */
		machine[h].satp = vas_load_kernel_satp();
		machine[h].asid_bits = hardware + (h == 1 ? 0 : h);
		uint64_t bits = vas_load_probe();

		assert_int_equal(bits, machine[h].asid_bits);
		least = bits < least ? bits : least;
	}
	assert_int_equal(vas_load_start(least), limit < hardware ? limit : hardware);
	for (unsigned h = 0; h < HARTS; h++)
		machine[h].flushes = machine[h].fences = 0;
}

static void change(unsigned i)
{
	version[i] = ++versions;
	tlb_shoot(space[i]);
}

/* No hart may use what is out of date, once tlb_shoot has returned. */
static void check_all(void)
{
	for (unsigned h = 0; h < HARTS; h++) {
		uint64_t root = root_of(machine[h].satp);
		struct entry used = translate(h);

		assert_ptr_equal(atomic_load(&harts[h].vas),
				 root == KERNEL_ROOT ? NULL : space[root]);
		if (root == KERNEL_ROOT)
			continue;
		assert_int_equal(used.root, root);
		assert_int_equal(used.version, version[root]);
	}
}

/* A dead address space, and a new one in its frame, about which no hart is told. */
static void replace(unsigned i)
{
	for (unsigned h = 0; h < HARTS; h++)
		if (atomic_load(&harts[h].vas) == space[i])
			return;
	memset(space[i], 0, PAGE_SIZE);
	version[i] = ++versions;
}

static void random_steps(uint64_t hardware, uint64_t limit, unsigned steps)
{
	start(hardware, limit);
	for (unsigned step = 0; step < steps; step++) {
		unsigned i = (unsigned)random_below(&seed, SPACES);

		this_hart = &harts[random_below(&seed, HARTS)];
		switch (random_below(&seed, 8)) {
		case 0:
			change(i);
			break;
		case 1:
			replace(i);
			break;
		case 2:
			vas_switch(NULL);
			break;
		default:
			if (atomic_load(&this_hart->vas) != space[i])
				vas_switch(space[i]);
		}
		check_all();
	}
}

static void nothing_old_is_used_with_any_number_of_asids(void **state)
{
	(void)state;
	random_steps(16 - HARTS + 1, 16, 300);
	for (uint64_t bits = 0; bits <= 4; bits++) {
		random_steps(bits, 16, 3000);
		random_steps(8, bits, 3000);
	}
}

/* What are ASIDs for? To come back and find what one left. */
static void translations_stay_across_switches(void **state)
{
	uint64_t before;

	(void)state;
	start(4, 16);
	this_hart = &harts[0];
	for (unsigned i = 0; i < SPACES; i++)
		vas_switch(space[i]);
	before = machine[0].flushes;
	for (unsigned n = 0; n < 100; n++)
		vas_switch(space[n % SPACES]);
	assert_int_equal(machine[0].flushes, before);

	start(0, 16);
	this_hart = &harts[0];
	for (unsigned n = 0; n < 100; n++)
		vas_switch(space[n % SPACES]);
	assert_int_equal(machine[0].flushes, 100);
}

/* Only who has it loaded is disturbed; who had it forgets later. */
static void harts_that_have_left_are_not_fenced(void **state)
{
	for (uint64_t bits = 0; bits <= 4; bits += 4) {
		(void)state;
		start(bits, 16);
		for (unsigned h = 0; h < HARTS; h++) {
			this_hart = &harts[h];
			vas_switch(space[0]);
		}
		vas_switch(space[1]); /* the last hart */
		this_hart = &harts[0];
		change(0);
		assert_int_equal(machine[0].fences, 0);
		assert_int_equal(machine[1].fences, 1);
		assert_int_equal(machine[2].fences, 0);
		assert_int_equal(atomic_load(&space[0]->harts), 2 | 4);
		check_all();
		this_hart = &harts[2];
		vas_switch(space[0]);
		check_all();
		assert_int_equal(atomic_load(&space[0]->harts), 2 | 4 | 8);

		/* From outside, by one who has it not loaded but had. */
		this_hart = &harts[0];
		vas_switch(space[1]);
		change(0);
		assert_int_equal(machine[1].fences, 2);
		assert_int_equal(machine[2].fences, 1);
		vas_switch(space[0]);
		check_all();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_old_is_used_with_any_number_of_asids),
		cmocka_unit_test(translations_stay_across_switches),
		cmocka_unit_test(harts_that_have_left_are_not_fenced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
