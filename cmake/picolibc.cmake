# SPDX-License-Identifier: MIT
# picolibc.cmake - how a target compiles and links against picolibc.
#
# GCC reads picolibc.specs, which names the folders. Clang knows no specs: it gets the same folders
# by name, and asks GCC which multilib and which libgcc belong to the flags.

# pudu_use_picolibc(target [INTEGER] GCC_ARCH flags): adds to the INTERFACE target what compiles and
# links against picolibc. INTEGER: formatting without floating point. GCC_ARCH: the flags that make
# GCC pick the multilib.
function(pudu_use_picolibc target)
	cmake_parse_arguments(arg "INTEGER" "" "GCC_ARCH" ${ARGN})
	target_link_options(${target} INTERFACE -static)
	if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
		target_compile_options(${target} INTERFACE --specs=picolibc.specs)
		target_link_options(${target} INTERFACE --specs=picolibc.specs -nostartfiles)
		if(arg_INTEGER)
			# The specs turn this into --defsym=vfprintf=__i_vfprintf.
			target_link_options(${target} INTERFACE -DPICOLIBC_INTEGER_PRINTF_SCANF)
		endif()
		return()
	endif()

	find_program(PUDU_GCC ${PUDU_CROSS}gcc REQUIRED)
	execute_process(COMMAND ${PUDU_GCC} ${arg_GCC_ARCH} --specs=picolibc.specs
		-print-multi-directory OUTPUT_VARIABLE multilib OUTPUT_STRIP_TRAILING_WHITESPACE
		COMMAND_ERROR_IS_FATAL ANY)
	execute_process(COMMAND ${PUDU_GCC} ${arg_GCC_ARCH} -print-libgcc-file-name
		OUTPUT_VARIABLE libgcc OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
	find_path(PUDU_PICOLIBC include/picolibc.h PATH_SUFFIXES riscv64-unknown-elf
		PATHS /usr/lib/picolibc NO_DEFAULT_PATH REQUIRED)
	cmake_path(GET libgcc PARENT_PATH libgcc_folder)

	target_compile_options(${target} INTERFACE -ftls-model=local-exec
		-isystem ${PUDU_PICOLIBC}/include)
	target_link_options(${target} INTERFACE -fuse-ld=lld -nostdlib -Wl,--gc-sections -Wl,-X
		-L${PUDU_PICOLIBC}/lib/${multilib} -L${libgcc_folder})
	target_link_libraries(${target} INTERFACE -Wl,--start-group -lc -lgcc -Wl,--end-group)
	if(arg_INTEGER)
		target_link_options(${target} INTERFACE -Wl,--defsym=vfprintf=__i_vfprintf)
	endif()
endfunction()
