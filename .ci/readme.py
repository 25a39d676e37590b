"""Runs the commands of README.md and compares what they print with what the page says.

Usage: python3 .ci/readme.py [--update] [PAGE…]     (default: README.md)
Every ```console block is run, in the order of the page, from the repository root, with the release build of nokkel first in
PATH, 100 columns wide. In a block
  $ command        is run by bash; a line that ends in a backslash goes on in the next
  other lines      are its standard output, which must be printed exactly so; standard error is not shown
  …                in a line: any text (times, sizes, versions); alone in a line: any number of lines
  [exit code N]    last line of a command that ends with another code than 0
--update writes what the commands print into the page, keeping lines with … that still fit.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM_FOLDER = ROOT / "build" / "release" / "io" / "cli"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)


def split_block(text):
    """[(command lines, expected lines)]"""
    parts, continued = [], False
    for line in text.rstrip("\n").split("\n"):
        if continued:
            parts[-1][0].append(line)
        elif line.startswith("$ "):
            parts.append(([line[2:]], []))
        elif parts:
            parts[-1][1].append(line)
        else:
            raise ValueError(f"a console block begins with a command, not with: {line}")
        continued = line.endswith("\\") and (continued or line.startswith("$ "))
    return parts


def pattern_of(lines):
    """Regular expression for expected lines, … being the wildcard."""
    parts = ["(?:.*\n)*?" if line.strip() == "…" else "[^\n]*?".join(map(re.escape, line.split("…"))) + "\n" for line in lines]
    return re.compile("".join(parts))


def run(command):
    environment = dict(os.environ, PATH=f"{PROGRAM_FOLDER}:{os.environ['PATH']}", COLUMNS="100", LC_ALL="C.UTF-8")
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, env=environment, text=True, encoding="utf-8", check=False,
                          stdin=subprocess.DEVNULL, capture_output=True)
    lines = [line.rstrip() for line in done.stdout.rstrip("\n").split("\n")] if done.stdout.strip() else []
    if done.returncode:
        lines.append(f"[exit code {done.returncode}]")
    return lines, done.stderr


def fits(expected, printed):
    return pattern_of([line.rstrip() for line in expected]).fullmatch("".join(line + "\n" for line in printed)) is not None


def merged(expected, printed):
    """What was printed, with expected lines that hold … in place of printed ones they fit."""
    wild = [line for line in expected if "…" in line and line.strip() != "…"]
    return [next((w for w in wild if fits([w], [line])), line) for line in printed]


def check_page(page, update):
    """Runs every block; returns the page's new text and its faults."""
    text, faults, n_run = page.read_text(encoding="utf-8"), [], 0

    def handle(match):
        nonlocal n_run
        out = []
        for command, expected in split_block(match[1]):
            printed, errors = run("\n".join(command))
            n_run += 1
            if not fits(expected, printed):
                line = text[: match.start()].count("\n") + 1
                told = "\n".join(["--- the page says", *expected, "--- it printed", *printed, "--- standard error", errors.rstrip()])
                faults.append(f"{page.name}:{line}: $ {command[0]}\n{told}\n---")
                expected = merged(expected, printed)
            out += ["$ " + "\n".join(command), *expected]
        return "```console\n" + "\n".join(out) + "\n```"

    new_text = BLOCK.sub(handle, text)
    if update and faults:
        page.write_text(new_text, encoding="utf-8")
    return faults, n_run


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("pages", nargs="*", default=["README.md"])
    arguments = parser.parse_args()
    (ROOT / "results").mkdir(exist_ok=True)
    bad = total = 0
    for page in arguments.pages:
        faults, n_run = check_page(ROOT / page, arguments.update)
        print("\n".join(faults), end="\n" if faults else "")
        bad, total = bad + len(faults), total + n_run
    if total == 0:
        sys.exit("readme: no ```console block was found")
    print(f"readme: {total - bad} of {total} commands print what the page says" + (", page updated" if bad and arguments.update else ""))
    return 1 if bad and not arguments.update else 0


if __name__ == "__main__":
    sys.exit(main())
