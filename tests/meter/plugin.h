/* SPDX-License-Identifier: MIT */
/*
 * plugin.h - the part of QEMU's interface for plugins that meter.c uses.
 *
 * Debian packages no header of it. Source: QEMU, "QEMU TCG Plugins" (docs/devel/tcg-plugins), whose
 * section "API" lists each function. What is declared here is the same in versions 1 to 5 of the
 * interface, but for qemu_plugin_insn_data.
 */
#ifndef METER_PLUGIN_H
#define METER_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_EXPORT	    __attribute__((visibility("default")))
#define PLUGIN_WITHOUT_REGS 0 /* a callback that reads no register of the machine */

/* The first version whose qemu_plugin_insn_data copies, and that which has lost
 * qemu_plugin_n_vcpus. */
enum { PLUGIN_COPIES = 3, PLUGIN_PER_VCPU = 2 };

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

struct plugin_info {
	const char *target;
	struct {
		int oldest; /* that this QEMU loads */
		int current;
	} version;
	bool system;
	struct {
		int harts;
		int most_harts;
	} machine;
};

typedef void (*plugin_translated)(plugin_id id, struct qemu_plugin_tb *block);
typedef void (*plugin_executed)(unsigned hart, void *data);
typedef void (*plugin_ended)(plugin_id id, void *data);

/* One function, whose type has changed: up to version 2 it returns where the bytes are; since
 * version 3 it copies @size of them to @to, and returns how many. */
const void *
plugin_insn_bytes(const struct qemu_plugin_insn *instruction) __asm__("qemu_plugin_insn_data");
size_t plugin_insn_copy(const struct qemu_plugin_insn *instruction, void *to,
			size_t size) __asm__("qemu_plugin_insn_data");

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);
const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, plugin_translated callback);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, plugin_executed callback,
					  int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
					    plugin_executed callback, int flags, void *data);
void qemu_plugin_register_atexit_cb(plugin_id id, plugin_ended callback, void *data);

/* Only in version 1: how to tell it before QEMU looks at qemu_plugin_version. */
int qemu_plugin_n_vcpus(void) __attribute__((weak));

/*
 * The hart that the thread plays, for comparing only; found by dlsym(), since it is no part of the
 * interface. QEMU 10 tells the callbacks the index of the hart that a block was translated for, if
 * one thread plays several harts; they share blocks.
 */
extern __thread const void *current_cpu __attribute__((weak, tls_model("initial-exec")));

/* What a plugin exports. */
extern PLUGIN_EXPORT int qemu_plugin_version;
PLUGIN_EXPORT int qemu_plugin_install(plugin_id id, const struct plugin_info *info, int count,
				      char **words);

#endif
