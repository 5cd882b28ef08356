#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""report.py - the longest time with interrupts off: judges what the tests of this build measured.

Reads what tests/meter/meter.c wrote for each test since the kernel was built, and prints the five
longest entries into the kernel: for each kind of entry the longest one, the test it was seen in,
and the functions where most of it was spent. Exit code: 0, 1 if one is over the limit, 77 if
nothing was measured: that test counts as skipped.
"""
import argparse
import collections
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.dont_write_bytecode = True
import qemu  # pylint: disable=wrong-import-position

ROWS = 5
NOT_MEASURED = 77

Entry = collections.namedtuple("Entry", "kind instructions firmware most_firmware waited pcs test")


def entries(path):
    """What one test measured: the longest entry of each kind on each hart."""
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, _, *numbers, pcs = line.split("\t")
        yield Entry(kind or "no symbols", *map(int, numbers),
                    [int(pc, 16) for pc in pcs.split(",") if pc], path.stem)


def results(build, since):
    """What the tests wrote that ran since the kernel and the plugin were built, and since then."""
    made = [build / "pudu.elf", build / "meter" / "meter.so"]
    oldest = max([since, *(path.stat().st_mtime for path in made if path.exists())])
    return [path for path in sorted((build / "meter" / "results").glob("*.tsv"))
            if path.stat().st_mtime >= oldest]


def longest_of_each_kind(found):
    """One entry for each kind, the longest first."""
    best = {}
    for entry in found:
        if entry.kind not in best or entry.instructions > best[entry.kind].instructions:
            best[entry.kind] = entry
    return sorted(best.values(), key=lambda entry: -entry.instructions)


def where(pcs, table):
    """The two functions that most samples are in."""
    names = collections.Counter(qemu.function_at(pc, table) for pc in pcs)
    return ", ".join(f"{name} {100 * count // len(pcs)} %" for name, count in names.most_common(2))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--limit", type=int, metavar="INSTRUCTIONS")
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N")
    parser.add_argument("--since", type=float, default=0, metavar="SECONDS",
                        help="only tests that ended since then, in seconds since 1970")
    options = parser.parse_args()
    files = results(options.build, options.since)
    if not files:
        print("longest entry: not measured: no kernel test has run since the kernel was built, "
              "or QEMU here takes no plugins")
        return NOT_MEASURED
    found = [entry for path in files for entry in entries(path)]
    if not any(entry.kind.startswith("sys_") for entry in found):
        print(f"longest entry: FAIL: {len(files)} tests were measured, and no system call was seen: "
              "does tests/meter/meter.c still know the first instruction of the trap vector?")
        return 1

    best = longest_of_each_kind(found)
    table = qemu.functions(options.build / "pudu.elf")
    print(f"longest entry: {best[0].instructions} instructions of the kernel with interrupts off "
          f"({len(files)} tests)")
    print(f"  {'INSTRUCTIONS':>12}  {'ENTRY':20} {'TEST':36} MOSTLY IN")
    for entry in best[:options.rows]:
        print(f"  {entry.instructions:12}  {entry.kind:20} {entry.test:36} "
              f"{where(entry.pcs, table)}".rstrip())
    slow = max(found, key=lambda entry: entry.most_firmware)
    print(f"  firmware, which is not judged: at most {slow.most_firmware} instructions in an entry "
          f"({slow.kind}, {slow.test})")
    if options.limit is None or best[0].instructions <= options.limit:
        return 0
    over = ", ".join(entry.kind for entry in best if entry.instructions > options.limit)
    print(f"longest entry: FAIL: over the limit of {options.limit} instructions: {over}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
