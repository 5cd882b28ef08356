#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""include_order.py - the layers of the kernel: see kernel/ORDER.

kernel/ORDER lists the files of the kernel in reading order, one path per line; # starts a comment.
A file includes only headers that are listed above it, and a .c or .S file its own header.
Every file of kernel/, asm/, include/kernel/ and include/riscv/ is listed, and no other.
"""
import pathlib
import re
import sys

FOLDERS = ("kernel", "asm", "include/kernel", "include/riscv")
SUFFIXES = {".c", ".h", ".S"}
GENERATED = {"offsets.h"}


def listed(root):
    """The paths of kernel/ORDER, in order."""
    lines = (root / "kernel/ORDER").read_text(encoding="utf-8").splitlines()
    words = [line.split("#")[0].split() for line in lines]
    return [row[0] for row in words if row]


def resolve(root, includer, name):
    """The path of an included file, or None if it is not of this tree."""
    for folder in (root / includer).parent, root / "include":
        path = folder / name
        if path.is_file():
            return path.resolve().relative_to(root).as_posix()
    return None


def includes(root, path):
    """The headers of this tree that a file includes, with the line numbers."""
    for number, line in enumerate((root / path).read_text(encoding="utf-8").splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*["<]([^">]+)[">]', line)
        if match and match.group(1) not in GENERATED:
            target = resolve(root, path, match.group(1))
            if target:
                yield number, target


def check(root):
    """All that is wrong, as lines of text."""
    order = listed(root)
    place = {path: index for index, path in enumerate(order)}
    present = {path.relative_to(root).as_posix() for folder in FOLDERS
               for path in (root / folder).iterdir() if path.suffix in SUFFIXES}
    for path in sorted(present - set(order)):
        yield f"kernel/ORDER: {path} is missing"
    for path in order:
        if not (root / path).is_file():
            yield f"kernel/ORDER: {path} does not exist"
        elif order.count(path) > 1:
            yield f"kernel/ORDER: {path} is listed twice"
    for path in sorted(present & set(order)):
        for number, target in includes(root, path):
            if target in place and place[target] > place[path]:
                yield f"{path}:{number}: includes {target}, which kernel/ORDER lists below it"
            elif target not in place and not target.startswith("include/abi/"):
                yield f"{path}:{number}: includes {target}, which kernel/ORDER does not list"


def main():
    if len(sys.argv) != 2 or sys.argv[1] == "--help":
        sys.exit(f"usage: include_order.py ROOT\n\n{__doc__}")
    wrong = list(check(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(wrong) if wrong else "include order: all right")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
