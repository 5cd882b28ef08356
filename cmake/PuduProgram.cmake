# SPDX-License-Identifier: MIT
# PuduProgram.cmake - how a program for Pudu is built, inside this tree and outside of it.
#
#   pudu_add_program(name source...)     an executable; main() is called with argc, argv, envp
#   pudu_add_initrd(name program...)     the cpio archive name.cpio with these programs at its top
#   pudu_add_initrd(name PATH folder program... FILES file...)   in a folder; with plain files too

cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH PUDU_ROOT)
set(PUDU_ARCH -march=rv64gc -mabi=lp64d)

if(NOT TARGET pudu_program_flags)
	add_library(pudu_program_flags INTERFACE)
	target_compile_options(pudu_program_flags INTERFACE ${PUDU_ARCH} -mcmodel=medany -fno-pic
		-ffunction-sections -fdata-sections $<$<COMPILE_LANGUAGE:C>:-std=gnu17>
		$<$<C_COMPILER_ID:Clang>:-mno-relax>)	# lld 14 can't relax
	target_link_options(pudu_program_flags INTERFACE ${PUDU_ARCH} -mcmodel=medany
		-T${PUDU_ROOT}/user/user.ld -Wl,-z,max-page-size=4096 -Wl,--build-id=none
		-Wl,--gc-sections)
	target_include_directories(pudu_program_flags INTERFACE ${PUDU_ROOT}/user/include
		${PUDU_ROOT}/include ${GENERATED})
	pudu_use_picolibc(pudu_program_flags GCC_ARCH ${PUDU_ARCH})
endif()

function(pudu_add_program name)
	add_executable(${name} ${ARGN})
	# The C library calls into libpudu, and libpudu into the C library.
	target_link_libraries(${name} PRIVATE pudu_program_flags
		-Wl,--start-group pudu m c -Wl,--end-group)
	set_target_properties(${name} PROPERTIES LINK_DEPENDS ${PUDU_ROOT}/user/user.ld)
endfunction()

function(pudu_add_initrd name)
	cmake_parse_arguments(arg "" "PATH" "FILES" ${ARGN})
	find_program(PUDU_CPIO cpio)
	if(NOT PUDU_CPIO)
		message(FATAL_ERROR "cpio is missing: install the package cpio")
	endif()
	set(archive ${CMAKE_BINARY_DIR}/${name}.cpio)
	set(programs ${arg_UNPARSED_ARGUMENTS})
	set(paths ${arg_FILES})
	foreach(program ${programs})
		list(APPEND paths $<TARGET_FILE:${program}>)
	endforeach()
	add_custom_command(OUTPUT ${archive}
		COMMAND ${CMAKE_COMMAND} -DARCHIVE=${archive} -DCPIO=${PUDU_CPIO}
			-DOBJCOPY=${CMAKE_OBJCOPY} "-DFILES=${paths}" -DFOLDER=${arg_PATH}
			-P ${PUDU_ROOT}/cmake/initrd.cmake
		DEPENDS ${programs} ${paths} ${PUDU_ROOT}/cmake/initrd.cmake VERBATIM)
	add_custom_target(${name}.cpio ALL DEPENDS ${archive})
endfunction()
