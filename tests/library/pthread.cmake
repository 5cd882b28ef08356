# SPDX-License-Identifier: MIT
# pthread.cmake - tests of <pthread.h>, <threads.h> and the C library in several threads.

foreach(name pthread_life pthread_own pthread_keys pthread_mutex pthread_cond pthread_locks pthread_cancel
		pthread_cancel_races pthread_storm posix_time c11_threads)
	check_program(${name} ${name}.c)
	check_test(library.${name} PROGRAM ${name} HARTS 1 4 LABELS calls)
	check_test(library.${name}.threads PROGRAM ${name} HARTS 4 TIME threads LABELS calls)
endforeach()

check_program(posix_semaphore posix_semaphore.c)
check_test(library.posix_semaphore PROGRAM posix_semaphore HARTS 1 4 LABELS calls)
check_test(library.posix_semaphore.threads PROGRAM posix_semaphore units=4000 HARTS 4 TIME threads
	LABELS calls)

# Whole lines come out, each from one thread.
check_program(libc_threads libc_threads.c)
foreach(time icount threads)
	set(suffix "")
	if(time STREQUAL "threads")
		set(suffix .threads)
	endif()
	check_test(library.libc_threads${suffix} PROGRAM libc_threads HARTS 4 TIME ${time} LABELS calls
		EXPECT "^line 19 of thread 3: the quick brown fox$"
		FORBID "line.*line" "^thread" "^the quick")
endforeach()
check_test(library.libc_threads PROGRAM libc_threads HARTS 1 LABELS calls)

# How programs of several threads end: way, exit code, what is printed.
pudu_test_program(posix_ends posix_ends.c)
function(posix_ends way code)
	foreach(time icount threads)
		set(name library.posix_ends.${way})
		if(time STREQUAL "threads")
			set(name ${name}.threads)
		endif()
		pudu_kernel_test(${name} PROGRAM posix_ends ${way} HARTS 4 TIME ${time} EXIT ${code}
			EXPECT ${ARGN} FORBID "nobody should" LABELS calls)
	endforeach()
	pudu_kernel_test(library.posix_ends.${way} PROGRAM posix_ends ${way} HARTS 1 EXIT ${code}
		EXPECT ${ARGN} FORBID "nobody should" LABELS calls)
endfunction()
posix_ends(first 0 "^the first thread joined: 0, with a value$" "^joined again: 1$"
	"^0 functions of atexit have run$")
posix_ends(last 0 "^0 functions of atexit have run$")
posix_ends(exit 7 "^0 functions of atexit have run$")
posix_ends(race 5 "^6 functions of atexit have run$")
posix_ends(return 3 "^0 functions of atexit have run$")
posix_ends(fault 139 "^a thread has ended the program: store page fault at 0x0$")
posix_ends(illegal 132 "^a thread has ended the program: illegal instruction")
posix_ends(guard 139 "^a thread has ended the program: store page fault")
