#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""harness.py - tests the test runner itself: that a failure and a hang can't pass unseen.

Boots small machines through tests/qemu.py, and looks at its verdict and at what it printed.
"""
import argparse
import pathlib
import subprocess
import sys

RUNNER = pathlib.Path(__file__).resolve().parent.parent / "qemu.py"

# (what, options of the runner with the program, exit code of the runner, what it must print)
CASES = (
    ("a good end passes", ["--timeout", "30", "true"], 0, ["PASS in"]),
    ("an exit code is seen", ["--timeout", "30", "exit", "7"], 1, ["exit code 7, not 0"]),
    ("an exit code can be wanted", ["--timeout", "30", "--expect-exit", "7", "exit", "7"], 0,
     ["PASS in"]),
    ("a missing line is seen", ["--timeout", "30", "--expect", "^never$", "true"], 1,
     ["nothing printed matches: ^never$"]),
    ("a forbidden line is seen", ["--timeout", "30", "--forbid", "^Hello", "hello"], 1,
     ["printed what must not be: 'Hello'"]),
    ("the kernel's watchdog ends a hang", ["--timeout", "12", "hang"], 1,
     ["watchdog", "exit code", "hang"]),
    ("the runner ends a hang", ["--timeout", "4", "--no-watchdog", "hang"], 1,
     ["no end after 4 s", "CPU#1", "hart 1: pc", "it hangs"]),
    ("the runner ends a loop", ["--timeout", "4", "--no-watchdog", "hang", "spin"], 1,
     ["no end after 4 s", "user mode or firmware", "it hangs"]),
)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initrd", required=True)
    args = parser.parse_args()
    failed = 0
    for what, words, code, parts in CASES:
        done = subprocess.run([sys.executable, RUNNER, "--kernel", args.kernel, "--initrd",
                               args.initrd, "--smp", "2", *words], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        missing = [part for part in parts if part not in done.stdout]
        if done.returncode == code and not missing:
            print(f"{what}: all right")
            continue
        failed += 1
        print(f"{what}: the runner ended with {done.returncode}, not {code}; "
              f"missing in its output: {missing}; all of it:\n{done.stdout}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
