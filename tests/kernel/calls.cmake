# SPDX-License-Identifier: MIT
# calls.cmake - the tests of waiting, deadlines and calls, included by CMakeLists.txt.

foreach(name calls_call calls_end)
	check_program(${name} ${name}.c server.c)
	check_test(kernel.${name} PROGRAM ${name} HARTS 1 2 4 MMU sv39 sv48 LABELS calls)
	check_test(kernel.${name}.threads PROGRAM ${name} HARTS 4 TIME threads LABELS calls)
endforeach()

# Floating-point registers that are only looked at.
check_program(calls_fp calls_fp.c)
check_test(kernel.calls_fp PROGRAM calls_fp HARTS 1 4 MMU sv39 sv48 LABELS calls)
check_test(kernel.calls_fp.slow PROGRAM calls_fp HARTS 1 4 APPEND fast=off LABELS calls)
check_test(kernel.calls_fp.threads PROGRAM calls_fp HARTS 4 TIME threads LABELS calls)

# The server of the tutorial.
pudu_kernel_test(kernel.serve PROGRAM serve HARTS 1 4 MMU sv39 sv48 LABELS calls
	EXPECT "5000 calls to another address space, sum 12502500" "the server ended with 0")

# The short ways in assembly do what the functions in C do.
foreach(name calls_wait calls_call calls_end calls_executor registers hammer)
	check_test(kernel.${name}.slow PROGRAM ${name} HARTS 1 4 APPEND fast=off LABELS calls)
endforeach()
check_program(short_ways short_ways.c)
add_test(NAME kernel.short_ways COMMAND ${Python3_EXECUTABLE}
	${CMAKE_CURRENT_SOURCE_DIR}/short_ways.py --kernel ${CMAKE_BINARY_DIR}/pudu.elf
	--initrd ${CMAKE_BINARY_DIR}/tests.cpio)
set_tests_properties(kernel.short_ways PROPERTIES LABELS "kernel;calls" TIMEOUT 240)

foreach(name deadlines deadline_storm)
	check_program(${name} ${name}.c sleepers.c sleepers_raw.S)
	check_test(kernel.${name} PROGRAM ${name} HARTS 1 2 4 LABELS calls)
	check_test(kernel.${name}.slow PROGRAM ${name} APPEND fast=off HARTS 1 4 LABELS calls)
endforeach()
check_test(kernel.deadlines.threads PROGRAM deadlines HARTS 4 TIME threads LABELS calls)
check_test(kernel.deadline_storm.threads PROGRAM deadline_storm storm=2000 rounds=200 HARTS 4
	TIME threads LABELS calls)

# 8 callers and 3 servers, with all that can happen to them.
check_program(calls_hammer calls_hammer.c calls_hammer_raw.S)
check_test(kernel.calls_hammer PROGRAM calls_hammer HARTS 1 2 4 LABELS calls)
check_test(kernel.calls_hammer.slow PROGRAM calls_hammer seed=2 APPEND fast=off HARTS 1 4
	LABELS calls)
check_test(kernel.calls_hammer.threads PROGRAM calls_hammer rounds=1000 ends=10 seed=3 HARTS 2 4
	TIME threads LABELS calls)

# Interrupts are counted. On several harts, where a second has fewer instructions, a whole 10 s.
check_program(tickless tickless.c)
check_test(kernel.tickless PROGRAM tickless milliseconds=300 slices=8 HARTS 1 LABELS calls)
check_test(kernel.tickless PROGRAM tickless HARTS 2 4 LABELS calls)
check_test(kernel.tickless.slow PROGRAM tickless APPEND fast=off HARTS 4 LABELS calls)

# Waits are measured in virtual time.
check_program(fairness fairness.c)
check_test(kernel.fairness PROGRAM fairness slices=3 HARTS 1 LABELS calls)
check_test(kernel.fairness PROGRAM fairness HARTS 2 4 LABELS calls)
check_test(kernel.fairness.slow PROGRAM fairness APPEND fast=off HARTS 4 LABELS calls)
check_test(kernel.fairness.threads PROGRAM fairness judge=0 slices=5 HARTS 4 TIME threads LABELS calls)

# Both sides fill all registers.
check_program(registers_calls registers_calls.c registers_check.c registers_raw.S)
check_test(kernel.registers_calls PROGRAM registers_calls HARTS 1 2 4 LABELS calls)
check_test(kernel.registers_calls.slow PROGRAM registers_calls APPEND fast=off HARTS 1 4
	LABELS calls)
check_test(kernel.registers_calls.threads PROGRAM registers_calls HARTS 4 TIME threads
	LABELS calls)

# 10^7 wake-ups each way, minutes: ctest -C Long -L long.
if(PUDU_QEMU_FAIR)
	add_test(NAME kernel.hammer.ten_million CONFIGURATIONS Long COMMAND ${Python3_EXECUTABLE}
		${CMAKE_SOURCE_DIR}/tests/qemu.py --timeout 7200 --icount --qemu ${PUDU_QEMU_FAIR}
		--smp 4 --mem 256M --kernel ${CMAKE_BINARY_DIR}/pudu.elf
		--initrd ${CMAKE_BINARY_DIR}/tests.cpio "--expect=^hammer: 3 passed, 0 failed"
		hammer rounds=10000000 pairs=1 ends=4)
	add_test(NAME kernel.calls_hammer.million CONFIGURATIONS Long COMMAND ${Python3_EXECUTABLE}
		${CMAKE_SOURCE_DIR}/tests/qemu.py --timeout 7200 --icount --qemu ${PUDU_QEMU_FAIR}
		--smp 4 --mem 256M --kernel ${CMAKE_BINARY_DIR}/pudu.elf
		--initrd ${CMAKE_BINARY_DIR}/tests.cpio "--expect=^calls_hammer: 3 passed, 0 failed"
		calls_hammer rounds=1000000 ends=2000)
	set_tests_properties(kernel.hammer.ten_million kernel.calls_hammer.million PROPERTIES
		LABELS long TIMEOUT 7230)
endif()
