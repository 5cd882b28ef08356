/* SPDX-License-Identifier: MIT */
/* model.h - what the two halves of the model share: pages (model.c) and calls (follow.c). */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include "fuzz.h"

/* The frame that the kernel has mapped there. */
unsigned model_frame_at(unsigned s, unsigned cell);

/*
 * The same, which is new: charged to @owner, all zero or with the contents of @copied. It has no
 * reference yet; one of those to @copied is about to go.
 */
unsigned model_new_content(unsigned s, unsigned cell, uint8_t owner, const struct content *copied);

/* Unmap; @later: the kernel drops the reference when its step is done. */
void model_clear(unsigned s, unsigned cell, bool later);
void model_drop_later(unsigned id);
void model_drop_now(void);

void model_new_owner(struct content *of, uint8_t owner);
uint8_t model_kernel_owner(unsigned id);

/* A store to the page; @large: through a large leaf, whose D stands for all its pages. */
void model_written(unsigned s, unsigned cell, bool large);
void model_write(unsigned id, uint64_t value);
uint64_t model_new_value(void);

/* The call at hand has written a bitmap to the new frame already. */
extern bool model_has_bitmap;

/*
 * model_settle - the kernel gave the page a frame of its own: the one that is there now. @later:
 * the reference to the old one is dropped at the end of a step.
 */
void model_settle(unsigned s, unsigned cell, bool later);

#endif
