#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""litmus.py [--herd COMMAND] FILE.litmus... - let herd7 try the shapes of memory accesses by RVWMO.

A shape is an outcome that must not be. Exit code 0: herd7 finds each Never; but one whose file name
ends in -weak lacks an order that the kernel has, and must be found Sometimes.
"""
import argparse
import pathlib
import re
import shlex
import subprocess
import sys


def main():
    """Judge each file."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--herd", default="herd7", metavar="COMMAND")
    parser.add_argument("files", nargs="+", type=pathlib.Path, metavar="FILE.litmus")
    options = parser.parse_args()
    wrong = 0
    for path in options.files:
        wanted = "Sometimes" if path.stem.endswith("-weak") else "Never"
        done = subprocess.run([*shlex.split(options.herd), str(path)], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        found = re.search(r"^Observation \S+ (\w+)", done.stdout, re.M)
        if found is None:
            sys.exit(f"{path.name}: herd7 says nothing of it:\n{done.stdout}")
        print(f"{path.name}: {found.group(1)}, wanted {wanted}")
        wrong += found.group(1) != wanted
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
