# SPDX-License-Identifier: MIT
# sources.cmake - the part of libpudu with channels, thread pools and green threads.
list(APPEND PUDU_LIB_SOURCES
	lib/parallel/green.c
	lib/parallel/green_run.c
	lib/parallel/green_switch.S
	lib/parallel/channel.c
	lib/parallel/channel_send.c
	lib/parallel/channel_receive.c
	lib/parallel/pool.c
)
