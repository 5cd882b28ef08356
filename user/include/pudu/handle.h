/* SPDX-License-Identifier: MIT */
/*
 * handle.h - slots of the handle window, and the handles that every program has.
 *
 * Slots below PUDU_SLOT_FREE are filled by the spawner (abi/start.h); the others are given out
 * here.
 */
#ifndef PUDU_HANDLE_H
#define PUDU_HANDLE_H

#include <stdint.h>

#include "abi/memory.h"
#include "abi/start.h"

#define PUDU_OWN_VAS	   PUDU_HANDLE(PUDU_SLOT_VAS)	   /* this address space, RW */
#define PUDU_MAIN_EXECUTOR PUDU_HANDLE(PUDU_SLOT_EXECUTOR) /* its first executor, RW */
#define PUDU_GRANTED(i)	   PUDU_HANDLE(PUDU_SLOT_GRANTED + (i))
#define PUDU_GRANTED_MAX   (PUDU_SLOT_FREE - PUDU_SLOT_GRANTED)

/*
 * Take slots that are free and follow each other.
 * Arguments:
 *   n   how many, at least 1.
 * Result: the first one, or 0 if there are not so many. The slots are empty.
 * Safe in any thread.
 */
uint64_t pudu_slots_take(uint64_t n);

/* Give back slots. The caller has emptied them. Arguments: as pudu_slots_take() gave them. */
void pudu_slots_give(uint64_t first, uint64_t n);

/* Empty the slot of a handle and give the slot back. Does nothing for 0. */
void pudu_handle_close(uint64_t handle);

#endif
