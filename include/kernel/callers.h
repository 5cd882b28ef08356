/* SPDX-License-Identifier: MIT */
/*
 * callers.h - those who wait for an answer of one callee: one that is served, a line, and those
 * kept.
 *
 * The line and the list of those kept go through the pages of the callers, under callers_lock of
 * the callee; which of the two a caller is in, its place says. See calls.h for who is told what and
 * when.
 */
#ifndef KERNEL_CALLERS_H
#define KERNEL_CALLERS_H

#include <stdbool.h>

#include "kernel/executor.h"

/*
 * callers_join - @self, which has CALLING, stands in line before @callee; if that waits in accept,
 * it is woken. Takes LOCK_CALLERS, LOCK_QUEUE. Result: false: @callee is dead.
 */
bool callers_join(struct executor *self, struct executor *callee);

/* callers_keep - @caller was accepted by @callee before, and is kept. Requires callers_lock. */
void callers_keep(struct executor *caller, struct executor *callee);

/* callers_remove - @caller leaves the line of @callee, or those kept, if it is in one. Requires
 * callers_lock. */
void callers_remove(struct executor *caller, struct executor *callee);

/* callers_forget - take one who waits for an answer of @callee, which is dead. Takes LOCK_CALLERS.
 * Result: it; NULL: nobody does. */
struct executor *callers_forget(struct executor *callee);

#endif
