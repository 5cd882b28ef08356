/* SPDX-License-Identifier: MIT */
/* demo.h - the parts of the demonstration. Each fills its rows of the table. */
#ifndef DEMO_H
#define DEMO_H

/* A hello from every hart, while all of them run. */
void demo_harts(void);

/* A token ring through four address spaces; while it turns, another program crashes. */
void demo_ring(void);

/* The same primes by one executor, then by one for each hart. */
void demo_sieve(void);

#endif
