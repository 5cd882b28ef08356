#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pictures.py - draws the pictures of docs/pictures.

Each picture is a function below that places boxes, lines and words on a sheet. The SVG files
follow the reader's light or dark theme and need no font of their own. To change a picture, change
its function and run this.
"""
import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
import pictures_calls  # pylint: disable=wrong-import-position
from sheet import Sheet  # pylint: disable=wrong-import-position


def column(sheet, x, y, width, rows):
    """Boxes on top of each other, with the address of the lower edge of each at its left."""
    for height, address, words, colour in rows:
        sheet.box(x, y, width, height, words, colour)
        y += height
        if address:
            sheet.text(x - 10, y + 4, address, "end", "code")


def address_map():
    """What lies where in every address space."""
    sheet = Sheet(980, 560, "The address map: user half and kernel half")
    sheet.text(340, 30, "user half: each program's own", "middle", "bold")
    sheet.text(175, 58, "0x8000_0000_0000", "end", "code")
    column(sheet, 185, 54, 310, (
        (70, "0x40_0000_0000", "more program memory\nSv48 only", "grey"),
        (80, "0x3f_c000_0000", "handle window, 1 GiB\n262 144 slots of a page\nleaves with U = 0",
         "blue"),
        (60, "0x3f_8000_0000", "info window, 1 GiB\none page, read-only, the same in all", "green"),
        (220, "0x1000", "program memory, 254 GiB\ntext, data, heap, stacks, shared memory,\n"
         "devices\nleaves with U = 1", "plain"),
        (36, "0x0", "page 0: never mapped", "red")))
    sheet.text(820, 30, "kernel half: the same in all", "middle", "bold")
    sheet.text(655, 58, "2^64", "end", "code")
    column(sheet, 665, 54, 300, (
        (56, "0xffffffffd0000000", "device pages of the kernel\ntest finisher", "yellow"),
        (80, "0xffffffffc0000000", "hart stacks: 16 KiB every 64 KiB\nthe pages between are not\n"
         "mapped", "yellow"),
        (100, "0xffffffff80000000", "kernel image, at most 2 MiB\ntext RX, rodata R, data RW\n"
         "with it: global page, info page,\nthe boot hart's page", "blue"),
        (50, "0xffffffff00000000", "not used", "grey"),
        (120, "0xffffffd000000000", "direct map, 188 GiB: RW, never X\nphysical 0 is at its start\n"
         "not in it: the image, what the\ntree reserves (firmware)", "green"),
        (60, "0xffffffc000000000", "never mapped: entries 256 to 319\nhold words of struct vas",
         "red")))
    sheet.text(30, 545, "Not to scale. The kernel half is drawn as Sv39 numbers it; under Sv48 the "
               "addresses are the same.", style="faint")
    return sheet


def state_bits(sheet):
    """The bits of the state word, from high to low."""
    sheet.text(30, 30, "the state word, at 0x200 of the executor page", style="bold")
    bits = (("UNNAMED", "0x200", "green"), ("CALLERS", "0x100", "green"),
            ("EVENT", "0x80", "green"), ("OWNED", "0x40", "blue"), ("DEAD", "0x20", "red"),
            ("ACCEPTING", "0x10", "yellow"), ("CALLING", "0x08", "yellow"), ("", "0x04", "grey"),
            ("PARKED", "0x02", "yellow"), ("STOPPED", "0x01", "yellow"))
    for number, (name, value, colour) in enumerate(bits):
        sheet.box(30 + 92 * number, 44, 92, 34, name, colour)
        sheet.text(76 + 92 * number, 96, value, "middle", "code")
    sheet.text(30, 124, "Reasons not to run: yellow and red. OWNED: a hart runs it, it is in the run "
               "queue, or its registers are in use. No reasons:\nEVENT, the next wait returns at once; "
               "CALLERS, somebody stands in line; UNNAMED, no handle is left.", style="faint")


def state_word():
    """How an executor lives."""
    sheet = Sheet(980, 500, "The life of an executor, told by its state word")
    state_bits(sheet)
    sheet.box(40, 200, 190, 56, "new or stopped\nSTOPPED", "yellow")
    sheet.box(400, 200, 190, 56, "queued\nOWNED, in the run queue", "blue")
    sheet.box(760, 200, 180, 56, "running\nOWNED, on a hart", "blue")
    sheet.box(380, 310, 230, 56, "waits\nPARKED, CALLING, ACCEPTING", "yellow")
    sheet.box(760, 420, 180, 56, "dead\nDEAD | OWNED", "red")
    sheet.box(360, 420, 230, 56, "buried\nthe page waits for its handles", "grey")
    sheet.arrow((230, 218), (400, 218), words="executor_start:\nstate_remove, enqueue",
                at=(315, 188))
    sheet.arrow((590, 218), (760, 218), words="a hart dequeues it", at=(675, 210))
    sheet.arrow((760, 240), (590, 240), words="yield, end of slice:\nkeeps OWNED", at=(675, 258))
    sheet.arrow((800, 256), (800, 338), (610, 338),
                words="park_if, call, accept:\nlet go", at=(695, 312))
    sheet.arrow((495, 310), (495, 256), words="unpark, reply, time: state_remove, enqueue", at=(487, 288),
                anchor="end")
    sheet.arrow((850, 200), (850, 165), (135, 165), (135, 200),
                words="executor_stop: state_add; its hart sees it and lets go", at=(620, 180))
    sheet.arrow((880, 256), (880, 420), words="terminate,\nfault", at=(890, 330),
                anchor="start")
    sheet.arrow((135, 256), (135, 395), (690, 395), (690, 435), (760, 435),
                words="terminate by another (of a parked one,\ntoo): state_claim, enqueue",
                at=(60, 412), anchor="start")
    sheet.arrow((760, 460), (590, 460), words="its owner: bury", at=(675, 480))
    return sheet


def frame_life():
    """Where a frame of RAM is in its life."""
    sheet = Sheet(980, 570, "The life of a frame")
    sheet.box(30, 40, 200, 66, "block never used\n512 frames, their entries\nnot yet written",
              "grey")
    sheet.box(30, 190, 200, 66, "free in its block\nlists of its node, under\nthe frame lock",
              "plain")
    sheet.box(30, 330, 200, 66, "in a block that is free\nall 512; a list of their\nown, taken last",
              "plain")
    sheet.box(30, 470, 200, 66, "prepared by a hart\nwith its block; 8 frames\nzeroed a call", "green")
    sheet.box(380, 190, 200, 66, "dirty cache of a hart\nat most 32 frames,\nno lock", "green")
    sheet.box(380, 40, 200, 66, "zeroed cache of a hart\nat most 32 frames,\nno lock", "green")
    sheet.box(720, 55, 190, 90, "charged, mapped\ntype: USER, TABLE,\nVAS or EXECUTOR\nreferences = 1",
              "blue")
    sheet.box(720, 205, 190, 66, "shared\nreferences = leaves; still\ncharged to the first", "blue")
    sheet.box(720, 330, 190, 76, "gathered\nits leaf is gone, trans-\nlations may be left", "yellow")
    sheet.box(380, 330, 200, 76, "dead list of a hart\nVAS and EXECUTOR: waits\n"
              "until no hart looks at it", "red")
    sheet.arrow((130, 106), (130, 190), words="first use", at=(140, 153), anchor="start")
    sheet.arrow((230, 213), (380, 213), words="refill: 16", at=(305, 205))
    sheet.arrow((380, 237), (230, 237), words="full: 16 back", at=(305, 256))
    sheet.arrow((110, 256), (110, 330), words="the last\none back", at=(102, 288), anchor="end")
    sheet.arrow((150, 330), (150, 256), words="the first\none out", at=(158, 288), anchor="start")
    sheet.arrow((130, 396), (130, 470), words="a leaf of\n2 MiB is asked for", at=(140, 428),
                anchor="start")
    sheet.arrow((460, 190), (460, 106), words="an idle hart zeroes", at=(452, 153), anchor="end")
    sheet.arrow((580, 73), (720, 73), words="charge, frame_take", at=(650, 65))
    sheet.arrow((580, 213), (630, 213), (630, 125), (720, 125), words="charge,\nzero first",
                at=(638, 150), anchor="start")
    sheet.arrow((800, 145), (800, 205), words="SHARE, COW", at=(792, 180), anchor="end")
    sheet.arrow((830, 205), (830, 145), words="unmap", at=(838, 180), anchor="start")
    sheet.arrow((760, 271), (760, 330), words="unmap", at=(752, 305), anchor="end")
    sheet.arrow((910, 85), (932, 85), (932, 368), (910, 368), words="unmap, teardown,\nstore to a copy",
                at=(926, 294), anchor="end")
    sheet.arrow((720, 350), (700, 350), (700, 237), (580, 237),
                words="USER: after the\nshoot, with the\nlast reference;\nrefund (8 or more:\nto their blocks)",
                at=(692, 258), anchor="end")
    sheet.arrow((720, 390), (580, 390), words="VAS, EXECUTOR", at=(650, 382))
    sheet.arrow((480, 330), (480, 256), words="grace period over", at=(472, 297), anchor="end")
    sheet.arrow((740, 55), (740, 25), (480, 25), (480, 40), words="TABLE: empty means zero",
                at=(610, 18))
    sheet.arrow((800, 406), (800, 450), (290, 450), (290, 363), (230, 363),
                words="a leaf of 2 MiB that alone named all its frames", at=(545, 442))
    sheet.arrow((230, 503), (958, 503), (958, 115), (910, 115),
                words="512 frames at once, each charged and with one reference", at=(600, 520))
    sheet.text(30, 560, "Charged: from before the frame is taken until after its last reference has "
               "gone, to one address space at a time.", style="faint")
    return sheet


def vas_life():
    """From vas_create to the free frame."""
    sheet = Sheet(980, 560, "The life of an address space")
    sheet.box(30, 50, 240, 84, "created\nvas_create: budget and root are\ncharged to the parent; a "
              "handle\nin the maker's window", "green")
    sheet.box(390, 50, 230, 84, "alive\nexecutors, children, mappings;\nits account says what it\nuses",
              "blue")
    sheet.box(730, 50, 220, 84, "dead\nVAS_DEAD: no new executor,\nchild or mapping, ever;\n"
              "calls answer ERR_DEAD", "red")
    sheet.arrow((270, 92), (390, 92), words="executors\njoin it", at=(330, 68))
    sheet.arrow((620, 92), (730, 92), words="graves_begin", at=(675, 84))
    sheet.text(675, 112, "last executor\nburied; nothing\nnames it;\nvas_destroy;\nits parent dies",
               "middle", "faint")
    sheet.parts.append('<rect x="30" y="215" width="920" height="166" rx="5" class="grey"/>')
    sheet.text(45, 236, "graves: steps by whoever is at hand", style="bold")
    sheet.box(720, 250, 215, 84, "in the list\na step: tell 4 executors to\nend, or let one child die",
              "yellow")
    sheet.box(395, 250, 215, 84, "waits, in no list\nfor executors to be buried\nand children to be clear",
              "plain")
    sheet.box(45, 250, 230, 84, "unmapped\na bounded step, once no\nhart has its root loaded",
              "yellow")
    sheet.arrow((840, 134), (840, 250), words="into the list", at=(850, 200), anchor="start")
    sheet.arrow((720, 278), (610, 278), words="all are told", at=(665, 270))
    sheet.arrow((610, 312), (720, 312), words="the last one\nwakes it", at=(665, 330))
    sheet.arrow((760, 334), (760, 364), (160, 364), (160, 334), words="alone: no executor, no child that "
                "is not clear", at=(340, 357))
    sheet.box(45, 440, 230, 84, "clear\nVAS_CLEAR: budget closed: what\nis left goes to the parent,\n"
              "which is told", "green")
    sheet.box(395, 440, 215, 84, "empty page\nstays while a handle names\nit, or a frame charged to it\n"
              "is mapped elsewhere", "plain")
    sheet.box(720, 440, 215, 84, "grace period\nin the dead list of a hart, until\nno hart looks at it;"
              "\nthen the frame is free", "grey")
    sheet.arrow((100, 334), (100, 440), words="nothing left", at=(110, 415), anchor="start")
    sheet.arrow((275, 482), (395, 482))
    sheet.arrow((610, 482), (720, 482), words="last reference", at=(665, 474))
    sheet.text(665, 500, "the root's\ncharge goes\nback", "middle", "faint")
    return sheet


def copy_panel(sheet, x, head, leaves, frames):
    """One moment of a page that is copied on write; leaves: (words, colour, row of its frame)."""
    sheet.text(x + 110, 30, head, "middle", "bold")
    for row, (words, colour) in enumerate(frames):
        if words:
            sheet.box(x + 120, 90 + 120 * row, 100, 76, words, colour)
    for row, (words, colour, target) in enumerate(leaves):
        if words:
            sheet.box(x, 90 + 120 * row, 82, 76, words, colour)
            sheet.arrow((x + 82, 128 + 120 * row), (x + 120, 128 + 120 * target + 12 * (row - target)))


def copy_on_write():
    """Four moments of a page."""
    sheet = Sheet(1000, 330, "Copy on write: the leaves and frames of one page")
    none = ("", "plain")
    copy_panel(sheet, 20, "before\nA has a page", (("A\nR W\nMEMORY", "blue", 0), ("", "", 0)),
               (("frame 7\n1 reference\ncharged: A", "green"), none))
    copy_panel(sheet, 265, "map with COW\nno frame is taken",
               (("A\nR -\nCOPY", "yellow", 0), ("B\nR -\nCOPY", "yellow", 0)),
               (("frame 7\n2 references\ncharged: A", "green"), none))
    copy_panel(sheet, 510, "B stores\na fault: it gets a copy",
               (("A\nR -\nCOPY", "yellow", 0), ("B\nR W\nMEMORY", "blue", 1)),
               (("frame 7\n1 reference\ncharged: A", "green"),
                ("frame 9\n1 reference\ncharged: B", "green")))
    copy_panel(sheet, 755, "A stores\na fault: it keeps the frame",
               (("A\nR W\nMEMORY", "blue", 0), ("B\nR W\nMEMORY", "blue", 1)),
               (("frame 7\n1 reference\ncharged: A", "green"),
                ("frame 9\n1 reference\ncharged: B", "green")))
    sheet.text(20, 314, "Left: the leaf, with the rights that the hart sees. COPY: the program has the "
               "right W, too; SNAPSHOT is the same without it.", style="faint")
    return sheet


def syscall_path():
    """From ecall to sret."""
    sheet = Sheet(980, 600, "The path of a system call")
    sheet.box(30, 40, 220, 56, "program: ecall\nnumber in a7", "plain")
    sheet.box(30, 170, 220, 84, "trap_entry\nt6 and sscratch change places:\nt6 = the executor; then"
              "\njump into syscall_slots", "blue")
    sheet.box(330, 30, 270, 84, "short ways: no stack, no C\nyield, park_if, unpark, call,\n"
              "reply_accept, where nothing\nhinders: to whoever is next", "green")
    sheet.box(330, 170, 270, 84, "save little\nra, sp, gp, tp, s0, pc; of most\n"
              "calls also a0 to a7; then\nload gp, tp, sp of the kernel", "blue")
    sheet.box(330, 310, 270, 56, "sys_<name>()\nin C, on the hart's stack", "yellow")
    sheet.box(690, 40, 230, 66, "sret\nsaved registers as they were,\n"
              "the others zero or its own", "green")
    sheet.box(690, 160, 230, 56, "status, 0 or below\na0, a1 from the function")
    sheet.box(690, 240, 230, 56, "LEAVE_RESULTS\na0 to a3 from the page")
    sheet.box(690, 320, 230, 66, "LEAVE_RESTART\npc stays on the ecall,\na6 says what is done")
    sheet.box(690, 410, 230, 66, "LEAVE_SWITCH\nsave s1 to s11: now all that a\n"
              "call of a function keeps")
    sheet.box(690, 510, 230, 56, "sched_leave()\nlet go or queue; take the next", "yellow")
    sheet.box(330, 510, 270, 56, "trap_resume\nsret to the executor that is next", "green")
    sheet.arrow((140, 96), (140, 170))
    sheet.arrow((250, 190), (290, 190), (290, 72), (330, 72))
    sheet.arrow((250, 220), (330, 220))
    sheet.arrow((465, 114), (465, 170), words="not so: the long way", at=(475, 147), anchor="start")
    sheet.arrow((465, 254), (465, 310))
    sheet.arrow((600, 72), (690, 72))
    for y in 188, 268, 353, 443:
        sheet.arrow((600, 338), (645, 338), (645, y), (690, y))
    for y in 188, 268, 353:
        sheet.arrow((920, y), (950, y), (950, 72), (920, 72))
    sheet.arrow((805, 476), (805, 510))
    sheet.arrow((690, 538), (600, 538))
    return sheet


PICTURES = {"address-map": address_map, "state-word": state_word, "frame-life": frame_life,
            "vas-life": vas_life, "copy-on-write": copy_on_write, "syscall-path": syscall_path,
            "call": pictures_calls.call}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--output", type=pathlib.Path, default=root / "docs/pictures",
                        metavar="FOLDER", help="where to write (default: docs/pictures)")
    parser.add_argument("--check", action="store_true",
                        help="write nothing; fail if a file there is not what would be written")
    args = parser.parse_args()
    stale = []
    for name, draw in PICTURES.items():
        path = args.output / f"{name}.svg"
        if not args.check:
            path.write_text(draw().svg(), encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != draw().svg():
            stale.append(str(path))
    if stale:
        sys.exit("not up to date, run tools/pictures.py: " + " ".join(stale))


if __name__ == "__main__":
    main()
