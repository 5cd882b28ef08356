/* SPDX-License-Identifier: MIT */
/*
 * raw.h - executors that need no stack, gp or tp, and a system call with every register free.
 *
 * All of raw.S lies in one page that holds nothing else, so that other address spaces can be given
 * it. Each gets its argument in a0.
 */
#ifndef RAW_H
#define RAW_H

#include <stdint.h>

void raw_page(void);	    /* where the page starts */
void raw_end(void);	    /* ends with its argument as code */
void raw_spin(void);	    /* for ever */
void raw_count(void);	    /* adds 1 to the 64-bit word at the argument, for ever */
void raw_count_yield(void); /* the same, and yields each time */
void raw_park(void);	    /* parks while the 32-bit word at the argument is 0; ends with it */
void raw_stop(void);	    /* stops itself by the handle in the argument; then ends with 5 */
void raw_load(void);	    /* loads 8 bytes from the argument; then ends with 6 */
void raw_watch(void);	    /* ends with the first 64-bit word there that is not 0 */
void raw_double(void);	    /* ends with the integer that is in fa0, doubled */

/* Results of a system call: a0 to a5. */
struct raw_answer {
	int64_t status;
	uint64_t value[5];
};

/* Any system call, with any number, arguments and count of what is done (a6). */
static inline struct raw_answer raw_call(uint64_t number, const uint64_t argument[6], uint64_t done)
{
	register uint64_t a0 __asm__("a0") = argument[0];
	register uint64_t a1 __asm__("a1") = argument[1];
	register uint64_t a2 __asm__("a2") = argument[2];
	register uint64_t a3 __asm__("a3") = argument[3];
	register uint64_t a4 __asm__("a4") = argument[4];
	register uint64_t a5 __asm__("a5") = argument[5];
	register uint64_t a6 __asm__("a6") = done;
	register uint64_t a7 __asm__("a7") = number;

	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4), "+r"(a5), "+r"(a6),
			   "+r"(a7)::"ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "memory",
			   "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "ft8", "ft9",
			   "ft10", "ft11", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5", "fa6", "fa7");
	return (struct raw_answer){ (int64_t)a0, { a1, a2, a3, a4, a5 } };
}

#endif
