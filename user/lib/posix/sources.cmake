# SPDX-License-Identifier: MIT
# sources.cmake - POSIX and C11 threads, clocks, semaphores.
list(APPEND PUDU_LIB_SOURCES
	lib/posix/time.c
	lib/posix/sched.c
	lib/posix/thread.c
	lib/posix/keeper.c
	lib/posix/attr.c
	lib/posix/join.c
	lib/posix/cancel.c
	lib/posix/specific.c
	lib/posix/once.c
	lib/posix/mutex.c
	lib/posix/robust.c
	lib/posix/mutexattr.c
	lib/posix/pshared.c
	lib/posix/cond.c
	lib/posix/rwlock.c
	lib/posix/barrier.c
	lib/posix/sem.c
	lib/posix/c11.c
)
