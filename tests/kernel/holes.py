#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""holes.py - boots a machine whose RAM has holes, and looks at its memory when it is off.

The device tree tells of less RAM than QEMU has. All of it lies in a file that is full of one pattern where
the tree tells of RAM, and of another where it does not; the program holes writes to all memory that it
can get. Afterwards the second pattern must be untouched in every byte, and the first be gone in every bank
that has a whole page.
"""
import argparse
import mmap
import pathlib
import shlex
import subprocess
import sys
import tempfile

RUNNER = pathlib.Path(__file__).resolve().parent.parent / "qemu.py"
BASE, SIZE, PAGE = 0x80000000, 64 << 20, 4096
HOLE = bytes((0xa5, 0x5a, 0xc3, 0x3c)) * (PAGE // 4)
RAM = bytes((0x77, 0x66, 0x55, 0x44)) * (PAGE // 4)

# First byte and the one behind the last; QEMU puts the firmware, the kernel, the initrd (in the middle)
# and the device tree (at the end) into some.
BANKS = (
    (0x80000000, 0x80c80000),  # ends inside a block of 2 MiB,
    (0x80d00000, 0x81000000),  # which this one begins in: a hole in the middle of a block
    (0x81201000, 0x81203000),  # two pages
    (0x81400800, 0x81401000),  # half a page: none at all
    (0x81600400, 0x81601c00),  # a page and a half, in two: none
    (0x81955000, 0x82abc000),  # not on 2 MiB; the initrd
    (0x82abe800, 0x82ac2900),  # in the same block, not on pages
    (0x83000000, 0x84000000),  # the device tree
)
# What lies in a block with the bank before it, up to the end of the block, is given up.
SHARED = ((0x80d00000, 0x80e00000), (0x82abe800, 0x82ac2900))
FIRMWARE = 0x200000  # from the start on, nothing of it is given out


def usable(start, end):
    """The whole pages of a bank that are given out: first byte, and the one behind the last."""
    start = next((last for first, last in SHARED if first == start), start)
    return -(-start // PAGE) * PAGE, end // PAGE * PAGE


def make_tree(folder, harts):
    """QEMU's device tree with the banks as RAM: a node with most of them, and one with the last."""
    path = f"{folder}/holes.dtb"
    subprocess.run(["qemu-system-riscv64", "-machine", f"virt,dumpdtb={path}", "-smp", str(harts), "-m",
                    str(SIZE >> 20), "-display", "none"], check=True, capture_output=True)
    cells = [[f"{word:x}" for start, end in part for word in (0, start, 0, end - start)]
             for part in (BANKS[::-1][1:], BANKS[-1:])]  # in another order
    other = f"/memory@{BANKS[-1][0]:x}"
    for flags, *words in (("-t x", f"/memory@{BASE:x}", "reg", *cells[0]), ("-c", other),
                          ("-t s", other, "device_type", "memory"),
                          ("-t x", other, "reg", *cells[1])):
        subprocess.run(["fdtput", *flags.split(), path, *words], check=True)
    return path


def holes():
    """The ranges of the machine's memory that are in no bank."""
    at = BASE
    for start, end in (*BANKS, (BASE + SIZE, 0)):
        if start > at:
            yield at, start
        at = end


def cut(start, end):
    """The parts of a range, each in one page."""
    while start < end:
        size = min(PAGE - start % PAGE, end - start)
        yield start, size
        start += size


def fill(path):
    """A file for the memory: full of the patterns."""
    with open(path, "wb") as file:
        file.write(RAM * (SIZE // PAGE))
        for hole in holes():
            for at, size in cut(*hole):
                file.seek(at - BASE)
                file.write(HOLE[at % PAGE:at % PAGE + size])


def touched(memory, pattern, start, end):
    """The parts of a range that are not as they were."""
    return [at for at, size in cut(start, end)
            if memory[at - BASE:at - BASE + size] != pattern[at % PAGE:at % PAGE + size]]


def look(path):
    """What is wrong in the memory, as a list of sentences."""
    wrong = []
    with open(path, "rb") as file, \
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        for start, end in holes():
            for at in touched(memory, HOLE, start, end)[:1]:
                wrong.append(f"the hole {start:#x} to {end:#x} was written to, near {at:#x}")
        for start, end in BANKS:
            first, last = usable(start, end)
            rest = ((start, end),) if first >= last else ((start, first), (last, end))
            for at in [at for part in rest for at in touched(memory, RAM, *part)][:1]:
                wrong.append(f"RAM that is in no page was written to, near {at:#x}")
            if first < last and not touched(memory, RAM, first, last):
                wrong.append(f"the bank {start:#x} to {end:#x} was not used")
    return wrong


def run(args, folder):
    """One machine. Result: what is wrong."""
    memory = f"{folder}/memory"
    total = sum(end - start for start, end in BANKS)
    parts = [usable(*bank) for bank in BANKS]
    frames = sum(last - first for first, last in parts if first < last) // PAGE - FIRMWARE // PAGE
    fill(memory)
    backend = f"-object memory-backend-file,id=ram,size={SIZE},mem-path={memory},share=on"
    done = subprocess.run([sys.executable, str(RUNNER), "--kernel", args.kernel, "--initrd", args.initrd,
                           "--smp", str(args.smp), "--mem", f"{SIZE >> 20}M", "--timeout",
                           str(args.timeout), "--machine-extra", "memory-backend=ram",
                           f"--qemu-arguments={backend}", "--dtb", make_tree(folder, args.smp),
                           "--expect=^holes: [0-9]+ passed, 0 failed", *shlex.split(args.options),
                           "holes", f"bytes={total}", f"frames={frames}"], check=False)
    wrong = look(memory)
    if done.returncode != 0:
        wrong.append("the machine did not do what it should")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initrd", required=True)
    parser.add_argument("--smp", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=60)
    parser.add_argument("--options", default="", help="more options of qemu.py")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pudu-test-") as folder:
        wrong = run(args, folder)
    for sentence in wrong:
        print(f"holes.py: FAIL: {sentence}")
    print("holes.py: FAIL" if wrong else f"holes.py: PASS: {len(list(holes()))} holes are untouched")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
