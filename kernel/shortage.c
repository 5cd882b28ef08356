/* SPDX-License-Identifier: MIT */
/* shortage.c - see shortage.h. */
#include "kernel/shortage.h"

#include "kernel/frame.h"
#include "kernel/graves.h"
#include "kernel/hart.h"
#include "kernel/quiesce.h"
#include "kernel/sched.h"

#define TRIES 1000 /* of one executor, before it gets an error */

/* Do dead objects of any hart wait for a grace period? Only their own hart frees them. */
static bool dead_objects_wait(void)
{
	for (unsigned s = 0; s < global->n_harts; s++)
		if (((const volatile struct hart *)global->harts[s])->dead != NULL)
			return true;
	return false;
}

bool shortage_wait(void)
{
	/* Others may always have something on its way back, and take it again. */
	if (++current()->shortages >= TRIES) {
		current()->shortages = 0;
		return false;
	}
	if (graves_step())
		return true;

	uint64_t slots = frame_ask_others();
	bool dead = dead_objects_wait();

	for (unsigned s = 0; s < global->n_harts; s++)
		if (global->harts[s] != this_hart && (dead || (slots >> s & 1)))
			sched_interrupt(global->harts[s]);
	return dead || slots != 0;
}
