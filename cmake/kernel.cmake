# SPDX-License-Identifier: MIT
# kernel.cmake - the kernel: offsets.h, the objects, two links around the symbol table, the Image.

# Flags of every kernel object. gp and tp are the kernel's own: no relaxation by gp, no TLS.
# GCC 12 finds the multilib rv64ia/lp64 only if CSR instructions and fence.i are part of I, as they
# were in ISA spec 2.2.
if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
	if(CMAKE_C_COMPILER_VERSION VERSION_LESS 17)
		set(KERNEL_ARCH -march=rv64ia)
		set(KERNEL_FP_ARCH -march=rv64iafd)
	else()
		set(KERNEL_ARCH -march=rv64ia_zicsr_zifencei)
		set(KERNEL_FP_ARCH -march=rv64iafd_zicsr_zifencei)
	endif()
else()
	set(KERNEL_ARCH -march=rv64ia -misa-spec=2.2)
	set(KERNEL_FP_ARCH -march=rv64iafd)
endif()

add_library(kernel_machine INTERFACE)
target_compile_options(kernel_machine INTERFACE ${KERNEL_ARCH} -mabi=lp64 -mcmodel=medany -mno-relax
	-ffixed-x3 -ffixed-x4 -fno-common -ffreestanding -fno-stack-protector -fno-pic
	$<$<COMPILE_LANGUAGE:C>:-std=gnu17>)
target_link_options(kernel_machine INTERFACE ${KERNEL_ARCH} -mabi=lp64 -mcmodel=medany)
pudu_use_picolibc(kernel_machine INTEGER GCC_ARCH -march=rv64ia -misa-spec=2.2 -mabi=lp64)

add_library(kernel_flags INTERFACE)
target_link_libraries(kernel_flags INTERFACE kernel_machine pudu_warnings)
target_include_directories(kernel_flags INTERFACE ${CMAKE_SOURCE_DIR}/include ${GENERATED})
target_compile_definitions(kernel_flags INTERFACE PUDU_VERSION="${PROJECT_VERSION}")

pudu_add_libfdt(kernel_fdt kernel_machine)

# offsets.h: what assembly needs of C structs, computed by the compiler.
add_library(offsets OBJECT asm/offsets.c)
target_link_libraries(offsets PRIVATE kernel_flags)
add_custom_command(OUTPUT ${GENERATED}/offsets.h
	COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DOBJECT=$<TARGET_OBJECTS:offsets>
		-DHEADER=${GENERATED}/offsets.h -P ${CMAKE_SOURCE_DIR}/cmake/offsets.cmake
	DEPENDS offsets $<TARGET_OBJECTS:offsets> cmake/offsets.cmake VERBATIM)

add_library(kernel_objects OBJECT ${KERNEL_SOURCES} ${GENERATED}/offsets.h)
target_link_libraries(kernel_objects PRIVATE kernel_flags)
target_include_directories(kernel_objects SYSTEM PRIVATE ${PUDU_LIBFDT_SOURCE})
set_source_files_properties(asm/fp.S PROPERTIES COMPILE_OPTIONS ${KERNEL_FP_ARCH})

# One of the two links. They differ only in the symbol table, which lies behind code and data.
function(kernel_link target symbols)
	add_executable(${target} $<TARGET_OBJECTS:kernel_objects> ${symbols})
	target_link_libraries(${target} PRIVATE kernel_fdt kernel_flags)
	target_link_options(${target} PRIVATE -T${CMAKE_SOURCE_DIR}/linker.ld -Wl,--no-relax
		-Wl,-z,max-page-size=4096 -Wl,--build-id=none -Wl,--fatal-warnings
		-Wl,-Map=${CMAKE_BINARY_DIR}/${target}.map)
	set_target_properties(${target} PROPERTIES LINK_DEPENDS ${CMAKE_SOURCE_DIR}/linker.ld)
endfunction()

set(SYMBOLS ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tools/symbols.py --nm ${CMAKE_NM})
add_custom_command(OUTPUT ${GENERATED}/symbols-stage1.S
	COMMAND ${SYMBOLS} --empty --output ${GENERATED}/symbols-stage1.S
	DEPENDS tools/symbols.py VERBATIM)
kernel_link(pudu-stage1.elf ${GENERATED}/symbols-stage1.S)

add_custom_command(OUTPUT ${GENERATED}/symbols.S
	COMMAND ${SYMBOLS} --elf $<TARGET_FILE:pudu-stage1.elf> --output ${GENERATED}/symbols.S
	DEPENDS pudu-stage1.elf tools/symbols.py VERBATIM)
kernel_link(pudu.elf ${GENERATED}/symbols.S)

add_custom_command(TARGET pudu.elf POST_BUILD
	COMMAND ${SYMBOLS} --elf $<TARGET_FILE:pudu-stage1.elf> --check $<TARGET_FILE:pudu.elf>
	COMMAND ${CMAKE_OBJCOPY} -O binary $<TARGET_FILE:pudu.elf> ${CMAKE_BINARY_DIR}/Image
	BYPRODUCTS ${CMAKE_BINARY_DIR}/Image ${CMAKE_BINARY_DIR}/pudu.elf.map VERBATIM)
