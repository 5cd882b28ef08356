#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""machine.py - the QEMU command line of a Pudu machine: one place for run, test and bench.

Started by itself, it boots the machine on this terminal, or prints the line (--print).
"""
import argparse
import os
import pathlib
import shlex
import shutil
import sys

QEMU = "qemu-system-riscv64"
SMP_SHIFT = 6
FIRMWARE = pathlib.Path("/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin")


def add_options(parser):
    """The options that describe a machine."""
    parser.add_argument("--kernel", required=True, help="pudu.elf or Image")
    parser.add_argument("--initrd", help="cpio archive with the programs")
    parser.add_argument("--smp", type=int, default=4, metavar="N", help="harts, 1 to 8")
    parser.add_argument("--mem", default="256M", metavar="SIZE", help="memory: 64M, 4G, ...")
    parser.add_argument("--mmu", choices=("sv39", "sv48"), help="paging mode")
    parser.add_argument("--cpu", default="rv64", help="CPU model of QEMU, with its properties")
    parser.add_argument("--machine-extra", default="", metavar="PROPERTIES",
                        help="more properties of the machine: aclint=on,...")
    parser.add_argument("--qemu-arguments", default="", metavar="WORDS",
                        help="more arguments of QEMU, as a shell would split them")
    parser.add_argument("--bios", help="firmware instead of the packaged OpenSBI")
    parser.add_argument("--dtb", help="device tree instead of QEMU's own")
    parser.add_argument("--icount", action="store_true",
                        help="virtual time counts instructions: every run is the same (with "
                        "several harts only by a --qemu of tools/qemu-fair)")
    parser.add_argument("--turns", action="store_true",
                        help="run the harts in turns on one thread of the host")
    parser.add_argument("--qemu", default=QEMU, help="another QEMU")
    parser.add_argument("--append", action="append", default=[], metavar="OPTIONS",
                        help="kernel options")
    parser.add_argument("program", nargs="?", help="program of the initrd to run")
    parser.add_argument("args", nargs=argparse.REMAINDER, help="its arguments")


def bootargs(options, extra=()):
    """KERNEL OPTIONS -- PROGRAM ARGS"""
    words = [f"mmu={options.mmu}"] if options.mmu else []
    words += [*options.append, *extra]
    if options.program:
        words += ["--", options.program, *options.args]
    return " ".join(words)


def command(options, *extra, kernel_options=()):
    """The QEMU command as a list; extra: further arguments (serial port, monitor)."""
    machine = "virt" + ("," + options.machine_extra if options.machine_extra else "")
    bios = options.bios or (FIRMWARE if FIRMWARE.exists() else "default")
    line = [options.qemu, "-machine", machine, "-cpu", options.cpu, "-smp", str(options.smp),
            "-m", options.mem, "-bios", str(bios), "-display", "none", "-no-reboot", *extra]
    if options.icount:
        # 2^shift ns for each instruction. A hart that spins waits for another for some ms of this
        # time: with several harts, fewer instructions make that bearable.
        line += ["-icount", f"shift={0 if options.smp == 1 else SMP_SHIFT},sleep=off"]
    if options.turns:
        line += ["-accel", "tcg,thread=single"]
    if options.dtb:
        line += ["-dtb", options.dtb]
    line += shlex.split(options.qemu_arguments)
    line += ["-kernel", str(options.kernel)]
    if options.initrd:
        line += ["-initrd", str(options.initrd)]
    append = bootargs(options, kernel_options)
    return line + ["-append", append] if append else line


def need_qemu(options):
    """Ends with a message if there is no QEMU."""
    if not shutil.which(options.qemu):
        sys.exit(f"{options.qemu} is missing: install the package qemu-system-misc")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--print", action="store_true", help="print the command and stop")
    parser.add_argument("--gdb", metavar="SOCKET",
                        help="wait for a debugger at this socket before the first instruction")
    options = parser.parse_args()

    extra = ["-serial", "mon:stdio"]
    if options.gdb:
        extra += ["-S", "-chardev", f"socket,path={options.gdb},server=on,wait=off,id=gdb",
                  "-gdb", "chardev:gdb"]
    line = command(options, *extra)
    if options.print:
        print(shlex.join(line))
        return 0
    need_qemu(options)
    os.execvp(line[0], line)


if __name__ == "__main__":
    sys.exit(main())
