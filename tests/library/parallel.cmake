# SPDX-License-Identifier: MIT
# parallel.cmake - tests of channels, thread pools and green threads.

# Green threads: four workers, on however many harts.
check_program(green_threads green_threads.c green_registers.S)
check_test(library.green_threads PROGRAM green_threads HARTS 1 4 LABELS calls)
check_test(library.green_threads.threads PROGRAM green_threads many=10000 threads=5000 rounds=500
	HARTS 4 TIME threads LABELS calls)
check_program(green_ends green_ends.c)
check_test(library.green_ends PROGRAM green_ends HARTS 1 4 LABELS calls)
check_test(library.green_ends.threads PROGRAM green_ends HARTS 4 TIME threads LABELS calls)
# The program that shows them.
pudu_kernel_test(library.green PROGRAM green HARTS 1 4 INITRD ${CMAKE_BINARY_DIR}/initrd.cpio
	LABELS calls EXPECT "^100000 of 100000 ran exactly once, 100000 were there at once"
	"^0 pages of memory are not free")
pudu_kernel_test(library.green.threads PROGRAM green --threads 20000 --stack 4096 HARTS 4
	TIME threads INITRD ${CMAKE_BINARY_DIR}/initrd.cpio LABELS calls
	EXPECT "^20000 of 20000 ran exactly once" "^0 pages of memory are not free")

# Channels between address spaces.
foreach(name channel channel_hostile)
	check_program(${name} ${name}.c)
	check_test(library.${name} PROGRAM ${name} HARTS 1 4 LABELS calls)
endforeach()
check_test(library.channel.threads PROGRAM channel messages=200 HARTS 4 TIME threads LABELS calls)
check_test(library.channel_hostile.threads PROGRAM channel_hostile rounds=1000 HARTS 4 TIME threads
	LABELS calls)

# Thread pools.
check_program(pool pool.c)
check_test(library.pool PROGRAM pool HARTS 1 4 LABELS calls)
check_test(library.pool.threads PROGRAM pool rounds=20 HARTS 4 TIME threads LABELS calls)
check_program(pool_wakes pool_wakes.c)
check_test(library.pool_wakes PROGRAM pool_wakes HARTS 1 4 LABELS calls)
check_test(library.pool_wakes.threads PROGRAM pool_wakes HARTS 4 TIME threads LABELS calls)
