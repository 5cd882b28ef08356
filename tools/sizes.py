#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sizes.py - how large the kernel is, read from the linker's map (GNU ld).

    kernel_text        code of the kernel itself: without boot code, libfdt and C library
    kernel_text_boot   its code that never runs again once the first program runs
    kernel_text_total  all code in the image
    kernel_image       the image in memory, with its bss
"""
import argparse
import re

BOOT_SECTIONS = (".head.text", ".text.boot")
BOOT_FILES = ("bootargs", "cpio", "dtb", "dtb_check", "dtb_cpus", "dtb_devices", "dtb_memory", "dtb_numa",
              "dtb_tree", "elf", "frame_boot", "hart", "init", "isa", "main", "paging")


def text_parts(text):
    """(section, bytes, object) of each piece of .text."""
    joined = re.sub(r"^( \.\S+)\n +0x", r"\1 0x", text, flags=re.M)
    for name, size, path in re.findall(
            r"^ (\.head\.text|\.text\S*)\s+0x[0-9a-f]+\s+0x([0-9a-f]+) (\S+)$", joined, re.M):
        yield name, int(size, 16), path


def symbol(text, name):
    """The value of a symbol that linker.ld defines."""
    return int(re.search(rf"^\s+0x([0-9a-f]+)\s+{name} = ", text, re.M).group(1), 16)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--map", required=True, help="the map of the kernel")
    parser.add_argument("--objects", action="store_true", help="list every object file, too")
    args = parser.parse_args()
    with open(args.map, encoding="utf-8") as file:
        text = file.read()
    text = text[text.index("Linker script and memory map"):]

    sums = {False: 0, True: 0}
    objects = {}
    for section, size, path in text_parts(text):
        if "kernel_objects.dir/" in path:
            name = path.split("kernel_objects.dir/")[1].removesuffix(".obj")
            boot = section in BOOT_SECTIONS or re.sub(r".*/|\.c$", "", name) in BOOT_FILES
            sums[boot] += size
            objects[boot, name] = objects.get((boot, name), 0) + size
    if args.objects:
        for (boot, name), size in sorted(objects.items(), key=lambda row: (row[0][0], -row[1])):
            print(f"{size:8} {name}{' (boot)' if boot else ''}")
    print(f"bench: kernel_text {sums[False]} bytes")
    print(f"bench: kernel_text_boot {sums[True]} bytes")
    print(f"bench: kernel_text_total {symbol(text, 'text_end') - symbol(text, 'text_start')} bytes")
    print(f"bench: kernel_image {symbol(text, 'image_size')} bytes")


if __name__ == "__main__":
    main()
