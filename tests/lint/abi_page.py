#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""abi_page.py - docs/abi.md is what tools/abi.py makes of the table of system calls."""
import difflib
import pathlib
import subprocess
import sys
import tempfile


def main():
    if len(sys.argv) != 2 or sys.argv[1] == "--help":
        sys.exit(f"usage: abi_page.py ROOT\n\n{__doc__}")
    root = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        made = pathlib.Path(folder) / "abi.md"
        subprocess.run([sys.executable, root / "tools/abi.py", "--docs", made], check=True)
        now = (root / "docs/abi.md").read_text(encoding="utf-8").splitlines()
        then = made.read_text(encoding="utf-8").splitlines()
    difference = list(difflib.unified_diff(now, then, "docs/abi.md", "the table", lineterm="", n=1))
    if difference:
        print("\n".join(difference))
        sys.exit("docs/abi.md is out of date: run tools/abi.py --docs docs/abi.md")
    print("docs/abi.md: all right")


if __name__ == "__main__":
    main()
