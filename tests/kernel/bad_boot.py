#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bad_boot.py - boots machines with something wrong; the kernel must say what, and end in failure.

What is wrong is made from the parts that work: the archive of the tests, its init, and the device
tree that QEMU makes. GROUP is initrd, init, tree or arguments.
"""
import argparse
import gzip
import pathlib
import struct
import subprocess
import sys
import tempfile

RUNNER = pathlib.Path(__file__).resolve().parent.parent / "qemu.py"
PANIC = r"PANIC on hart \d+: "


def newc(entries, trailer=True):
    """A cpio archive of (name, data) or (name, data, mode) entries."""
    archive = b""
    if trailer:
        entries = [*entries, ("TRAILER!!!", b"", 0)]
    for number, (name, data, *mode) in enumerate(entries):
        fields = (number, mode[0] if mode else 0o100755, 0, 0, 1, 0, len(data), 0, 0, 0, 0,
                  len(name) + 1, 0)
        archive += b"070701" + b"".join(b"%08x" % field for field in fields)
        archive += name.encode() + b"\0"
        archive += b"\0" * (-len(archive) % 4)
        archive += data + b"\0" * (-len(data) % 4)
    return archive


def initrds(init):
    """(name, bytes, what the kernel says) of archives that are no good."""
    good = newc([("init", init)])
    yield "no cpio archive", b"This is no archive.\n" * 50, "does not begin with 070701"
    yield "zeros", bytes(4096), "does not begin with 070701"
    yield "gzip", gzip.compress(good), "this is gzip"
    yield "another format", good.replace(b"070701", b"070702", 1), "format crc, not newc"
    yield "an ELF file", init, "this is an ELF file"
    yield "cut in its first header", good[:60], "(ends inside the header|not 8 hex digits)"
    yield "cut in its first file", good[:len(good) // 2], "file size .* runs past the end"
    yield "without its end", newc([("x", b"1234")], trailer=False), "without TRAILER"
    yield "a wrong digit", good[:8] + b"g" + good[9:], "inode is not 8 hex digits"
    yield "a name that is too long", good[:94] + b"7fffffff" + good[102:], "name size"
    yield "no init", newc([("x", b""), ("sbin/init", init)]), "no init among its 2 entries"
    yield "no entry", newc([]), "no init among its 0 entries"
    yield "a folder for init", newc([("init", b"", 0o040755)]), "init is not a file"


def put(data, offset, form, value):
    """The data with one number changed."""
    return data[:offset] + struct.pack(form, value) + data[offset + struct.calcsize(form):]


def inits(init):
    """(name, init, what the kernel says) of ELF files with one field wrong."""
    phoff = struct.unpack_from("<Q", init, 32)[0]
    number = struct.unpack_from("<H", init, 56)[0]
    load = next(phoff + 56 * i for i in range(number)
                if struct.unpack_from("<I", init, phoff + 56 * i)[0] == 1)
    yield "no ELF file", b"#!/bin/sh\n" * 20, "magic is"
    yield "empty", b"", "too few for a header"
    yield "cut in its header", init[:40], "too few for a header"
    yield "cut in a segment", init[:5000], "not in the file|program headers run past"
    for name, offset, form, value, words in (
            ("magic", 1, "B", 0x46, "magic is"),
            ("class", 4, "B", 1, "class is 1, expected 2"),
            ("data", 5, "B", 2, "data is 2, expected 1"),
            ("ident version", 6, "B", 0, "ident version is 0"),
            ("type", 16, "<H", 1, "type is 1, expected 2"),
            ("type", 16, "<H", 3, "link the program with -static"),
            ("machine", 18, "<H", 62, "machine is 62, expected 243"),
            ("version", 20, "<I", 2, "version is 2"),
            ("entry", 24, "<Q", 0, "entry 0x0 is in no executable segment"),
            ("entry", 24, "<Q", 0x10001, "entry 0x10001 is odd"),
            ("entry", 24, "<Q", 0xffffffff80000000, "in no executable segment"),
            ("phoff", 32, "<Q", 1 << 40, "phoff 0x10000000000"),
            ("phoff", 32, "<Q", (1 << 64) - 8, "phoff"),
            ("flags", 48, "<I", 6, "flags 0x6"),
            ("flags", 48, "<I", 0x80, "flags 0x80"),
            ("ehsize", 52, "<H", 52, "ehsize is 52"),
            ("phentsize", 54, "<H", 32, "phentsize is 32"),
            ("phnum", 56, "<H", 0, "phnum is 0"),
            ("phnum", 56, "<H", 0xffff, "phnum is 65535"),
            ("p_type", load, "<I", 3, "asks for an interpreter"),
            ("p_flags", load + 4, "<I", 0, "give no right"),
            ("p_flags", load + 4, "<I", 2, "W without R"),
            ("p_offset", load + 8, "<Q", 1 << 40, "not in the file"),
            ("p_offset", load + 8, "<Q", (1 << 64) - 4096, "not in the file"),
            ("p_vaddr", load + 16, "<Q", 0, "not in program memory"),
            ("p_vaddr", load + 16, "<Q", 0xffffffff80000000, "not in program memory"),
            ("p_vaddr", load + 16, "<Q", 0x3fc0000000, "not in program memory"),
            ("p_vaddr", load + 16, "<Q", 0x10800, "differ modulo align"),
            ("p_filesz", load + 32, "<Q", 1 << 40, "not in the file"),
            ("p_filesz", load + 32, "<Q", (1 << 64) - 1, "not in the file"),
            ("p_memsz", load + 40, "<Q", 1, "is more than memsz"),
            ("p_memsz", load + 40, "<Q", 1 << 37, "takes|not in program memory|shares a page"),
            ("p_memsz", load + 40, "<Q", (1 << 64) - 1, "not in program memory"),
            ("p_align", load + 48, "<Q", 3, "is not a power of two")):
        yield f"{name} {value:#x}", put(init, offset, form, value), "ELF: .*(" + words + ")"


class Machine:
    """Runs one machine after the other and keeps account."""
    def __init__(self, args, folder):
        self.args, self.folder, self.failed, self.count = args, folder, 0, 0

    def boot(self, what, *options, expect=(), code=1, program=("true",)):
        """One machine; expect: regular expressions of what must be printed."""
        line = [sys.executable, RUNNER, "--kernel", self.args.kernel, "--timeout", "20",
                "--expect-exit", str(code), *options]
        for pattern in expect:
            line.append(f"--expect={pattern}")
        done = subprocess.run([str(word) for word in [*line, *program]], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.count += 1
        if done.returncode == 0:
            print(f"{what}: all right")
        else:
            self.failed += 1
            text = done.stdout.decode(errors="replace").splitlines()
            print(f"{what}: FAIL\n" + "\n".join(text[-8:]))

    def tree(self, harts, *changes):
        """A device tree of QEMU's with changes: arguments of fdtput. Result: its path."""
        path = f"{self.folder}/tree{self.count}.dtb"
        subprocess.run(["qemu-system-riscv64", "-machine", f"virt,dumpdtb={path}", "-smp",
                        str(harts), "-m", "256M", "-display", "none"], check=True,
                       capture_output=True)
        for flags, *words in changes:
            subprocess.run(["fdtput", *flags.split(), path, *words], check=True)
        return path

    def file(self, data):
        """A file with these bytes. Result: its path."""
        path = pathlib.Path(f"{self.folder}/file{self.count}")
        path.write_bytes(data)
        return path


