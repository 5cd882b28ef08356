# SPDX-License-Identifier: MIT
# abi.cmake - <pudu/calls.h> and <pudu/names.inc>, made from the table of system calls.
set(ABI_TABLES include/abi/syscalls.def include/abi/syscalls_calls.def
	include/abi/syscalls_memory.def include/abi/status.def)
add_custom_command(OUTPUT ${GENERATED}/pudu/calls.h ${GENERATED}/pudu/names.inc
	COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/abi.py
		--calls ${GENERATED}/pudu/calls.h --names ${GENERATED}/pudu/names.inc
	DEPENDS tools/abi.py ${ABI_TABLES} VERBATIM)
add_custom_target(abi DEPENDS ${GENERATED}/pudu/calls.h ${GENERATED}/pudu/names.inc)
