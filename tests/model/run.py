#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py [--broken] [--small] MODEL.pml [-DNAME[=VALUE]...] - let SPIN try every interleaving.

Exit code 0: no error in the whole state space. With --broken, the other way round: the model is
wrong on purpose, and 0 means that SPIN caught it (by an assertion or a deadlock). With --small or
--broken, the search is short, and compiled without optimisation: that would take longer.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

COMPILE = ["cc", "-w", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=2000", "-DVECTORSZ=2048",
           "-o", "pan", "pan.c"]
SEARCH = ["./pan", "-m2000000"]


def run(command, folder):
    """Run a command that must succeed; its output."""
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0 or "Error:" in done.stdout:
        sys.exit(f"{' '.join(command)}:\n{done.stdout}")
    return done.stdout


def search(model, defines, optimise):
    """SPIN's verdict: (number of errors, states, the line that names the first error)."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(model, folder)
        run(["spin", "-a", *defines, pathlib.Path(model).name], folder)
        run(COMPILE + [optimise], folder)
        out = run(SEARCH, folder)
    errors = re.search(r"errors: (\d+)", out)
    states = re.search(r"(\d\S*) states, stored", out)
    if not errors or not states or "max search depth too small" in out or \
            "out of memory" in out or "reached -DMEMLIM" in out:
        sys.exit(f"the search did not end:\n{out}")
    first = re.search(r"pan:\d+: (.*)", out)
    return int(errors.group(1)), states.group(1), first.group(1) if first else ""


def main():
    arguments = sys.argv[1:]
    broken = "--broken" in arguments
    optimise = "-O0" if broken or "--small" in arguments else "-O2"
    arguments = [a for a in arguments if a not in ("--broken", "--small")]
    if not arguments or "--help" in arguments:
        sys.exit(f"usage: {__doc__}")
    if shutil.which("spin") is None:
        sys.exit("run.py: spin is missing: install the package spin")
    errors, states, first = search(arguments[0], arguments[1:], optimise)
    print(f"{' '.join(arguments)}: {errors} errors, {states} states {first}")
    sys.exit(0 if (errors > 0) == broken else 1)


if __name__ == "__main__":
    main()