def test_initrd(machine, init):
    """Archives that are missing or malformed."""
    machine.boot("no initrd", "--icount", "--smp", "1", expect=[PANIC + "initrd: none was given"])
    for name, data, words in initrds(init):
        machine.boot(name, "--icount", "--smp", "1", "--initrd", machine.file(data),
                     expect=[PANIC + "initrd: .*" + words])


def test_init(machine, init):
    """An init that is no program."""
    for name, data, words in inits(init):
        machine.boot(name, "--icount", "--smp", "1", "--initrd",
                     machine.file(newc([("init", data)])),
                     expect=[PANIC + "init: not a program: .*" + words])


def test_tree(machine, _init):
    """Device trees that lack something, and some that only look odd."""
    initrd = ("--initrd", machine.args.initrd)
    some = machine.tree(4, ("-t s", "/cpus/cpu@1", "status", "disabled"),
                        ("-d", "/cpus/cpu@3", "mmu-type"))
    machine.boot("a disabled hart and one without MMU", "--smp", 4, "--dtb", some, *initrd,
                 code=0, expect=["all_harts_are_there"], program=("boot_info", "harts=2"))
    for hart in range(4):
        lone = machine.tree(4, *(("-t s", f"/cpus/cpu@{other}", "status", "disabled")
                                 for other in range(4) if other != hart))
        machine.boot(f"hart {hart} alone", "--smp", 4, "--dtb", lone, *initrd, code=0,
                     program=("boot_info", "harts=1"))
    half = machine.tree(1, ("-t x", "/chosen", "linux,initrd-start", "88000000"))
    machine.boot("an initrd without an end", "--smp", 1, "--dtb", half, code=machine.args.early,
                 expect=[PANIC + "device tree: .*linux,initrd-end is missing"])
    far = machine.tree(1, ("-t x", "/chosen", "linux,initrd-start", "70000000"),
                       ("-t x", "/chosen", "linux,initrd-end", "70001000"))
    machine.boot("an initrd outside RAM", "--smp", 1, "--dtb", far, code=machine.args.early,
                 expect=[PANIC + "device tree: .*is not in RAM"])
    none = machine.tree(1, ("-r", "/memory@80000000"))
    machine.boot("no RAM", "--smp", 1, "--dtb", none, *initrd, code=machine.args.early,
                 expect=[PANIC + "device tree: .*no RAM"])
    cells = machine.tree(1, ("-t x", "/memory@80000000", "reg", "0", "80000000", "0"))
    machine.boot("a reg that ends too early", "--smp", 1, "--dtb", cells, *initrd,
                 code=machine.args.early, expect=[PANIC + "device tree: .*memory@80000000"])
    clock = machine.tree(1, ("-t x", "/cpus", "timebase-frequency", "0"))
    machine.boot("a clock that stands still", "--smp", 1, "--dtb", clock, *initrd,
                 code=machine.args.early, expect=[PANIC + "device tree: .*timebase-frequency"])


