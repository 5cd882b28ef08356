# SPDX-License-Identifier: MIT
# sources.cmake - what libpudu consists of.
set(PUDU_LIB_SOURCES
	lib/crt0.S
	lib/start.c
	lib/status.c
	lib/ranges.c
	lib/memory.c
	lib/handle.c
	lib/executor_end.c
	lib/process.c
	lib/thread.c
	lib/locks.c
	lib/stdio.c
	lib/spawn.c
	lib/spawn_image.c
	lib/spawn_stack.c
	lib/children.c
)
include(lib/sync/sources.cmake)
include(lib/posix/sources.cmake)
include(lib/parallel/sources.cmake)
