#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""symbols.py - the symbol table that the kernel carries for its backtraces.

Reads the text symbols of a linked kernel and writes them as assembly:

    symbols_count    u32
    symbols_offsets  u32 each: bytes from text_start, ascending
    symbols_names    u32 each: where the name starts in symbols_blob
    symbols_blob     names, each ended by a zero byte
"""
import argparse
import subprocess
import sys


def text_symbols(nm, elf):
    """Sorted (offset, name) of the functions of an ELF, one name per offset."""
    done = subprocess.run([nm, elf], check=True, capture_output=True, text=True)
    address, functions = {}, []
    for line in done.stdout.splitlines():
        fields = line.split()
        if len(fields) != 3:
            continue
        value, kind, name = int(fields[0], 16), fields[1], fields[2]
        address[name] = value
        if kind in "TtWw" and not name.startswith(("$", ".")):
            functions.append((value, kind in "tw", name))
    for needed in ("text_start", "text_end"):
        if needed not in address:
            sys.exit(f"symbols.py: {elf} has no symbol {needed}: linker.ld must define it")
    start, end = address["text_start"], address["text_end"]
    marks = {"text_start", "text_end", "boot_text_end"}
    table = {}
    for value, _, name in sorted(functions):
        if start <= value < end and name not in marks:
            table.setdefault(value - start, name)
    return sorted(table.items())


def assembly(symbols):
    """The table as assembly text."""
    words = lambda values: "".join(f"\t.word\t{value}\n" for value in values)
    names, at = [], 0
    for _, name in symbols:
        names.append(at)
        at += len(name) + 1
    return ("/* Made by tools/symbols.py. */\n"
            "\t.section .symbols, \"a\"\n\t.balign 4\n"
            "\t.globl\tsymbols_count, symbols_offsets, symbols_names, symbols_blob\n"
            f"symbols_count:\n{words([len(symbols)])}"
            f"symbols_offsets:\n{words(offset for offset, _ in symbols)}"
            f"symbols_names:\n{words(names)}"
            "symbols_blob:\n" + "".join(f"\t.asciz\t\"{name}\"\n" for _, name in symbols))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nm", default="nm", help="the nm to use")
    parser.add_argument("--elf", help="the linked kernel")
    parser.add_argument("--empty", action="store_true", help="write a table without symbols")
    parser.add_argument("--output", help="the assembly file to write")
    parser.add_argument("--check", metavar="ELF",
                        help="fail if a text symbol of this kernel lies elsewhere than in --elf")
    args = parser.parse_args()

    symbols = [] if args.empty else text_symbols(args.nm, args.elf)
    if args.check and symbols != text_symbols(args.nm, args.check):
        moved = set(symbols) ^ set(text_symbols(args.nm, args.check))
        sys.exit(f"symbols.py: the symbol table is wrong: between the two links of the kernel "
                 f"these moved: {', '.join(sorted(name for _, name in moved)[:5])}. "
                 f".symbols must lie behind .text in linker.ld")
    if args.output:
        with open(args.output, "w", encoding="ascii") as file:
            file.write(assembly(symbols))


if __name__ == "__main__":
    main()
