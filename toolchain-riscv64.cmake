# SPDX-License-Identifier: MIT
# toolchain-riscv64.cmake - which compiler: GCC for bare-metal RV64, or clang and lld.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)	# there is no crt0 to link a probe with

set(PUDU_COMPILER gcc CACHE STRING "gcc or clang")
set(PUDU_CROSS riscv64-unknown-elf- CACHE STRING "prefix of the GCC tools")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PUDU_COMPILER PUDU_CROSS)

if(PUDU_COMPILER STREQUAL "clang")
	find_program(PUDU_CLANG NAMES clang clang-14 REQUIRED)
	find_program(CMAKE_NM NAMES llvm-nm llvm-nm-14 REQUIRED)
	find_program(CMAKE_OBJCOPY NAMES llvm-objcopy llvm-objcopy-14 REQUIRED)
	find_program(CMAKE_AR NAMES llvm-ar llvm-ar-14 REQUIRED)
	find_program(CMAKE_RANLIB NAMES llvm-ranlib llvm-ranlib-14 REQUIRED)
	set(CMAKE_C_COMPILER ${PUDU_CLANG})
	set(CMAKE_ASM_COMPILER ${PUDU_CLANG})
	set(CMAKE_C_COMPILER_TARGET riscv64-unknown-elf)
	set(CMAKE_ASM_COMPILER_TARGET riscv64-unknown-elf)
else()
	set(CMAKE_C_COMPILER ${PUDU_CROSS}gcc)
	set(CMAKE_ASM_COMPILER ${PUDU_CROSS}gcc)
endif()

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
