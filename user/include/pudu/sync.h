/* SPDX-License-Identifier: MIT */
/*
 * sync.h - waiting for each other inside one program, built on park_if and unpark.
 *
 * The kernel keeps no queue of who waits, so each of these keeps its own: a list of records on the
 * stacks of those that wait, with the handle to unpark. A handle means something in one address
 * space only: none of this works in memory that is shared between programs. (There, use park_if and
 * unpark with a handle that was granted.)
 *
 * park_if may return without a reason (an unpark can come late): all who wait look again.
 *
 * Deadlines are times of rdtime, as pudu_ticks() tells it; PUDU_FOREVER is none. One that has
 * passed is fine: then a call does what it can do at once, or answers PUDU_ERR_DEADLINE.
 *
 * All bits zero is a valid object of each kind here but the barrier, whose n is at least 1, and
 * none needs to be destroyed. A thread that is ended by another (pudu_terminate) while it waits in
 * one of these leaves its record behind: only robust mutexes survive that. docs/sync.md tells which
 * to use.
 */
#ifndef PUDU_SYNC_H
#define PUDU_SYNC_H

#include <pudu/barrier.h>
#include <pudu/condition.h>
#include <pudu/event.h>
#include <pudu/mutex.h>
#include <pudu/robust.h>
#include <pudu/rwlock.h>
#include <pudu/semaphore.h>

#endif
