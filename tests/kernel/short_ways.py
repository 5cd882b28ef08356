#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""short_ways.py - the program short_ways prints the same with the short ways of the kernel and without.

Runs it twice, by tests/qemu.py: once as the kernel boots, once with the boot argument fast=off; and
compares the lines "digest SEED NUMBER EVENTS".
"""
import argparse
import pathlib
import subprocess
import sys


def digests(args, append):
    """The digest lines of one run; ends this program if that fails."""
    runner = pathlib.Path(__file__).resolve().parent.parent / "qemu.py"
    command = [sys.executable, str(runner), "--kernel", args.kernel, "--initrd", args.initrd,
               "--smp", "1", "--icount", "--timeout", "100", *append, "short_ways",
               f"seeds={args.seeds}"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line.strip() for line in run.stdout.splitlines() if line.startswith("digest ")]
    if run.returncode != 0 or len(lines) != args.seeds:
        print(run.stdout[-4000:], run.stderr[-2000:])
        sys.exit(f"short_ways.py: FAIL: exit code {run.returncode}, {len(lines)} digests "
                 f"with {append or 'the short ways'}")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initrd", required=True)
    parser.add_argument("--seeds", type=int, default=300)
    args = parser.parse_args()

    fast, slow = digests(args, []), digests(args, ["--append", "fast=off"])
    differ = [(a, b) for a, b in zip(fast, slow) if a != b]
    for a, b in differ[:10]:
        print(f"with the short ways: {a}; without: {b}")
    if differ:
        sys.exit(f"short_ways.py: FAIL: {len(differ)} of {len(fast)} seeds differ")
    print(f"short_ways.py: PASS: {len(fast)} seeds, the same")


if __name__ == "__main__":
    main()
