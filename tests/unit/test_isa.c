/* SPDX-License-Identifier: MIT */
/* test_isa.c - ISA strings and lists. */
#include "fixture.h"

#include "abi/info.h"
#include "kernel/isa.h"

#define FDC (PUDU_ISA_F | PUDU_ISA_D | PUDU_ISA_C)
#define GC  (FDC | PUDU_ISA_M)

static void strings_are_read(void **state)
{
	static const struct {
		const char *isa;
		uint64_t bits;
	} cases[] = {
		{ "rv64imafdc", GC },
		{ "rv64gc", GC },
		{ "rv64ima", PUDU_ISA_M },
		{ "rv64imac", PUDU_ISA_M | PUDU_ISA_C },
		{ "rv64imacu", PUDU_ISA_M | PUDU_ISA_C },
		{ "rv64imafdcsu", GC },
		{ "rv64imafdcsuh", GC },
		{ "rv64imafdcvh_zicsr_sstc", GC | PUDU_ISA_V | PUDU_ISA_SSTC },
		{ "rv64imafdc_svpbmt", GC | PUDU_ISA_SVPBMT },
		{ "rv64imafdcsvpbmt_sstc", GC | PUDU_ISA_SVPBMT | PUDU_ISA_SSTC },
		{ "rv64imafdczicboz", GC | PUDU_ISA_ZICBOZ },
		{ "rv64i2p0m2p0a2p0f2p0d2p0c2p0_zicsr2p0_svnapot1p0", GC | PUDU_ISA_SVNAPOT },
		{ "rv64i2m2a2f2d2c2", GC },
		{ "RV64GCV_Zicboz_SSTC", GC | PUDU_ISA_V | PUDU_ISA_ZICBOZ | PUDU_ISA_SSTC },
		{ "rv64i_m_a_f_d_c", GC },
		{ "rv64gc_zicbozfoo_sstcx_xsstc_svpbmt1x", GC },
		{ "rv64gc_zve64d_zvl128b_zic64b", GC },
		{ "rv64gc__sstc_", GC | PUDU_ISA_SSTC },
		{ "rv64gc_s", GC },
		{ "rv64", 0 },
		{ "rv32imafdc", 0 },
		{ "rv6", 0 },
		{ "", 0 },
		{ "x86-64", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *exact = exact_copy(cases[i].isa, strlen(cases[i].isa) + 1);

		if (isa_of_string(exact) != cases[i].bits)
			fail_msg("%s: 0x%lx, expected 0x%lx", cases[i].isa,
				 (unsigned long)isa_of_string(exact), (unsigned long)cases[i].bits);
		free(exact);
	}
}

static uint64_t list(const char *bytes, size_t size)
{
	char *exact = exact_copy(bytes, size);
	uint64_t bits = isa_of_list(exact, size);

	free(exact);
	return bits;
}

static void lists_are_read(void **state)
{
	static const char all[] = "i\0m\0a\0f\0d\0c\0sstc\0svpbmt\0svnapot\0zicboz\0v";

	(void)state;
	assert_int_equal(list(all, sizeof all), GC | PUDU_ISA_SSTC | PUDU_ISA_SVPBMT |
							PUDU_ISA_SVNAPOT | PUDU_ISA_ZICBOZ |
							PUDU_ISA_V);
	assert_int_equal(list("", 0), 0);
	assert_int_equal(list("f\0d", 3), PUDU_ISA_F); /* the last has no 0 */
	assert_int_equal(list("\0\0f", 4), PUDU_ISA_F);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_read),
		cmocka_unit_test(lists_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
