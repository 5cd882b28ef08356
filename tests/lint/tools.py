#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools.py - the tools say what they do: help, dry run, missing tools, wrong options."""
import os
import pathlib
import subprocess
import sys
import tempfile

NEEDED = ("sh", "bash", "env", "cat", "cut", "dirname", "fold", "grep", "head", "id", "printf", "sed",
          "sort", "stty", "uname")
MISSING = {"cmake": "cmake", "ninja": "ninja-build", "cpio": "cpio", "dtc": "device-tree-compiler",
           "qemu-system-riscv64": "qemu-system-misc", "python3": "python3",
           "riscv64-unknown-elf-gcc": "gcc-riscv64-unknown-elf"}


class Failure(Exception):
    """A tool did not do what it should."""


def run(*command, path=None):
    """(exit code, all output)"""
    environment = dict(os.environ, **({"PATH": path} if path else {}))
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, env=environment, check=False)
    return done.returncode, done.stdout


def expect(truth, what, output):
    """Ends the test if something is not so."""
    if not truth:
        raise Failure(f"{what}; the output was:\n{output}")


def every_tool_has_help(root):
    """--help works, and fits 80 columns in the tools that people call."""
    for name in ("run", "test", "verify", "bench", "doctor", "build", "debian-source", "qemu-fair"):
        code, output = run(root / "tools" / name, "--help")
        expect(code == 0 and output.startswith("usage:"), f"tools/{name} --help fails", output)
        expect(max(map(len, output.splitlines())) <= 80, f"tools/{name} --help is too wide", output)


def dry_run_prints_the_command(root):
    """tools/run -n prints one line that has all that was asked for."""
    code, output = run(root / "tools/run", "-n", "--smp", "2", "--mem", "64M", "--mmu", "sv48",
                       "--append", "watchdog=9", "hello", "a", "--b")
    expect(code == 0 and output.count("\n") == 1, "tools/run -n does not print one line", output)
    for part in ("qemu-system-riscv64 -machine virt", "-smp 2 -m 64M", "-serial mon:stdio",
                 "build/release/pudu.elf", "'mmu=sv48 watchdog=9 -- hello a --b'"):
        expect(part in output, f"tools/run -n lacks {part}", output)
    _, output = run(root / "tools/run", "-n", "--debug", "--gdb")
    for part in ("build/debug/pudu.elf", "gdb.sock", " -S ", "'-- demo'"):
        expect(part in output, f"tools/run -n --debug --gdb lacks {part}", output)


def wrong_options_are_named(root):
    """A mistake is answered with what was wrong."""
    for words, part in ((["--smp", "9"], "1 to 8, not 9"), (["--smp", "0"], "1 to 8, not 0"),
                        (["--mmu", "sv57"], "not sv57"), (["--mem"], "needs a value"),
                        (["--colour"], "unknown option --colour")):
        code, output = run(root / "tools/run", *words)
        expect(code == 2 and part in output, f"tools/run {words} does not say: {part}", output)


def missing_tools_are_named(root):
    """doctor names the package of each tool that is not there."""
    with tempfile.TemporaryDirectory() as folder:
        for name in NEEDED:
            found = next((pathlib.Path(part) / name for part in os.environ["PATH"].split(":")
                          if (pathlib.Path(part) / name).exists()), None)
            if found:
                (pathlib.Path(folder) / name).symlink_to(found)
        code, output = run(root / "tools/doctor", path=folder)
    expect(code == 1, "tools/doctor is content without tools", output)
    for tool, package in MISSING.items():
        expect(any(tool in line and line.endswith(f"package {package}")
                   for line in output.splitlines()), f"doctor does not name {package}", output)


def main():
    if len(sys.argv) != 2 or sys.argv[1] == "--help":
        sys.exit(f"usage: tools.py ROOT\n\n{__doc__}")
    root = pathlib.Path(sys.argv[1]).resolve()
    for test in (every_tool_has_help, dry_run_prints_the_command, wrong_options_are_named,
                 missing_tools_are_named):
        try:
            test(root)
        except Failure as failure:
            sys.exit(f"{test.__name__}: {failure}")
        print(f"{test.__name__}: all right")


if __name__ == "__main__":
    main()
