#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py - runs the fuzzer of the memory calls, and says how to repeat what it finds.

All inputs of the corpus come first, then new ones, by libFuzzer, until the time is over or enough calls
are made. An input that fails is kept in a file; how to run it again is the last thing that is printed.

The corpus is a text file: an input in base64 on each line, the shortest first. --keep puts new inputs that
reach something new into it, and leaves out those that nothing is lost without. Beside it, memory.seeds has
inputs in hexadecimal that are made by hand.
"""
import argparse
import base64
import os
import pathlib
import re
import shutil
import subprocess
import sys

CALLS = "PUDU_FUZZ_CALLS"  # in the environment: another number than that of --calls
LONGEST = 1024  # bytes of an input
ONE_INPUT = 60  # seconds: an input that takes longer hangs
SMALLER = 20000  # runs to make an input smaller
TAIL = 30  # lines that are shown of a run that fails
CALLS_SHOWN = 16  # lines
NOISE = re.compile(r"^(#\d+\s|INFO:|NOTE:|MS: |0x|artifact_prefix|Base64: |\s*#.*(fuzzer::|libc)|$)|^fuzz|"
                   r"\s*Combine libFuzzer|\S*\\\d{3}|SUMMARY: lib|.*in (main|_start) ")


def parse():
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fuzzer", required=True, type=pathlib.Path, help="the program")
    parser.add_argument("--corpus", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent / "memory.corpus")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("fuzz-memory"),
                        help="for inputs and logs; an input that fails stays there")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--calls", type=int, help="system calls to make, in place of --seconds")
    parser.add_argument("--jobs", type=int, default=1, help="processes that share the calls")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers; 0: by the clock")
    parser.add_argument("--keep", action="store_true", help="write the corpus anew at the end")
    options = parser.parse_args()
    if options.calls is not None:
        options.calls = int(os.environ.get(CALLS, options.calls))
    return options


def unpack(corpus, folder):
    """Write the inputs of the corpus, and those made by hand, to files. Result: how many there are."""
    lines = corpus.read_text(encoding="ascii").split() if corpus.exists() else []
    inputs = [base64.b64decode(line, validate=True) for line in lines]
    for line in corpus.with_suffix(".seeds").read_text(encoding="ascii").splitlines():
        inputs.append(bytes.fromhex(line.split("#")[0]))
    folder.mkdir()
    inputs = [each for each in inputs if each]
    for number, each in enumerate(inputs):
        (folder / f"{number:05}").write_bytes(each)
    return len(inputs)


def pack(corpus, folder):
    """Make the corpus of the files in a folder."""
    inputs = sorted((path.read_bytes() for path in folder.iterdir()), key=lambda i: (len(i), i))
    corpus.write_text("".join(base64.b64encode(i).decode("ascii") + "\n" for i in inputs),
                      encoding="ascii")
    print(f"{corpus}: {len(inputs)} inputs")


def start(options, job):
    """Start a process. Result: it, and the path of its log."""
    new = options.folder / f"new-{job}"
    new.mkdir()
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("FUZZ_")}
    words = [options.fuzzer.resolve(), f"-max_len={LONGEST}", f"-timeout={ONE_INPUT}",
             f"-seed={options.seed + job if options.seed else 0}",
             f"-artifact_prefix={options.folder.resolve()}/"]
    if options.calls is None:
        words.append(f"-max_total_time={options.seconds}")
    else:
        environment["FUZZ_CALLS"] = str(-(-options.calls // options.jobs))
    log = options.folder / f"log-{job}"
    with log.open("wb") as output:
        process = subprocess.Popen(words + [new, options.folder / "corpus"], env=environment,
                                   stdout=output, stderr=subprocess.STDOUT)
    return process, log


def show_failure(options, text):
    """What was wrong, the calls before it, and how to see it again."""
    print("\n".join([line for line in text.splitlines() if not NOISE.match(line)][-TAIL:]))
    found = re.findall(r"Test unit written to (\S+)", text)
    if not found:
        print("fuzz.memory: FAILED, and no input was kept")
        return
    fuzzer, path = options.fuzzer.resolve(), found[-1]
    text = subprocess.run([fuzzer, path], env=dict(os.environ, FUZZ_TRACE="1"), text=True,
                           errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           check=False).stdout
    again = text.partition("\nRunning: ")[2].partition("\n=")[0].splitlines()[1:]
    print("\nfuzz.memory: the last calls:", *again[-CALLS_SHOWN:], sep="\n")
    print(f"\nfuzz.memory: FAILED. The input that shows it is {path}\n"
          f"Run it again, and see its calls:  FUZZ_TRACE=1 {fuzzer} {path}\n"
          f"Make it smaller:  {fuzzer} -minimize_crash=1 -runs={SMALLER} "
          f"-exact_artifact_path={path}.small {path}")


def wait(jobs):
    """Wait for all, and tell how many calls were made, and how many per second.
    Result: what those that failed have printed."""
    calls = rate = 0
    failed = []
    for process, log in jobs:
        code = process.wait()
        text = log.read_text(encoding="utf-8", errors="replace")
        last = re.findall(r"^fuzz\.memory: (\d+) calls, (\d+) per second", text, re.M)
        if last:
            calls, rate = calls + int(last[-1][0]), rate + int(last[-1][1])
        if code != 0 or not last:
            failed.append(text)
    print(f"fuzz.memory: {calls} calls done, {rate} per second")
    return failed


def keep(options):
    """Make a new corpus of the old one and all that was new."""
    merged = options.folder / "merged"
    merged.mkdir()
    subprocess.run([options.fuzzer.resolve(), "-merge=1", f"-max_len={LONGEST}", merged,
                    options.folder / "corpus", *options.folder.glob("new-*")],
                   check=True, stderr=subprocess.DEVNULL)
    pack(options.corpus, merged)


def main():
    options = parse()
    options.folder.mkdir(parents=True, exist_ok=True)
    for old in [*options.folder.glob("new-*"), options.folder / "corpus", options.folder / "merged"]:
        shutil.rmtree(old, ignore_errors=True)
    n = unpack(options.corpus, options.folder / "corpus")
    print(f"fuzz.memory: {n} inputs of {options.corpus.name} first", flush=True)
    jobs = [start(options, job) for job in range(options.jobs)]
    try:
        failed = wait(jobs)
    finally:
        for process, _ in jobs:
            process.kill()
    for text in failed:
        show_failure(options, text)
    if not failed and options.keep:
        keep(options)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
