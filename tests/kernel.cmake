# SPDX-License-Identifier: MIT
# kernel.cmake - tests that boot the kernel in QEMU: one ctest entry per machine.
#
#   pudu_test_program(name source...)
#
# A user program that tests the kernel. It goes into the initrd of the tests; main() returning 0 is
# success, and its exit code becomes QEMU's.
#
#   pudu_kernel_test(name PROGRAM program [arguments...]
#       [HARTS n...] [MMU sv39|sv48...] [FORM elf|image|moved...] [TIME icount|threads...] [MEM size...]
#       [LABELS label...] [TIMEOUT seconds] [EXIT code] [EXPECT regex...] [FORBID regex...]
#       [APPEND kernel-option...] [CPU model] [MACHINE properties] [INITRD file|none] [DTB file]
#       [QEMU words] [NO_WATCHDOG])
#
# One test for each combination of HARTS, MMU, FORM, TIME and MEM; each has one value if it is not
# given: 1, the kernel's choice, elf, icount, 256M. A test's name is made of name and what makes it
# differ. icount runs the harts in turns by counted instructions, the same way every time; threads
# gives each a thread of the host, and has real races. The label kernel is always there, smp where
# there are several harts. Where no QEMU is fair to several harts under icount (tools/qemu-fair),
# they run in turns by the clock of the host. The form moved is the ELF, loaded 70 MiB further up.
# QEMU: more arguments of QEMU, in one string.

execute_process(COMMAND ${CMAKE_SOURCE_DIR}/tools/qemu-fair OUTPUT_VARIABLE PUDU_QEMU_FAIR
	OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(PUDU_QEMU_FAIR)
	message(STATUS "tests: several harts under icount by ${PUDU_QEMU_FAIR}")
else()
	message(STATUS "tests: no QEMU of 8.1 or later: tests of several harts in turns won't repeat")
endif()

# Where tests/meter counts the instructions of each test's entries into the kernel.
set(METER ${CMAKE_BINARY_DIR}/meter)

# GNU objcopy, whichever compiler is used: LLVM's can't move a load address.
find_program(PUDU_GNU_OBJCOPY riscv64-unknown-elf-objcopy REQUIRED)
set(PUDU_MOVE)
foreach(section .text .rodata .data .symbols .bss)
	list(APPEND PUDU_MOVE --change-section-lma ${section}+0x4600000)
endforeach()
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/pudu-moved.elf
	COMMAND ${PUDU_GNU_OBJCOPY} ${PUDU_MOVE} ${CMAKE_BINARY_DIR}/pudu.elf
		${CMAKE_BINARY_DIR}/pudu-moved.elf
	DEPENDS pudu.elf VERBATIM)
add_custom_target(pudu_moved ALL DEPENDS ${CMAKE_BINARY_DIR}/pudu-moved.elf)

function(pudu_test_program name)
	pudu_add_program(${name} ${ARGN})
	target_link_libraries(${name} PRIVATE pudu_warnings)
	set_property(GLOBAL APPEND PROPERTY PUDU_TEST_PROGRAMS ${name})
endfunction()

# The arguments of tests/qemu.py for one machine, and its name.
function(_pudu_machine harts mmu form time mem arguments)
	set(line --smp ${harts} --mem ${mem})
	if(NOT mmu STREQUAL "default")
		list(APPEND line --mmu ${mmu})
	endif()
	if(form STREQUAL "image")
		list(APPEND line --kernel ${CMAKE_BINARY_DIR}/Image)
	elseif(form STREQUAL "moved")
		list(APPEND line --kernel ${CMAKE_BINARY_DIR}/pudu-moved.elf)
	else()
		list(APPEND line --kernel ${CMAKE_BINARY_DIR}/pudu.elf)
	endif()
	if(time STREQUAL "icount" AND harts EQUAL 1)
		list(APPEND line --icount)
	elseif(time STREQUAL "icount" AND PUDU_QEMU_FAIR)
		list(APPEND line --icount --qemu ${PUDU_QEMU_FAIR})
	elseif(time STREQUAL "icount")
		list(APPEND line --turns)
	endif()
	set(${arguments} ${line} PARENT_SCOPE)
endfunction()

function(_pudu_check_values name option values)
	foreach(value ${ARGN})
		if(NOT value IN_LIST values)
			message(FATAL_ERROR "${name}: ${option} takes ${values}; not ${value}")
		endif()
	endforeach()
