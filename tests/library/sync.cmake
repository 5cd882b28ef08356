# SPDX-License-Identifier: MIT
# sync.cmake - tests of locks and what else threads wait for.

# sync_test(name): the program name.c, alone on a hart, on four, and on four that are real threads.
function(sync_test name)
	check_program(${name} ${name}.c threads.c)
	check_test(library.${name} PROGRAM ${name} rounds=1000 HARTS 1 4 LABELS calls)
	check_test(library.${name}.threads PROGRAM ${name} rounds=1000 HARTS 4 TIME threads
		LABELS calls)
endfunction()
foreach(name mutexes conditions semaphores rwlocks meetings events races robusts)
	sync_test(${name})
endforeach()
