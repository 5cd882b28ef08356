# SPDX-License-Identifier: MIT
"""pictures_calls.py - the picture of a call and its reply, for pictures.py."""
from sheet import Sheet


def call():
    """A call that is handed over, and one that stands in line."""
    sheet = Sheet(980, 560, "A call and its reply")
    sheet.text(30, 34, "handed over: the callee waits in accept", style="bold")
    lanes = ((150, "caller"), (490, "hart"), (830, "callee"))
    for x, name in lanes:
        sheet.box(x - 90, 48, 180, 32, name, "grey")
        sheet.arrow((x, 80), (x, 330))
    sheet.box(60, 96, 180, 42, "call(handle, m0 … m5)\nwords in a1 to a6", "plain")
    sheet.box(740, 96, 180, 42, "ACCEPTING\nregisters in its page", "yellow")
    sheet.arrow((240, 124), (400, 124), words="ecall", at=(320, 118))
    sheet.box(400, 100, 180, 58, "ACCEPTING → OWNED\nin one step: it is ours", "blue")
    sheet.box(60, 172, 180, 42, "CALLING\nsaved registers stored", "yellow")
    sheet.arrow((580, 148), (740, 190), words="sret: a1 to a6 stay,\na0: who calls",
                at=(650, 206))
    sheet.box(740, 172, 180, 42, "runs\nin the rest of the slice", "green")
    sheet.arrow((740, 250), (580, 250), words="reply_accept: r0 … r3", at=(662, 244))
    sheet.box(400, 226, 180, 58, "CALLING → OWNED\nin one step: it is ours", "blue")
    sheet.arrow((400, 270), (240, 296), words="sret: a0 = 0, a1 to a4", at=(318, 262))
    sheet.box(60, 280, 180, 42, "runs again\nin the same slice", "green")
    sheet.box(740, 280, 180, 42, "ACCEPTING\nagain", "yellow")

    sheet.text(30, 366, "in line: the callee is busy, stopped, or already called", style="bold")
    sheet.box(30, 392, 250, 62, "call\nCALLING; in line under the lock;\n"
              "set CALLERS in the callee's state")
    sheet.box(30, 480, 250, 62, "accept\nset ACCEPTING, and see CALLERS\nin the same step")
    sheet.box(400, 436, 240, 62, "one atomic word\nso one of the two\nsees the other", "blue")
    sheet.arrow((280, 422), (340, 422), (340, 456), (400, 456))
    sheet.arrow((280, 512), (340, 512), (340, 478), (400, 478))
    sheet.box(720, 392, 230, 62, "the caller saw ACCEPTING\nit wakes the callee, which\n"
              "accepts again", "green")
    sheet.box(720, 480, 230, 62, "the callee saw CALLERS\nit takes ACCEPTING back, and\n"
              "the first in line", "green")
    sheet.arrow((640, 456), (680, 456), (680, 422), (720, 422))
    sheet.arrow((640, 478), (680, 478), (680, 512), (720, 512))
    return sheet
