"""Tables from the JSON of nokkel_bench (--benchmark_out=FILE --benchmark_out_format=json).

Usage: python3 bench/compare.py A.json B.json     fits/s of both and B / A
       python3 bench/compare.py A.json            fits/s, and the ratios to Eigen baselines of the same run and size
       python3 bench/compare.py --log A.json      the same as a dated log in Markdown: machine, compiler, commit (bench/results/)
       python3 bench/compare.py --page A.json docs/performance.md    puts the table between the marks of the page
With repetitions the best of each bench counts: what others on the machine take can only slow it down. A bench that refused to
report (its answer was wrong) is listed with its reason, and the exit code is then 1.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

# What ratios are taken to: the baseline of the budgets, the same without allocations, and that with coefficients only.
LLT, CAPACITY, COEFFICIENTS = "baseline_eigen_llt", "baseline_eigen_llt_capacity", "baseline_eigen_llt_coef"
BEGIN, END = "<!-- table: bench/compare.py --page -->", "<!-- end of table -->"


def read(file):
    data = json.loads(Path(file).read_text(encoding="utf-8"))
    best, refused = {}, {}
    for run in data["benchmarks"]:
        name = re.sub(r"/repeats:\d+", "", run.get("run_name", run["name"]))
        if run.get("error_occurred"):
            refused[name] = run.get("error_message", "")
        elif run.get("run_type", "iteration") == "iteration" and run.get("fits/s", 0) > best.get(name, {}).get("fits/s", 0):
            best[name] = run
    return data["context"], best, refused


def roofline(file):
    """Best of the benches that tell what the machine can do."""
    found = {}
    for run in json.loads(Path(file).read_text(encoding="utf-8"))["benchmarks"]:
        name = run.get("run_name", run["name"])
        if name.startswith("roofline") and run.get("run_type", "iteration") == "iteration":
            for counter in ("flop/s", "divisions/s", "bytes/s"):
                if counter in run:
                    found[name] = max(found.get(name, (0, ""))[0], run[counter]), counter
    return "".join(f"| `{name}` | {rate(value)}{unit} |\n" for name, (value, unit) in found.items())


def part(name, key):
    found = re.search(rf"/{key}:([^/]+)", name)
    return found[1] if found else ""


def baseline(best, which, name):
    """The same size where it was measured; else k = 4, P = 30."""
    size = f"/k:{part(name, 'k')}/P:{part(name, 'P')}/threads:1"
    return best.get(which + size) or best.get(which + "/k:4/P:30/threads:1")


def rate(value):
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:.3g} {letter}" if value < 1000 * unit else f"{value / unit:.0f} {letter}"
    return f"{value:.3g}"


def ratio(run, base, threads):
    return f"{run['fits/s'] / threads / base['fits/s']:.1f}" if base else ""


def scaling(run, one, threads):
    """Fits/s over those of one thread; void where other programs had the processors."""
    if threads == 1 or not one:
        return ""
    return f"{run['fits/s'] / one['fits/s']:.2f}" if run.get("busy", 1) > 0.9 else f"void: {100 * run['busy']:.0f} % of the time given"


def rows_of(best):
    for name, run in best.items():
        threads = int(part(name, "threads") or 1)
        one = best.get(name.replace(f"/threads:{threads}", "/threads:1"))
        is_void = threads > 1 and run.get("busy", 1) <= 0.9
        is_fit = not is_void and re.match(r"sweep_|held_out|max_t|run_|repair|baseline_(eigen|lapack)", name)
        yield [f"`{name}`", rate(run["fits/s"]), "" if is_void else f"{1e9 * threads / run['fits/s']:.3g}", f"{100 * run.get('share_of_dgemm', 0):.1f} %",
               f"{100 * run.get('share_of_peak', 0):.1f} %", *(ratio(run, baseline(best, base, name), threads) if is_fit else "" for base in (LLT, CAPACITY, COEFFICIENTS)),
               scaling(run, one, threads)]


def table(file):
    _, best, refused = read(file)
    lines = ["| bench | fits/s | ns a fit and thread | of dgemm | of FMA peak | ÷ LLT | ÷ LLT, capacity | ÷ LLT, coefficients | ÷ one thread |",
             "|---|---|---|---|---|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows_of(best)]
    lines += [f"| `{name}` | refused: {why} ||||||||" for name, why in refused.items()]
    machine_rows = roofline(file)
    if machine_rows:
        lines += ["", "| the machine, one core | a second |", "|---|---|", machine_rows.rstrip("\n")]
    return "\n".join(lines) + "\n", bool(refused)


def machine(file):
    context, _, _ = read(file)
    context.setdefault("load_avg", [""])
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=Path(__file__).parent, text=True, capture_output=True,
                            check=False).stdout.strip()
    return (f"{context['date'][:10]}, {context.get('processor', '')}, {context['num_cpus']} cores, kernel {context.get('kernel', '')}; "
            f"{context.get('blas', '')}; {context.get('compiler', '')}, {context.get('build', '')}; commit {commit}; "
            f"FMA peak {context.get('fma_peak_gflops', '')} GFLOP/s, dgemm {context.get('dgemm_gflops', '')} GFLOP/s a core; "
            f"load at the start {(context['load_avg'] or [''])[0]}.")


def compare(file_a, file_b):
    (_, a, _), (_, b, refused) = read(file_a), read(file_b)
    print(f"{'bench':52} {'A':>10} {'B':>10} {'B / A':>7}")
    for name in [n for n in a if n in b]:
        print(f"{name:52} {rate(a[name]['fits/s']):>10} {rate(b[name]['fits/s']):>10} {b[name]['fits/s'] / a[name]['fits/s']:7.3f}")
    for name in sorted(a.keys() ^ b.keys()):
        print(f"{name:52} only in {'A' if name in a else 'B'}")
    return bool(refused)


def main():
    words = sys.argv[1:]
    if len(words) == 2 and words[0] == "--log":
        text, failed = table(words[1])
        print(f"# {machine(words[1])}\n\n{text}", end="")
    elif len(words) == 3 and words[0] == "--page":
        text, failed = table(words[1])
        page = Path(words[2])
        before, rest = page.read_text(encoding="utf-8").split(BEGIN)
        page.write_text(f"{before}{BEGIN}\n{machine(words[1])}\n\n{text}{END}{rest.split(END)[1]}", encoding="utf-8")
    elif len(words) == 2:
        failed = compare(*words)
    elif len(words) == 1 and not words[0].startswith("-"):
        text, failed = table(words[0])
        print(text, end="")
    else:
        sys.exit(__doc__)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
