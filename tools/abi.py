#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""abi.py - all that is made from include/abi/syscalls.def, what it includes, and status.def.

    --calls FILE  <pudu/calls.h>: the numbers, and a C function for each system call
    --names FILE  <pudu/names.inc>: SYSCALL_NAME(number, "name") lines
    --docs FILE   docs/abi.md: the reference of the system calls
"""
import argparse
import pathlib
import re
import sys
from dataclasses import dataclass, field


@dataclass
class Call:
    """One system call; entries are (name, text) pairs."""
    number: int
    name: str
    arguments: list
    comment: str
    text: str = ""
    sections: dict = field(default_factory=dict)


@dataclass
class Status:
    """One answer of a system call."""
    value: int
    name: str
    meaning: str


def uncomment(comment):
    """The text of a C comment block, without its stars."""
    body = re.sub(r"^/\*|\*/$", "", comment.strip())
    return [re.sub(r"^\s*\* ?", "", line).rstrip() for line in body.strip("\n").split("\n")]


def parse_comment(call):
    """Splits the comment of a call into its text and its sections of (name, text) entries."""
    section, text = None, []
    for line in uncomment(call.comment):
        head = re.match(r"(Arguments|Results|Errors):\s*(.*)$", line)
        entry = re.match(r"  (\w+)(?:\s{2,}(.*))?$", line)
        if head:
            section = head.group(1)
            call.sections[section] = []
            if head.group(2):
                call.sections[section].append((None, head.group(2)))
        elif section is None:
            text.append(line.strip())
        elif entry:
            call.sections[section].append((entry.group(1), entry.group(2) or ""))
        elif line.strip():
            if not call.sections[section]:
                sys.exit(f"abi.py: {call.name}: no entry before the line: {line}")
            name, so_far = call.sections[section][-1]
            call.sections[section][-1] = (name, f"{so_far} {line.strip()}".strip())
    call.text = " ".join(filter(None, text))


def check(call, statuses):
    """A call whose comment does not fit its line is a mistake in the table."""
    named = [name for name, _ in call.sections.get("Arguments", []) if name]
    if named != call.arguments:
        sys.exit(f"abi.py: {call.name} has the arguments {call.arguments}, but explains {named}")
    if len(call.arguments) > 7 or len(results(call)) > 6:
        sys.exit(f"abi.py: {call.name} has more than seven arguments or six results")
    if "Errors" not in call.sections:
        sys.exit(f"abi.py: {call.name} does not list its errors")
    for name, _ in call.sections["Errors"]:
        if name and name not in {status.name for status in statuses}:
            sys.exit(f"abi.py: {call.name} names {name}, which status.def does not have")


def with_included(path):
    """The text of a table, with the tables that it includes (as "abi/NAME") in their places."""
    return re.sub(r'^#include "abi/(.*)"$',
                  lambda match: with_included(path.parent / match.group(1)),
                  path.read_text(encoding="utf-8"), flags=re.M)


def read(folder):
    """(calls, statuses) of the tables."""
    text = with_included(folder / "syscalls.def")
    statuses = [Status(int(value), name, meaning) for value, name, meaning in
                re.findall(r'^STATUS\((-?\d+),\s*(\w+),\s*"(.*)"\)$',
                           (folder / "status.def").read_text(encoding="utf-8"), re.M)]
    calls = []
    for comment, number, arguments in re.findall(
            r"^(/\*(?:(?!\*/).)*\*/)\nSYSCALL\((\d+), *([^)]*)\)$", text, re.M | re.S):
        name, *names = [word.strip() for word in arguments.split(",")]
        calls.append(Call(int(number), name, names, comment))
        parse_comment(calls[-1])
        check(calls[-1], statuses)
    if len(calls) != len(re.findall(r"^SYSCALL\(", text, re.M)):
        sys.exit("abi.py: a line SYSCALL(...) lacks the comment above it")
    numbers = [call.number for call in calls]
    if numbers != sorted(set(numbers)):
        sys.exit("abi.py: a number is used twice, or the calls are not in order of their numbers")
    return calls, statuses


def results(call):
    """The results of a call that have names."""
    return [name for name, _ in call.sections.get("Results", []) if name]


def call_function(call):
    """The C function of a call: its comment, and one ecall."""
    n = len(results(call))
    kind = "struct pudu_" + ("result" if n <= 1 else "results" if n <= 3 else "words")
    parameters = ", ".join(f"uint64_t {name}" for name in call.arguments) or "void"
    lines = [call.comment, f"static inline {kind} pudu_{call.name}({parameters})", "{"]
    operands = []
    for index in range(7):
        known = index < len(call.arguments)
        value = f" = {call.arguments[index]}" if known else ""
        lines.append(f"\tregister uint64_t pudu_a{index} __asm__(\"a{index}\"){value};")
        if index == 6 and not known:
            known, lines[-1] = True, lines[-1].replace(";", " = 0;")
        operands.append(f"\"{'+' if known else '='}r\"(pudu_a{index})")
    lines += [f"\tregister uint64_t pudu_a7 __asm__(\"a7\") = PUDU_SYSCALL_{call.name};", "",
              "\t__asm__ volatile(\"ecall\"",
              f"\t\t: {', '.join(operands[:3])},",
              f"\t\t  {', '.join(operands[3:])}, \"+r\"(pudu_a7)",
              "\t\t:: PUDU_CLOBBERS);"]
    words = ", ".join(f"pudu_a{index}" for index in range(1, 4 if n <= 3 else 7))
    values = "pudu_a1" if n <= 1 else f"{{ {words} }}"
    lines += [f"\treturn ({kind}){{ (int64_t)pudu_a0, {values} }};", "}", ""]
    return "\n".join(lines)


CALLS = """\
/* SPDX-License-Identifier: MIT */
/* calls.h - the system calls as C functions. Made by tools/abi.py from abi/syscalls.def. */
#ifndef PUDU_CALLS_H
#define PUDU_CALLS_H

