"""Loads esctest2 from its own directory and runs it with a few things told otherwise.

usage: esctest.py SUITE RESULTS [esctest's own options]

- Before each test the terminal is reset (RIS) and what is left of its answers is read away, so that no test fails for
  what an earlier one left behind.
- C1 controls are written in UTF-8, as a terminal that reads UTF-8 has them.
- A cell that was never written counts as a blank: the emulator does not tell the two apart, as most do not.
- The outcome of each test is written to RESULTS as one line.
"""

import os
import re
import select
import sys

SUITE, RESULTS = sys.argv[1:3]
sys.argv = ["esctest.py"] + sys.argv[3:]
sys.path.insert(0, SUITE)

import esccmd  # Before escutil: the two import each other.
import escio
import escoding
import escutil


# XTCHECKSUM: checksums are sums of characters alone, neither negated nor trimmed.
SUM_CELLS = "\x1b[7#y"


def settle():
    """Resets the terminal and waits until it has answered all that was asked before."""
    escio.use8BitControls = False
    escio.Write("\x18\x1b\\\x1bc" + SUM_CELLS + "\x1b[6n")
    seen = ""
    while not re.search("\x1b\\[[0-9]+;[0-9]+R$", seen):
        if not select.select([0], [], [], 2)[0]:
            break
        seen += os.read(0, 1).decode("latin-1")


def resetting(reset):
    """RIS also takes back how cells are summed up; another terminal's would be a resource."""

    def reset_and_choose():
        reset()
        escio.Write(SUM_CELLS)

    return reset_and_choose


def utf8_controls(text):
    """The bytes of Latin-1, but of UTF-8 where a C1 control stands."""
    return re.sub("[\x80-\x9f]", lambda c: "\xc2" + c[0], text).encode("latin-1")


def blank_for_null(check):
    """Lets expected lines say NUL, a cell never written, where the terminal has a blank."""

    def checked(rect, expected_lines):
        check(rect, [line.replace("\0", " ") for line in expected_lines])

    return checked


def replace_everywhere(name, value):
    """Replaces a function of escutil, also where tests have taken it by name."""
    old = getattr(escutil, name)
    for module in list(sys.modules.values()):
        if getattr(module, name, None) is old:
            setattr(module, name, value)


def main():
    with open(os.path.join(SUITE, "esctest.py")) as source:
        # Its last line runs it.
        program = re.sub(r"main\(\)\s*$", "", source.read())
    suite = {"__name__": "esctest"}
    exec(compile(program, "esctest.py", "exec"), suite)
    checked = blank_for_null(escutil.AssertScreenCharsInRectEqual)
    replace_everywhere("AssertScreenCharsInRectEqual", checked)
    escoding.to_binary = utf8_controls
    esccmd.RIS = resetting(esccmd.RIS)
    run_test, reset = suite["RunTest"], suite["reset"]
    errors = []
    suite["esclog"].LogError = errors.append

    def reset_all():
        settle()
        reset()

    def run_and_note(name, method):
        errors.clear()
        passed = run_test(name, method)
        verdict = {True: "passed", False: "failed", None: "skipped"}[passed]
        last = errors[-1].strip().split("\n") if errors else []
        why = [line.strip() for line in last if not line.startswith("  ")]
        results.write(" ".join([verdict, name] + why[1:]).strip() + "\n")
        results.flush()
        return passed

    suite["reset"], suite["RunTest"] = reset_all, run_and_note
    with open(RESULTS, "w") as results:
        suite["main"]()


main()
