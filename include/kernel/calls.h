/* SPDX-License-Identifier: MIT */
/*
 * calls.h - who calls whom: handing calls over, the line of callers, answers, and ends on both
 * sides.
 *
 * One that calls has CALLING, and callee says whom. It is in one of four places: about to be served
 * (the callee's `caller`), in line, kept, or, for a moment, in nobody's. Its answer is written into
 * its page by one who owns it, and CALLING is taken away then; only the callee does that, or who
 * buries the callee.
 *
 * A call to one that waits in accept, and has no other reason not to run, is handed over by who
 * becomes its owner in the step that takes ACCEPTING away. All others stand in line, under
 * callers_lock, and then set CALLERS in the callee's state: the same atomic step shows whether it
 * has ACCEPTING. The callee, in turn, sees CALLERS in the step that sets ACCEPTING. So one of them
 * sees the other: the callee takes the first in line, or the caller wakes it to do so. Everything
 * but a call that is handed over makes one that waits in accept do its accept again.
 *
 * `caller` is changed by the callee's owner, and by the death of the caller, which puts CALLER_GONE
 * there; a caller leaves line and list under callers_lock, and is then forgotten by the callee. A
 * page of either is there as long as the other may look at it: both are forgotten before they are
 * buried, and no page is freed before all harts have left the kernel since (quiesce.h).
 */
#ifndef KERNEL_CALLS_H
#define KERNEL_CALLS_H

#include <stdbool.h>

#include "kernel/executor.h"

#define CALL_WORDS  6 /* of a call, in a1 and what follows */
#define REPLY_WORDS 4

/*
 * calls_call - the current executor calls @callee; its words are in its page, in a1 to a6. Takes
 * LOCK_CALLERS, LOCK_TIMERS, LOCK_QUEUE.
 * Result: PUDU_OK: it waits, and has to let go. If hart->handoff is set then, that is the callee,
 * which has the call. PUDU_ERR_STATE: it is @callee itself; PUDU_ERR_DEAD: that has ended.
 */
int64_t calls_call(struct executor *callee);

/*
 * calls_hand_over - the same for @callee, which the current hart owns since it took ACCEPTING away,
 * and which has no other reason not to run. Takes LOCK_TIMERS.
 */
void calls_hand_over(struct executor *callee);

/*
 * calls_keep - the current executor is about to accept another call: if one was accepted before
 * that has no answer, it is kept. Takes LOCK_CALLERS.
 */
void calls_keep(void);

/*
 * calls_take - the current executor takes the first in line: its words, and in a0 who it is, are in
 * the page of the current executor then. Takes LOCK_CALLERS. Result: false: nobody is there.
 */
bool calls_take(void);

/*
 * calls_answer - the current executor answers @caller (NULL: the one that it has accepted last)
 * with REPLY_WORDS @words. *ready: one that is ready now, owned by the current hart, which has to
 * run or queue it; or NULL. Takes LOCK_CALLERS, LOCK_QUEUE. Result: PUDU_OK; PUDU_ERR_STATE: it
 * does not wait for this; PUDU_ERR_DEAD: it has ended.
 */
int64_t calls_answer(struct executor *caller, const uint64_t words[REPLY_WORDS],
		     struct executor **ready);

/* calls_write - @words are the answer of @caller, which the caller owns. */
void calls_write(struct executor *caller, const uint64_t words[REPLY_WORDS]);

/* calls_withdraw - @executor, which is dead, has CALLING, and is owned by the caller, waits for no
 * answer any more. Takes LOCK_CALLERS. */
void calls_withdraw(struct executor *executor);

/* calls_wanted - does anybody wait for an answer of @executor, which is dead? A peek. */
static inline bool calls_wanted(const struct executor *executor)
{
	return atomic_load_explicit(&executor->caller, memory_order_relaxed) != 0 ||
	       executor->callers != NULL || executor->kept != NULL;
}

/*
 * calls_refuse - one of those who wait for an answer of @executor, which is dead and owned by the
 * caller, gets PUDU_ERR_DEAD. Takes LOCK_CALLERS, LOCK_QUEUE. Result: false: nobody does any more.
 */
bool calls_refuse(struct executor *executor);

#endif
