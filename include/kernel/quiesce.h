/* SPDX-License-Identifier: MIT */
/*
 * quiesce.h - free an object's page only when no hart can still be looking at it.
 *
 * A handle is followed without a lock, so a page that nothing names any more may still be in use
 * by a kernel entry that began before. Each hart notes the global epoch where it knows that it
 * was outside the kernel a moment ago: on a slow system call, an interrupt from user mode, and
 * before it idles. A page that became unreachable in epoch E is free once every hart has noted a
 * later one or is idle. (Quiescent-state-based reclamation: McKenney and Slingwine, PDCS 1998.)
 */
#ifndef KERNEL_QUIESCE_H
#define KERNEL_QUIESCE_H

#define QUIESCE_MANY 16 /* pages of a hart that wait before the others are hurried */

/*
 * quiesce_note - this hart holds nothing that it found through a handle; frees what can be freed
 * now.
 */
void quiesce_note(void);

/*
 * quiesce_free - give the object page @page back after a grace period. Nothing names it any more,
 * and no hart has a translation to it. The page keeps its contents until then. @page: of any
 * kind; its word at 0x100 (struct executor: next; in a root table a user entry, 0 by now) is used
 * as the link.
 */
void quiesce_free(void *page);

/* quiesce_hurry - dead objects should not wait: make the other harts that are busy note the epoch
 * soon. */
void quiesce_hurry(void);

#endif
