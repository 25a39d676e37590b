"""clang-tidy over the changed C++ files, several at once; a file whose own text, headers and settings did not change since it
last passed is not looked at again.

Usage: python3 .ci/tidy.py [--all] [--base REV] [--minutes M] [FILE…]
Changed means: since the merge base with origin/main; where that is the present commit or absent, since the commit before; on a
first commit every file. A changed header is checked through the .cpp of the same name, else through the first that includes it.
Needs compile_commands.json of the builds checked and release. Exit code 1: a finding, or not done within M minutes.
"""

import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIDY = "clang-tidy-19"
STAMPS = ROOT / "build" / "tidy"
BUILDS = ("checked", "release")  # the first that compiles a file lends its flags: assertions on where possible


def name(path):
    return path.relative_to(ROOT).as_posix()


def git(*arguments):
    done = subprocess.run(["git", *arguments], cwd=ROOT, text=True, capture_output=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def base_revision():
    head = git("rev-parse", "HEAD")
    merge_base = git("merge-base", "HEAD", "origin/main")
    if merge_base and merge_base != head:
        return merge_base
    return git("rev-parse", "--verify", "HEAD~1")


def changed_files(base):
    """None: everything."""
    if base is None:
        return None
    listed = (git("diff", "--name-only", "--diff-filter=d", base) or "").split("\n")
    listed += (git("ls-files", "--others", "--exclude-standard") or "").split("\n")
    return {f for f in listed if f}


def sources_for(changed, sources):
    """The .cpp files to check so that every changed file is seen."""
    chosen = changed & set(sources)
    for header in sorted(f for f in changed if f.endswith(".h")):
        twin = header[:-2] + ".cpp"
        users = [twin] if twin in sources else [s for s in sorted(sources) if f'"{header}"' in (ROOT / s).read_text(encoding="utf-8")]
        chosen.update(users[:1])
    return chosen


def compile_databases():
    """Source file -> build folder whose flags it is checked with."""
    found = {}
    for build in reversed(BUILDS):
        database = ROOT / "build" / build / "compile_commands.json"
        if database.is_file():
            for command in json.loads(database.read_text(encoding="utf-8")):
                path = Path(command["file"])
                if path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / "build"):  # generated files are not ours to mend
                    found[name(path)] = database.parent
    return found


def own_headers(file, seen=None):
    """The file and every file of ours that it includes, directly or not."""
    seen = set() if seen is None else seen
    path = ROOT / file
    if file not in seen and path.is_file():
        seen.add(file)
        for included in re.findall(r'^\s*#\s*include\s*"([^"]+)"', path.read_text(encoding="utf-8"), re.M):
            own_headers(included, seen)
    return seen


@functools.cache
def version():
    return subprocess.run([TIDY, "--version"], text=True, capture_output=True, check=True).stdout


@functools.cache
def commands_of(build):
    return json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))


def fingerprint(file, build):
    """Of everything that a finding depends on, outside libraries aside."""
    digest = hashlib.sha256()
    commands = [c for c in commands_of(build) if c["file"] == str(ROOT / file)]
    digest.update((version() + json.dumps(commands)).encode())
    settings = [name(p) for p in ROOT.glob(".clang-tidy")] + [name(p) for p in ROOT.glob("*/.clang-tidy")]
    for part in [*settings, *sorted(own_headers(file))]:
        digest.update(part.encode() + b"\0" + (ROOT / part).read_bytes())
    return digest.hexdigest()


def check(file, build, deadline):
    """(file, seconds or None, findings): None when it is known to pass or was not reached before the deadline; findings None then."""
    stamp, mark = STAMPS / (file.replace("/", "+") + ".ok"), fingerprint(file, build)
    if stamp.is_file() and stamp.read_text() == mark:
        return file, None, ""
    started = time.monotonic()
    try:
        if started >= deadline:
            raise subprocess.TimeoutExpired(TIDY, 0)
        done = subprocess.run([TIDY, "--quiet", "-p", str(build), str(ROOT / file)], cwd=ROOT, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=deadline - started)
    except subprocess.TimeoutExpired:
        return file, None, None
    if done.returncode == 0:
        STAMPS.mkdir(parents=True, exist_ok=True)
        stamp.write_text(mark)
    return file, time.monotonic() - started, done.stdout if done.returncode else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--base")
    parser.add_argument("--minutes", type=float, default=25.0)
    arguments = parser.parse_args()

    databases = compile_databases()
    if not databases:
        sys.exit("tidy: no compile_commands.json: configure the presets checked and release first")
    base = arguments.base or base_revision()
    changed = None if arguments.all else set(arguments.files) or changed_files(base)
    files = sorted(databases if changed is None else sources_for(changed, databases))
    reason = "all files" if changed is None else "files given" if arguments.files else f"changed since {base[:12]}"
    print(f"tidy: {len(files)} files ({reason})", flush=True)

    deadline = time.monotonic() + 60 * arguments.minutes
    n_known, n_bad, late = 0, 0, []
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for done in concurrent.futures.as_completed(pool.submit(check, f, databases[f], deadline) for f in files):
            file, seconds, findings = done.result()
            n_bad += bool(findings)
            if findings is None:
                late.append(file)
            elif seconds is None:
                n_known += 1
            else:
                report = f"{'FAILED' if findings else 'ok':7}{seconds:6.1f} s  {file}"
                print(report + (f"\n{findings.rstrip()}" if findings else ""), flush=True)
    if late:
        print(f"tidy: {len(late)} files not checked within {arguments.minutes:g} minutes: {' '.join(sorted(late))}")
    print(f"tidy: {len(files) - n_bad - len(late)} of {len(files)} clean, {n_known} of them unchanged since they passed")
    return 1 if n_bad or late else 0


if __name__ == "__main__":
    sys.exit(main())
