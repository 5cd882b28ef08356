/* SPDX-License-Identifier: MIT */
/* watch.c - see watch.h. */
#define _GNU_SOURCE
#include "watch.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Of QEMU; each is written once, under the lock. */
static _Atomic(const void *) cpus[HARTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool copies, one_hart;

int qemu_plugin_version;

/* Before QEMU reads the version. */
__attribute__((constructor)) static void choose_version(void)
{
	qemu_plugin_version = qemu_plugin_n_vcpus != NULL ? 1 : PLUGIN_PER_VCPU;
}

bool watch_start(const struct plugin_info *info)
{
	copies = info->version.current >= PLUGIN_COPIES;
	one_hart = info->machine.harts == 1;
	return one_hart || dlsym(RTLD_DEFAULT, "current_cpu") != NULL;
}

/* Its place among the harts, taken at its first block. */
static unsigned new_hart(const void *cpu)
{
	unsigned hart = 0;

	pthread_mutex_lock(&lock);
	while (atomic_load_explicit(&cpus[hart], memory_order_relaxed) != NULL)
		if (++hart == HARTS)
			abort();
	atomic_store_explicit(&cpus[hart], cpu, memory_order_relaxed);
	pthread_mutex_unlock(&lock);
	return hart;
}

unsigned watch_hart(void)
{
	if (one_hart)
		return 0;
	const void *cpu = current_cpu;

	for (unsigned hart = 0; hart < HARTS; hart++)
		if (atomic_load_explicit(&cpus[hart], memory_order_relaxed) == cpu)
			return hart;
	return new_hart(cpu);
}

uint32_t watch_word(const struct qemu_plugin_insn *instruction)
{
	uint32_t word = 0;

	if (qemu_plugin_insn_size(instruction) != sizeof word)
		return 0;
	if (copies)
		plugin_insn_copy(instruction, &word, sizeof word);
	else
		memcpy(&word, plugin_insn_bytes(instruction), sizeof word);
	return word;
}

void watch(struct qemu_plugin_insn *instruction, plugin_executed callback, void *data)
{
	qemu_plugin_register_vcpu_insn_exec_cb(instruction, callback, PLUGIN_WITHOUT_REGS, data);
}
