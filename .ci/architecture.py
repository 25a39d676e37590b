"""Keeps ARCHITECTURE.md true: who may include whom, one file for each outside library, no include cycles, every path that
the page names exists, every folder is on the page, every C++ file is built, folder = namespace; and docs/results-format.md: the
variables of engine/variables.cpp.

Run from anywhere: python3 .ci/architecture.py. Prints one line a fault; exit code 1 when there is any.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ("kernels", "engine", "io", "bench", "tests")

# Folder -> folders of ours it may include. The arrows of DESIGN: kernels <- engine <- io.
LAYERS = {
    "kernels": {"kernels"},
    "engine": {"engine", "kernels"},
    "io": {"io", "engine"},
    "bench": {"bench", "kernels", "engine", "io"},
    "tests": {"tests", "bench/support", "kernels", "engine", "io"},
}

# (file, what it includes) that LAYERS bars: each with its reason.
EXCEPTIONS = {
    ("io/cli/", "kernels/blas.h"): "doctor, the check at start and the provenance tell which BLAS is loaded",
    ("io/cli/", "kernels/sweep.h"): "doctor and the provenance tell which instruction set was built and runs",
}

# (file, what it includes) across rooms of io: each with its reason.
ROOM_EXCEPTIONS = {
    ("io/config/deflator.cpp", "io/table/csv.h"): "a study may name a price index, which is a table",
}

# A header of an outside library (pattern on the include) -> the only files that may include it, outside bench/ and tests/.
LIBRARIES = {
    r"(oneapi/)?tbb/": r"engine/parallel\.cpp",
    r"(hdf5(_hl)?|H5\w+)\.h": r"io/(\w+/)?hdf5_handle\.(h|cpp)",
    r"(cblas|lapacke?|openblas_config)\.h": r"kernels/blas\.(h|cpp)",
    r"mpi\.h": r"engine/mpi/.*",
    r"Random123/": r"kernels/philox\.cpp",
}

# Header-only or heavy libraries: one .cpp each, since every further one costs seconds of compilation.
ONE_FILE_EACH = {"toml++": r"toml\+\+|toml\.hpp", "CLI11": r"CLI/", "nlohmann-json": r"nlohmann/", "Eigen": r"Eigen/",
                 "muParser": r"muParser", "spdlog": r"spdlog/", "OpenSSL": r"openssl/"}

# The study's resolved form and the program's tables are different documents: one .cpp in each room.
ONE_FILE_A_ROOM = {"nlohmann-json"}

# Standard headers that a layer has no business with.
BARRED = {
    "kernels": r"(thread|mutex|future|chrono|iostream|fstream|filesystem|cstdio|stdio\.h)",  # no I/O, threads, clocks
    "engine": r"(iostream|print)",                                                          # libraries do not print
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def code_files():
    return sorted(p for top in CODE for suffix in ("*.h", "*.cpp") for p in (ROOT / top).rglob(suffix))


def name(path):
    return path.relative_to(ROOT).as_posix()


def top_of(file):
    return file.split("/", 1)[0]


def room_of(file):
    """engine/panel/sample.h -> engine/panel; engine/error.h -> engine."""
    return file.rsplit("/", 1)[0]


def is_allowed(file, included):
    if any(included == allowed or included.startswith(allowed + "/") for allowed in LAYERS[top_of(file)]):
        return True
    return any(file.startswith(start) and included == header for start, header in EXCEPTIONS)


def check_layers(includes):
    """Arrows between layers; between rooms of io only the program may look at all."""
    for file, found in includes.items():
        for bracket, included in found:
            if bracket == '"':
                if not (ROOT / included).is_file():
                    yield f"{file}: includes \"{included}\", which is no file; write paths from the repository root"
                elif not is_allowed(file, included):
                    yield f"{file}: may not include {included} (arrows: kernels <- engine <- io)"
                elif (file, included) in ROOM_EXCEPTIONS:
                    continue
                elif top_of(file) == "io" and included.startswith("io/") and room_of(file) != "io/cli":
                    if room_of(included) not in (room_of(file), "io"):
                        yield f"{file}: may not include {included}: only io/cli joins the rooms of io"
            elif top_of(file) in BARRED and re.fullmatch(BARRED[top_of(file)], included):
                yield f"{file}: may not include <{included}>"


def check_libraries(includes):
    inside = {f: found for f, found in includes.items() if top_of(f) not in ("bench", "tests")}
    for file, found in inside.items():
        for _, included in found:
            for library, owner in LIBRARIES.items():
                if re.match(library, included) and not re.fullmatch(owner, file):
                    yield f"{file}: may not include <{included}>; that belongs to {owner}"
    for library, pattern in ONE_FILE_EACH.items():
        users = sorted(f for f, found in inside.items() if any(re.match(pattern, i) for _, i in found))
        yield from (f"{f}: includes {library} in a header" for f in users if f.endswith(".h"))
        rooms = {room_of(f) for f in users}
        if len(users) > (len(rooms) if library in ONE_FILE_A_ROOM else 1):
            yield f"{library} is included by {', '.join(users)}: one .cpp only"


def cycle_in(graph):
    """Some cycle of the graph as a list that ends where it begins, or None. Depth-first, iterative."""
    done = set()
    for start in sorted(graph):
        path, iterators = [start], [iter(sorted(graph[start]))]
        while path and start not in done:
            following = next(iterators[-1], None)
            if following is None:
                done.add(path.pop())
                iterators.pop()
            elif following in path:
                return path[path.index(following):] + [following]
            elif following in graph and following not in done:
                path.append(following)
                iterators.append(iter(sorted(graph[following])))
    return None


def check_cycles(includes):
    """Neither files nor rooms (sub-folders) may need each other. Files directly in engine/ or io/ belong to no room."""
    files = {f: {i for b, i in found if b == '"'} for f, found in includes.items()}
    rooms = {}
    for file, found in files.items():
        if file.count("/") >= 2 and top_of(file) in ("engine", "io"):
            others = {room_of(i) for i in found if i.count("/") >= 2 and top_of(i) == top_of(file)}
            rooms.setdefault(room_of(file), set()).update(others - {room_of(file)})
    for kind, graph in (("files", files), ("rooms", rooms)):
        if cycle := cycle_in(graph):
            yield f"{kind} include each other: {' -> '.join(cycle)}"


def check_namespaces(headers):
    for file in headers:
        parts = room_of(file).split("/")
        if parts[0] in ("bench", "tests"):
            continue
        text = (ROOT / file).read_text(encoding="utf-8")
        wanted = "nokkel" + "".join("::" + p for p in (parts[:1] if parts[0] == "kernels" else parts[1:]))
        found = set(re.findall(r"^namespace (nokkel[\w:]*) \{", text, re.M))
        if found and not any(f == wanted or f.startswith(wanted + "::") for f in found):
            yield f"{file}: namespace {', '.join(sorted(found))}, but the folder says {wanted}"


def check_built(files):
    """Every .cpp has a compile command; looked up in the builds that exist (bench is built by release only)."""
    databases = [p for p in (ROOT / "build" / b / "compile_commands.json" for b in ("checked", "release")) if p.is_file()]
    if not databases:
        return
    built = {name(p) for d in databases for c in json.loads(d.read_text(encoding="utf-8"))
             if (p := Path(c["file"])).is_relative_to(ROOT)}
    has_bench = any(b.startswith("bench/") for b in built)
    for file in files:
        if file.endswith(".cpp") and file not in built and (has_bench or not file.startswith("bench/")):
            yield f"{file}: no target builds it"


def tracked_folders():
    """Folders of the code that hold files, tests' own data aside."""
    return sorted({room_of(name(p)) for top in CODE for p in (ROOT / top).rglob("*") if p.is_file()})


