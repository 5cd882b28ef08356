#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""qemu.py - boots one machine for one test and judges what it prints and how it ends.

The test passes if QEMU exits with the expected code in time (a program's exit code reaches it
through the machine's test device), every --expect was printed and no --forbid was. After
--timeout seconds the machine hangs: the registers of all harts are printed, and the test fails.
The kernel's own watchdog goes off a little earlier and prints all executors.
"""
import argparse
import os
import pathlib
import re
import select
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
sys.dont_write_bytecode = True
import machine  # pylint: disable=wrong-import-position

# A QEMU that is not the installed one complains of the modules of the installed one.
MODULES = re.compile(rb"\S+: failed to (open|initialize) module: |Only modules from the same ")


def parse():
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    machine.add_options(parser)
    parser.add_argument("--timeout", type=float, default=60, metavar="SECONDS")
    parser.add_argument("--no-watchdog", action="store_true",
                        help="leave the kernel's watchdog off")
    parser.add_argument("--expect-exit", type=int, default=0, metavar="CODE")
    parser.add_argument("--expect", action="append", default=[], metavar="REGEX")
    parser.add_argument("--forbid", action="append", default=[], metavar="REGEX")
    parser.add_argument("--meter", type=pathlib.Path, metavar="FOLDER",
                        help="count the instructions of each entry into the kernel by the plugin "
                        "in this folder")
    parser.add_argument("--name", default="unnamed", help="of the test, for what is counted")
    return parser.parse_args()


def monitor_command(path, text):
    """What QEMU's monitor answers to a command."""
    answer = b""
    with socket.socket(socket.AF_UNIX) as monitor:
        monitor.settimeout(5)
        monitor.connect(path)
        monitor.sendall(text.encode() + b"\n")
        try:
            while answer.count(b"(qemu)") < 2:
                part = monitor.recv(65536)
                if not part:
                    break
                answer += part
        except TimeoutError:
            pass
    return answer.decode(errors="replace").replace("\r", "")


def functions(kernel):
    """Sorted (address, name) of the functions in the ELF beside (or equal to) the kernel."""
    elf = pathlib.Path(kernel).parent / "pudu.elf"
    for tool in ("nm", "llvm-nm", "llvm-nm-14", "riscv64-unknown-elf-nm"):
        try:
            done = subprocess.run([tool, str(elf)], capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        rows = [line.split() for line in done.stdout.splitlines()]
        return sorted((int(row[0], 16), row[2]) for row in rows
                      if len(row) == 3 and row[1] in "tT" and not row[2].startswith(("$", ".")))
    return []


def function_at(address, table):
    """The function of the kernel that an address is in, of a table of functions()."""
    before = [name for start, name in table if start <= address]
    return before[-1] if before else f"{address:#x}"


def dump(path, kernel):
    """Prints the registers of all harts, and in which function of the kernel each is."""
    try:
        text = monitor_command(path, "info registers -a")
    except OSError as error:
        print(f"qemu.py: the monitor does not answer: {error}")
        return
    print(text)
    table = functions(kernel)
    for hart, pc in enumerate(re.findall(r"^ pc\s+([0-9a-f]+)", text, re.M)):
        address = int(pc, 16)
        before = [entry for entry in table if entry[0] <= address]
        where = "user mode or firmware" if address >> 63 == 0 or not before else \
            f"{before[-1][1]}+{address - before[-1][0]:#x}"
        print(f"qemu.py: hart {hart}: pc {pc}: {where}")


def pass_through(process, deadline):
    """Copies the output line by line; returns all of it, and whether the time was over."""
    output, line, pipe = [], b"", process.stdout.fileno()
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return b"".join(output) + line, True
        part = os.read(pipe, 65536)
        if not part:
            sys.stdout.buffer.write(line)
            return b"".join(output) + line, False
        *whole, line = (line + part).replace(b"\r", b"").split(b"\n")
        for text in whole:
            if MODULES.match(text):
                continue
            output.append(text + b"\n")
            sys.stdout.buffer.write(text + b"\n")
        sys.stdout.buffer.flush()


def judge(options, code, output):
    """What is wrong, as a list of sentences."""
    wrong = []
    if code != options.expect_exit:
        wrong.append(f"exit code {code}, not {options.expect_exit}")
    for pattern in options.expect:
        if not re.search(pattern, output, re.M):
            wrong.append(f"nothing printed matches: {pattern}")
    for pattern in options.forbid:
        match = re.search(pattern, output, re.M)
        if match:
            wrong.append(f"printed what must not be: {match.group(0)!r} ({pattern})")
    return wrong


def meter(options):
    """The arguments that make QEMU count, if it can: see tests/meter."""
    if not options.meter:
        return []
    result = options.meter / "results" / f"{options.name}.tsv"
    result.unlink(missing_ok=True)
    usable = options.meter / "usable"
    if not usable.exists() or shutil.which(options.qemu) not in usable.read_text().splitlines():
        return []
    result.parent.mkdir(exist_ok=True)
    words = [str(options.meter / "meter.so"), f"result={result}"]
    return ["-plugin", ",".join(word.replace(",", ",,") for word in words)]


def watchdog_seconds(options):
    """When the kernel's watchdog goes off, in seconds of the machine's own time."""
    seconds = int(max(options.timeout - 5, options.timeout * 0.75, 1))
    # Of several harts under icount a second is 10^9 / 2^SMP_SHIFT instructions: soon over.
    return seconds * 8 if options.icount and options.smp > 1 else seconds


def main():
    options = parse()
    machine.need_qemu(options)
    watchdog = [] if options.no_watchdog else [f"watchdog={watchdog_seconds(options)}"]
    with tempfile.TemporaryDirectory(prefix="pudu-test-") as folder:
        path = f"{folder}/monitor"
        line = machine.command(options, "-serial", "stdio", "-monitor",
                               f"unix:{path},server=on,wait=off", *meter(options),
                               kernel_options=watchdog)
        print("qemu.py:", shlex.join(line), flush=True)
        started = time.monotonic()
        with subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as process:
            output, hangs = pass_through(process, started + options.timeout)
            if hangs:
                print(f"\nqemu.py: no end after {options.timeout:.0f} s; registers of all harts:")
                dump(path, options.kernel)
                process.kill()
            code = process.wait()
    wrong = ["it hangs"] if hangs else judge(options, code, output.decode(errors="replace"))
    for sentence in wrong:
        print(f"qemu.py: FAIL: {sentence}")
    if not wrong:
        print(f"qemu.py: PASS in {time.monotonic() - started:.1f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
