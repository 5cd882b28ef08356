# SPDX-License-Identifier: MIT
# clang.cmake - builds kernel and programs with clang and lld, in a folder of its own.
foreach(command
		"-S;${SOURCE};-B;${BUILD};-GNinja;-DPUDU_COMPILER=clang;-DPUDU_LIBFDT_DIR=${LIBFDT}"
		"--build;${BUILD};--target;pudu.elf;initrd.cpio")
	execute_process(COMMAND ${CMAKE_COMMAND} ${command} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
