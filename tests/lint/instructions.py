#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""instructions.py - the kernel runs on RV64IA: no M, C, F, D or V instruction in the image.

Reads the machine code itself. Left out are the image header and asm/fp.S, whose code runs only
on harts that have floating point.
"""
import argparse
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

HEADER = 64	# bytes: the image header of the RISC-V boot protocol
FLOAT_OPCODES = {0x07, 0x27, 0x43, 0x47, 0x4b, 0x4f, 0x53}
FLOAT_CSRS = {1, 2, 3}


def extension(word):
    """The extension beyond RV64IA that an instruction belongs to, or None."""
    opcode, funct3, funct7 = word & 0x7f, word >> 12 & 7, word >> 25
    if word & 3 != 3:
        return "C"
    if opcode in FLOAT_OPCODES or (opcode == 0x73 and funct3 and word >> 20 in FLOAT_CSRS):
        return "F, D or V"
    if opcode == 0x57:
        return "V"
    if opcode in (0x33, 0x3b) and funct7 == 1:
        return "M"
    return None


def float_ranges(text):
    """(start, end) of the code of asm/fp.S, from the linker's map."""
    joined = re.sub(r"^( \.\S+)\n +0x", r"\1 0x", text[text.index("Linker script"):], flags=re.M)
    rows = re.findall(r"^ \.text\S*\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) \S*asm/fp\.S\S*$", joined, re.M)
    return [(int(start, 16), int(start, 16) + int(size, 16)) for start, size in rows]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objcopy", required=True)
    parser.add_argument("--elf", required=True, help="the kernel")
    parser.add_argument("--map", required=True, help="its map, by GNU ld")
    args = parser.parse_args()

    text = pathlib.Path(args.map).read_text(encoding="utf-8")
    start = int(re.search(r"0x([0-9a-f]+)\s+text_start = ", text).group(1), 16)
    allowed = float_ranges(text)
    with tempfile.TemporaryDirectory() as folder:
        binary = pathlib.Path(folder) / "text"
        subprocess.run([args.objcopy, "-O", "binary", "-j", ".text", args.elf, binary], check=True)
        code = binary.read_bytes()

    wrong = 0
    for at in range(HEADER, len(code) - 3, 4):
        address, word = start + at, struct.unpack_from("<I", code, at)[0]
        if any(low <= address < high for low, high in allowed):
            continue
        found = extension(word)
        if found:
            print(f"{address:#x}: {word:08x}: an instruction of extension {found}")
            wrong += 1
    print(f"instructions: {wrong} wrong" if wrong else
          f"instructions: all right ({len(code)} bytes, {len(allowed)} parts of asm/fp.S left out)")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
