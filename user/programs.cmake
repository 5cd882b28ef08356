# SPDX-License-Identifier: MIT
# programs.cmake - the programs of the initrd; PUDU_PROGRAMS lists them.
pudu_add_program(init init/init.c)
pudu_add_program(hello programs/hello.c)
pudu_add_program(true programs/true.c)
pudu_add_program(exit programs/exit.c)
pudu_add_program(crash programs/crash.c)
pudu_add_program(ring programs/ring.c)
pudu_add_program(demo programs/demo/demo.c programs/demo/table.c programs/demo/harts.c
	programs/demo/ring.c programs/demo/sieve.c)
pudu_add_program(bench programs/bench/bench.c programs/bench/calls.c programs/bench/ticks.c
	programs/bench/objects.c programs/bench/memory.c programs/bench/faults.c
	programs/bench/sync.c programs/bench/parallel.c programs/bench/harts.c
	programs/bench/wake.c programs/bench/yields.c)
pudu_add_program(green programs/green.c)
pudu_add_program(serve programs/serve.c)
set(PUDU_PROGRAMS init hello true exit crash ring serve demo bench green)