endfunction()

# One ctest entry.
function(_pudu_add_machine name)
	cmake_parse_arguments(arg "" "HARTS;FORM;TIME;TIMEOUT" "LINE;LABELS" ${ARGN})
	set(meter --meter ${METER} --name ${name})
	if(arg_FORM STREQUAL "image")
		set(meter)	# it has no symbols to name entries by
	endif()
	add_test(NAME ${name} COMMAND
		${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/qemu.py ${meter} ${arg_LINE})
	set_property(GLOBAL APPEND PROPERTY PUDU_KERNEL_TESTS ${name})
	set(labels kernel ${arg_LABELS})
	set(processors 1)
	if(arg_HARTS GREATER 1)
		list(APPEND labels smp)
		if(arg_TIME STREQUAL "threads")
			set(processors ${arg_HARTS})
		endif()
	endif()
	list(REMOVE_DUPLICATES labels)
	# The runner ends first and prints the machine; this limit is for a runner that hangs.
	math(EXPR limit "${arg_TIMEOUT} + 30")
	set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${limit}
		PROCESSORS ${processors})
endfunction()

function(pudu_kernel_test name)
	cmake_parse_arguments(arg "NO_WATCHDOG" "TIMEOUT;EXIT;CPU;MACHINE;INITRD;DTB;QEMU"
		"PROGRAM;HARTS;MMU;FORM;TIME;MEM;LABELS;EXPECT;FORBID;APPEND" ${ARGN})
	if(arg_UNPARSED_ARGUMENTS)
		message(FATAL_ERROR "pudu_kernel_test(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
	endif()
	foreach(default "HARTS=1" "MMU=default" "FORM=elf" "TIME=icount" "MEM=256M" "TIMEOUT=60"
			"EXIT=0" "CPU=rv64" "INITRD=${CMAKE_BINARY_DIR}/tests.cpio")
		string(REGEX MATCH "^([A-Z]+)=(.*)$" unused "${default}")
		if(NOT DEFINED arg_${CMAKE_MATCH_1})
			set(arg_${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
		endif()
	endforeach()
	_pudu_check_values(${name} MMU "default;sv39;sv48" ${arg_MMU})
	_pudu_check_values(${name} FORM "elf;image;moved" ${arg_FORM})
	_pudu_check_values(${name} TIME "icount;threads" ${arg_TIME})

	set(common --timeout ${arg_TIMEOUT} --expect-exit ${arg_EXIT} --cpu ${arg_CPU})
	if(NOT arg_INITRD STREQUAL "none")
		list(APPEND common --initrd ${arg_INITRD})
	endif()
	if(arg_NO_WATCHDOG)
		list(APPEND common --no-watchdog)
	endif()
	if(arg_DTB)
		list(APPEND common --dtb ${arg_DTB})
	endif()
	if(arg_MACHINE)
		list(APPEND common --machine-extra ${arg_MACHINE})
	endif()
	if(arg_QEMU)
		list(APPEND common "--qemu-arguments=${arg_QEMU}")
	endif()
	foreach(option ${arg_APPEND})
		list(APPEND common --append=${option})
	endforeach()
	foreach(regex ${arg_EXPECT})
		list(APPEND common --expect=${regex})
	endforeach()
	foreach(regex ${arg_FORBID})
		list(APPEND common --forbid=${regex})
	endforeach()

	foreach(harts ${arg_HARTS})
	foreach(mmu ${arg_MMU})
	foreach(form ${arg_FORM})
	foreach(time ${arg_TIME})
	foreach(mem ${arg_MEM})
		set(test ${name}-${harts})
		foreach(axis MMU FORM TIME MEM)
			list(LENGTH arg_${axis} length)
			string(TOLOWER ${axis} variable)
			if(length GREATER 1)
				string(APPEND test -${${variable}})
			endif()
		endforeach()
		_pudu_machine(${harts} ${mmu} ${form} ${time} ${mem} machine)
		_pudu_add_machine(${test} HARTS ${harts} FORM ${form} TIME ${time} TIMEOUT ${arg_TIMEOUT}
			LABELS ${arg_LABELS} LINE ${common} ${machine} ${arg_PROGRAM})
	endforeach()
	endforeach()
	endforeach()
	endforeach()
	endforeach()
endfunction()
