/* SPDX-License-Identifier: MIT */
/* shortage.c - see shortage.h. */
#include "kernel/shortage.h"

#include "kernel/frame.h"
#include "kernel/graves.h"
#include "kernel/quiesce.h"
#include "kernel/sched.h"

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
	struct executor *self = current();

	if (self->short_of == 0)
		return false;
	self->short_of = 0;
	graves_help();

	uint64_t slots = frame_ask_others();
	bool dead = dead_objects_wait();

	for (unsigned s = 0; s < global->n_harts; s++)
		if (global->harts[s] != this_hart && (dead || (slots >> s & 1)))
			sched_interrupt(global->harts[s]);
	return true;
}