def expand(word):
    """engine/parallel.{h,cpp} -> both."""
    braces = re.fullmatch(r"(.*)\{([^}]*)\}(.*)", word)
    return [braces[1] + choice + braces[3] for choice in braces[2].split(",")] if braces else [word]


def check_page():
    page = ROOT / "ARCHITECTURE.md"
    if not page.is_file():
        yield "ARCHITECTURE.md: missing"
        return
    text = page.read_text(encoding="utf-8")
    known = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True,
                           capture_output=True, check=False).stdout.split("\n")
    for line_number, line in enumerate(text.split("\n"), 1):
        links = [link for link in re.findall(r"\]\(([^)#]+)\)", line) if "://" not in link]
        for word in re.findall(r"`([^`\s]+)`", line) + links:
            looks_like_path = "/" in word or re.search(r"\.(md|h|cpp|txt|toml|json|sh|py)$", word)
            if not looks_like_path or word.startswith("<") or "://" in word:
                continue
            for path in expand(word):
                exists = (ROOT / path).exists() and (not known[0] or any(k == path or k.startswith(path.rstrip("/") + "/")
                                                                       for k in known))
                if not exists:
                    yield f"ARCHITECTURE.md:{line_number}: {path} does not exist"
    for folder in tracked_folders():
        top = top_of(folder)
        if top in ("tests", "bench"):
            folder = top  # these mirror the code; one line each is enough
        if f"`{folder}/`" not in text:
            yield f"ARCHITECTURE.md: no line on `{folder}/`"


def check_variables():
    """docs/results-format.md lists the variables of engine/variables.cpp with their axes."""
    code = (ROOT / "engine" / "variables.cpp").read_text(encoding="utf-8")
    short = dict(pair for line in re.findall(r"constexpr A (C = .*?);", code, re.S) for pair in re.findall(r"(\w) = A::(\w+)", line))
    in_code = {variable: ", ".join(short.get(a.strip(), a.strip().removeprefix("A::")) for a in axes.split(","))
               for variable, axes in re.findall(r'make\(Var::\w+,\s*"(\w+)",\s*\{([^}]*)\}', code)}
    page = (ROOT / "docs" / "results-format.md").read_text(encoding="utf-8")
    on_page = {variable: axes for names, axes in re.findall(r"^\| (`[^|]*`) \| ([\w, ]+) \|", page, re.M)
               for variable in re.findall(r"`(\w+)`", names)}
    if not in_code:
        yield "engine/variables.cpp: its table was not understood (.ci/architecture.py)"
    for variable in sorted(in_code.keys() | on_page.keys()):
        if in_code.get(variable) != on_page.get(variable):
            yield (f"docs/results-format.md: {variable}: the page says axes {on_page.get(variable)}, "
                   f"engine/variables.cpp {in_code.get(variable)}")


def main():
    files = code_files()
    includes = {name(p): INCLUDE.findall(p.read_text(encoding="utf-8")) for p in files}
    names = list(includes)
    faults = sorted({*check_layers(includes), *check_libraries(includes), *check_cycles(includes),
                     *check_namespaces([f for f in names if f.endswith(".h")]), *check_built(names), *check_page(),
                     *check_variables()})
    print("\n".join(faults) if faults else f"architecture: {len(files)} files in order")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