#include <stdint.h>

#include "abi/executor.h"
#include "abi/memory.h"
#include "abi/status.h"

enum pudu_syscall {
%(numbers)s};

/* What a call answers: PUDU_OK or a PUDU_ERR_ of abi/status.h, and its result if it has one. */
struct pudu_result {
	int64_t status;
	uint64_t value;
};

/* The same, of a call with several results: in the order of its comment. */
struct pudu_results {
	int64_t status;
	uint64_t value[3];
};

/* The same, of the calls by which executors call each other. */
struct pudu_words {
	int64_t status;
	uint64_t word[6];
};

/* A system call loses what a function call loses. a6 is 0: it counts what a long call has done. */
#ifdef __riscv_flen
#define PUDU_CLOBBERS_FP \\
	, "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "ft8", "ft9", "ft10", "ft11", \\
	"fa0", "fa1", "fa2", "fa3", "fa4", "fa5", "fa6", "fa7"
#else
#define PUDU_CLOBBERS_FP
#endif
#define PUDU_CLOBBERS \\
	"ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "memory" PUDU_CLOBBERS_FP

%(functions)s
#undef PUDU_CLOBBERS
#undef PUDU_CLOBBERS_FP

#endif
"""


def calls_header(calls):
    """<pudu/calls.h>"""
    numbers = "".join(f"\tPUDU_SYSCALL_{call.name} = {call.number},\n" for call in calls)
    return CALLS % {"numbers": numbers, "functions": "\n".join(map(call_function, calls))}


def names_table(calls):
    """<pudu/names.inc>"""
    lines = "".join(f'SYSCALL_NAME({call.number}, "{call.name}")\n' for call in calls)
    return f"/* Made by tools/abi.py from abi/syscalls.def. */\n{lines}"


DOCS = """\
# The system calls

This page is made by `tools/abi.py` from `syscalls.def`, `syscalls_calls.def`,
`syscalls_memory.def` and `status.def` in `include/abi`; a test fails if it differs. To change it,
change those, and run `tools/abi.py --docs docs/abi.md`.

## How a call is made

The number goes in `a7`, the arguments go in `a0`, `a1`, … in the order given; `a6` is 0 if it is none
of them. Then `ecall`. Back come a status in `a0`, and the results in `a1` and what follows. The
saved registers (`s0` to `s11`) and `sp`, `gp`, `tp` survive; the others are lost, as in any function
call. The C functions are in `<pudu/calls.h>`, the flags and the address map in `<abi/memory.h>`,
`<abi/executor.h>`, `<abi/info.h>` and `<abi/start.h>`.

A *handle* is an address in the handle window (`abi/memory.h`): a page there names a kernel object,
and the rights R and W of its page-table entry are what its holder may do. Any argument that is a
handle can answer `ERR_HANDLE`, `ERR_KIND` and `ERR_RIGHT`, so these are not repeated below. Nor is
`ERR_MEMORY` for an argument that is user memory: a page of it is lazy or copy-on-write, and the
caller's budget is used up. A call that answers an error has changed nothing, except where it says
how much is done.

## Status

| value | name | meaning |
|---:|---|---|
%(statuses)s
In C each has the prefix `PUDU_`. A number that no call has answers `ERR_SYSCALL`.

## Calls

| number | name | arguments | results |
|---:|---|---|---|
%(index)s
%(calls)s"""


def entry_table(heads, rows):
    """A Markdown table."""
    escaped = [[cell.replace("|", "\\|").replace("*", "\\*") for cell in row] for row in rows]
    return ("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads) + "\n" +
            "".join("| " + " | ".join(row) + " |\n" for row in escaped))


def call_docs(call):
    """The part of docs/abi.md about one call."""
    parts = [f"### {call.number}. {call.name}\n", call.text.replace("*", "\\*") + "\n"]
    for section, first in (("Arguments", 0), ("Results", 1)):
        rows = [(f"`a{first + index}`", f"`{name}`", text) for index, (name, text)
                in enumerate(call.sections.get(section, [])) if name]
        if rows:
            parts.append(entry_table(("register", section.lower().rstrip("s"), "meaning"), rows))
    errors = [(f"`{name}`", text) for name, text in call.sections["Errors"] if name]
    if errors:
        parts.append(entry_table(("status", "when"), errors))
    return "\n".join(parts)


def docs_page(calls, statuses):
    """docs/abi.md"""
    code = lambda names: " ".join(f"`{name}`" for name in names) or "–"
    return DOCS % {
        "statuses": "".join(f"| {s.value} | `{s.name}` | {s.meaning} |\n" for s in statuses),
        "index": "".join(f"| {c.number} | [`{c.name}`](#{c.number}-{c.name}) | "
                         f"{code(c.arguments)} | {code(results(c))} |\n" for c in calls),
        "calls": "\n".join(map(call_docs, calls))}


def write(path, text):
    """Writes only what changes, so that nothing is built again for nothing."""
    path = pathlib.Path(path)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    else:
        path.touch()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--abi", default=pathlib.Path(__file__).parent.parent / "include" / "abi",
                        type=pathlib.Path, help="the folder of the tables")
    parser.add_argument("--calls", metavar="FILE")
    parser.add_argument("--names", metavar="FILE")
    parser.add_argument("--docs", metavar="FILE")
    args = parser.parse_args()

    calls, statuses = read(args.abi)
    if args.calls:
        write(args.calls, calls_header(calls))
    if args.names:
        write(args.names, names_table(calls))
    if args.docs:
        write(args.docs, docs_page(calls, statuses))


if __name__ == "__main__":
    main()
