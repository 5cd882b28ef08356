#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""style.py - what every file of the tree keeps to, as far as a script can tell.

The licence in the first lines; lines of at most 120 columns with tabs of 8, while 100 is the aim;
no blanks at the end of a line; one newline at the end of a file; C and assembly files of at most
300 lines.
"""
import pathlib
import sys

CODE = {".c", ".h", ".S", ".def"}
SCRIPTS = {".py", ".cmake", ".sh", ".ld", ".dts", ".dtsi"}
FOLDERS = ("asm", "cmake", "dts", "include", "kernel", "tests", "tools", "user", ".ci")
COLUMNS = 120  # the limit; aim at 100
LINES = 300


def files(root):
    """All files of the tree that have rules."""
    yield from (root / name for name in ("CMakeLists.txt", "linker.ld", "toolchain-riscv64.cmake"))
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            script = path.suffix == "" and path.parent.name in ("tools", ".ci")
            if path.is_file() and (path.suffix in CODE | SCRIPTS or script
                                   or path.name == "CMakeLists.txt"):
                yield path


def check(path):
    """(line, what is wrong) for each wrong place."""
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    if "SPDX-License-Identifier: MIT" not in "\n".join(lines[:2]):
        yield 1, "SPDX-License-Identifier: MIT is missing"
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield len(lines), "a file ends with one newline"
    if path.suffix in CODE and len(lines) > LINES + 1:
        yield len(lines), f"more than {LINES} lines: split the file"
    for number, line in enumerate(lines, 1):
        if len(line.expandtabs(8)) > COLUMNS:
            yield number, f"{len(line.expandtabs(8))} columns; aim at 100"
        if line != line.rstrip():
            yield number, "blanks at the end of the line"


def main():
    if len(sys.argv) != 2 or sys.argv[1] == "--help":
        sys.exit(f"usage: style.py ROOT\n\n{__doc__}")
    root = pathlib.Path(sys.argv[1])
    wrong = 0
    for path in files(root):
        for line, what in check(path):
            print(f"{path.relative_to(root)}:{line}: {what}")
            wrong += 1
    print(f"style: {wrong} wrong" if wrong else "style: all right")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
