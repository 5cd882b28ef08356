/* SPDX-License-Identifier: MIT */
/* dtb.c - see dtb.h. */
#include "kernel/dtb.h"

#include <string.h>

#include "kernel/dtb_tree.h"

static int read_bootargs(const struct dtb *dtb)
{
	int chosen = fdt_path_offset(dtb->fdt, "/chosen"), size;
	const char *text = chosen < 0 ? NULL : fdt_getprop(dtb->fdt, chosen, "bootargs", &size);

	if (text == NULL)
		return 0;

	const char *end = memchr(text, 0, (size_t)size);

	if (end == NULL)
		return dtb_fail(dtb, chosen, "bootargs has no final 0");
	if (end - text >= PLATFORM_BOOTARGS)
		return dtb_fail(dtb, chosen, "bootargs has %ld characters, at most %d",
				(long)(end - text), PLATFORM_BOOTARGS - 1);
	memcpy(dtb->out->bootargs, text, (size_t)(end - text) + 1);
	return 0;
}

int dtb_parse(const void *fdt, size_t room, uint64_t fdt_base, uint64_t boot_hart,
	      struct platform *out, char *why, size_t why_size)
{
	struct dtb dtb = { fdt, out, boot_hart, why, why_size };

	why[0] = 0;
	memset(out, 0, sizeof *out);
	if (dtb_check(&dtb, room) != 0)
		return -1;
	out->fdt_base = fdt_base;
	out->fdt_size = fdt_totalsize(fdt);
	dtb_devices(&dtb); /* first: with the test device even a bad tree has an exit code */
	dtb_numa(&dtb);
	if (read_bootargs(&dtb) != 0 || dtb_memory(&dtb) != 0 || dtb_cpus(&dtb) != 0)
		return -1;
	return 0;
}
