/* SPDX-License-Identifier: MIT */
/*
 * dtb_devices.c - the few devices that the kernel itself may use. It can do without each of them,
 * so what is wrong with one is noted, and the device left alone.
 */
#include <string.h>

#include "kernel/dtb_tree.h"

#define ALIAS_MAX 32

static const struct {
	const char *compatible;
	enum uart_kind kind;
} uarts[] = {
	{ "ns16550a", UART_NS16550 },
	{ "ns16550", UART_NS16550 },
	{ "snps,dw-apb-uart", UART_NS16550 },
	{ "sifive,uart0", UART_SIFIVE },
};

/* The first node with @compatible that is not disabled; negative: none. */
static int find_device(const struct dtb *dtb, const char *compatible)
{
	int node = fdt_next_node(dtb->fdt, -1, NULL);

	while (node >= 0 && !(dtb_compatible(dtb, node, compatible) && dtb_available(dtb, node)))
		node = fdt_next_node(dtb->fdt, node, NULL);
	return node;
}

/* @range of the first device with @compatible; false: there is none. */
static bool read_device(const struct dtb *dtb, const char *compatible, struct range *range)
{
	int node = find_device(dtb, compatible);

	if (node < 0)
		return false;
	if (dtb_device(dtb, node, range) == 0)
		return true;
	dtb_note_failure(dtb, "the device is not used");
	*range = (struct range){ 0 };
	return false;
}

static enum uart_kind uart_kind_of(const struct dtb *dtb, int node)
{
	for (size_t i = 0; i < sizeof uarts / sizeof uarts[0]; i++)
		if (dtb_compatible(dtb, node, uarts[i].compatible))
			return uarts[i].kind;
	return UART_NONE;
}

/* The node of a path or an alias, up to @length characters. libfdt's own way trusts the alias. */
static int find_path(const struct dtb *dtb, const char *path, size_t length)
{
	char alias[ALIAS_MAX];

	if (length > 0 && path[0] == '/')
		return fdt_path_offset_namelen(dtb->fdt, path, (int)length);

	int aliases = fdt_path_offset(dtb->fdt, "/aliases");

	if (aliases < 0 || length == 0 || length >= sizeof alias)
		return DTB_NO_NODE;
	memcpy(alias, path, length);
	alias[length] = 0;

	const char *target = dtb_string(dtb, aliases, alias);

	if (target == NULL || target[0] != '/')
		return DTB_NO_NODE;
	return fdt_path_offset(dtb->fdt, target);
}

/* The device of /chosen/stdout-path, without the options behind a colon; negative: none. */
static int find_stdout(const struct dtb *dtb)
{
	int chosen = fdt_path_offset(dtb->fdt, "/chosen");
	const char *path = chosen < 0 ? NULL : dtb_string(dtb, chosen, "stdout-path");

	if (path == NULL)
		return DTB_NO_NODE;

	int node = find_path(dtb, path, strcspn(path, ":"));

	if (node < 0) {
		dtb_note(dtb, chosen, "stdout-path leads nowhere");
		return DTB_NO_NODE;
	}
	if (uart_kind_of(dtb, node) == UART_NONE || !dtb_available(dtb, node)) {
		dtb_note(dtb, node, "is stdout, but no UART that Pudu knows");
		return DTB_NO_NODE;
	}
	return node;
}

static int find_uart(const struct dtb *dtb)
{
	int node = find_stdout(dtb);

	for (size_t i = 0; i < sizeof uarts / sizeof uarts[0] && node < 0; i++)
		node = find_device(dtb, uarts[i].compatible);
	return node;
}

static int read_uart(const struct dtb *dtb, int node)
{
	struct platform *out = dtb->out;
	uint64_t shift = 0, width = 1;

	if (dtb_device(dtb, node, &out->uart) != 0 ||
	    dtb_number(dtb, node, "reg-shift", &shift) < 0 ||
	    dtb_number(dtb, node, "reg-io-width", &width) < 0)
		return -1;
	if (shift > 3)
		return dtb_fail(dtb, node, "reg-shift is %llu, expected 0 to 3",
				(unsigned long long)shift);
	if (width != 1 && width != 2 && width != 4)
		return dtb_fail(dtb, node, "reg-io-width is %llu, expected 1, 2 or 4",
				(unsigned long long)width);
	out->uart_kind = uart_kind_of(dtb, node);
	out->uart_reg_shift = (unsigned)shift;
	out->uart_io_width = (unsigned)width;
	return 0;
}

void dtb_devices(const struct dtb *dtb)
{
	struct range test;
	int uart = find_uart(dtb);

	if (uart >= 0 && read_uart(dtb, uart) != 0) {
		dtb_note_failure(dtb, "the UART is not used");
		dtb->out->uart = (struct range){ 0 };
	}
	if (!read_device(dtb, "sifive,plic-1.0.0", &dtb->out->plic))
		read_device(dtb, "riscv,plic0", &dtb->out->plic);
	if (read_device(dtb, "sifive,test0", &test))
		dtb->out->test_finisher = test.base;
}
