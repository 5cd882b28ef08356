#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""atomics.py - no compare-exchange in the kernel whose order GCC 12 gets wrong.

GCC 12 drops the release half of every compare-exchange that is not sequentially consistent in
both orders. So only atomic_compare_exchange_strong() is allowed, or the explicit form with
memory_order_seq_cst twice; the other atomic operations are right. The compiler's own __atomic_ and
__sync_ functions would get round this rule, so they are not allowed either.
"""
import pathlib
import re
import sys

FOLDERS = ("kernel", "include/kernel", "include/riscv")


def without_comments(text):
    """The text with comments blanked, lines kept."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.S)


def arguments(text, start):
    """What stands between the parentheses that open at start."""
    depth = 0
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return text[start:at]
    return text[start:]


def check(text):
    """(line, what is wrong) for each wrong place."""
    for match in re.finditer(r"\batomic_compare_exchange_(\w+)|\b(__atomic_\w+|__sync_\w+)", text):
        line = text.count("\n", 0, match.start()) + 1
        if match.group(2):
            yield line, f"{match.group(2)}: use <stdatomic.h>"
        elif match.group(1).startswith("weak"):
            yield line, "weak compare-exchange: use the strong one"
        elif match.group(1) == "strong_explicit":
            orders = re.findall(r"memory_order_\w+", arguments(text, text.index("(", match.end())))
            if orders != ["memory_order_seq_cst"] * 2:
                yield line, "GCC 12 drops release here: use atomic_compare_exchange_strong()"


def main():
    if len(sys.argv) != 2 or sys.argv[1] == "--help":
        sys.exit(f"usage: atomics.py ROOT\n\n{__doc__}")
    root = pathlib.Path(sys.argv[1])
    wrong = 0
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.[ch]")):
            for line, what in check(without_comments(path.read_text(encoding="utf-8"))):
                print(f"{path.relative_to(root)}:{line}: {what}")
                wrong += 1
    print(f"atomics: {wrong} wrong" if wrong else "atomics: all right")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
