#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usable.py - writes which QEMUs can load the plugin that counts: one path per line.

A QEMU may be built without plugins, or be too new for this one. Then its tests run unmeasured.
"""
import argparse
import shutil
import subprocess


def loads(qemu, plugin):
    """Does this QEMU start with the plugin?"""
    line = [qemu, "-machine", "none", "-display", "none", "-serial", "none", "-monitor", "stdio",
            "-plugin", plugin.replace(",", ",,")]
    try:
        done = subprocess.run(line, input="quit\n", stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{qemu} does not start: {error}")
        return False
    if done.returncode:
        print(f"{qemu} does not load the plugin: {done.stderr.strip()}")
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugin", required=True, metavar="FILE")
    parser.add_argument("--list", required=True, metavar="FILE", help="what to write")
    parser.add_argument("qemu", nargs="*")
    options = parser.parse_args()
    found = {shutil.which(qemu) for qemu in options.qemu} - {None}
    with open(options.list, "w", encoding="utf-8") as file:
        file.writelines(f"{qemu}\n" for qemu in sorted(found) if loads(qemu, options.plugin))


if __name__ == "__main__":
    main()
