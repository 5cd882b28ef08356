# SPDX-License-Identifier: MIT
# sources.cmake - the part of libpudu with locks and what else threads wait for.
list(APPEND PUDU_LIB_SOURCES
	lib/sync/queue.c
	lib/sync/mutex.c
	lib/sync/recursive.c
	lib/sync/robust.c
	lib/sync/condition.c
	lib/sync/semaphore.c
	lib/sync/rwlock.c
	lib/sync/barrier.c
	lib/sync/once.c
	lib/sync/event.c
	lib/sync/wait_any.c
)