def test_arguments(machine, _init):
    """Kernel options that there are not: told, and passed over."""
    common = ("--icount", "--smp", "1", "--initrd", machine.args.initrd)
    for word in ("nonsense", "mmu=sv57", "mmu=", "watchdog=soon", "watchdog=99999999999", "MMU=sv39"):
        machine.boot(word, *common, "--append", word, code=0,
                     expect=[f'boot argument "{word}": '])
    machine.boot("a word of 500 characters", *common, "--append", "x" * 500, code=0,
                 expect=['boot argument "x{40}"\\.\\.\\.: '])
    machine.boot("a line of 1100 characters", *common, "--append", "x" * 1100,
                 code=machine.args.early, expect=[PANIC + "device tree: .*bootargs has 1"])
    machine.boot("a program that is not there", *common, code=127, program=("nowhere",),
                 expect=["init: nowhere: not in the initrd", "init: the initrd holds:"])
    machine.boot("a program that crashes", *common, code=128 + 15, program=("crash",),
                 expect=["init: crash ended by a fault"])


def find(archive, name):
    """The data of a file in a cpio archive."""
    at = 0
    while True:
        size, length = (int(archive[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in (6, 11))
        start = at + 110 + length + (-(110 + length) % 4)
        if archive[at + 110:at + 109 + length].decode() == name:
            return archive[start:start + size]
        at = start + size + -size % 4


def main():
    groups = {"initrd": test_initrd, "init": test_init, "tree": test_tree,
              "arguments": test_arguments}
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initrd", required=True, help="a good one")
    parser.add_argument("--early", type=int, default=1, metavar="CODE",
                        help="exit code of a panic before the device tree was read")
    parser.add_argument("group", choices=groups)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pudu-test-") as folder:
        machine = Machine(args, folder)
        groups[args.group](machine, find(pathlib.Path(args.initrd).read_bytes(), "init"))
    print(f"{machine.count - machine.failed} passed, {machine.failed} failed")
    sys.exit(1 if machine.failed or not machine.count else 0)


if __name__ == "__main__":
    main()
