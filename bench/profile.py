"""Where the time of a whole run goes, from the CSV to the closed file: perf's samples summed by part.

Usage: python3 bench/profile.py STUDY.toml [--nokkel PROGRAM] [--threads N]
Needs perf (apt: linux-perf) and the right to use it (sysctl kernel.perf_event_paranoid). Samples by processor time, which a
virtual machine can do too.
"""

import argparse
import collections
import re
import subprocess
import sys
import tempfile

# First match wins; what a sample belongs to is told by its symbol, else by its library.
PARTS = [
    ("sweep kernels", r"kernels::(portable|v3|v4)::"),
    ("moments", r"dgemm|kernels::(make_root|products|panel_moments|test_moments|multiply|.*centre)|provider|philox|CellMoments"),
    ("repair, report path", r"LaneWeights|RowRepair|LaneMoments|least_squares|double_double|kernels::dd"),
    ("walk", r"Walker|search::walk|plan_block|universe::"),
    ("sinks", r"PairSums|HalfMarks|HeldOut|FullFits|FitSums|MaxT|YearContrast|held_out_pointers|LaneMask|search::.*::combination"),
    ("leading lists", r"TopList"),
    ("records", r"RecordMaker|search_block|BlockSearch"),
    ("ranking, selected", r"ranking::|ScoreOrder|after_loop|UnitLosses|unit_errors|order_by_score"),
    ("writing", r"results::|H5|hdf5|fletcher|copy_folio|ext4|xfs|overlay|write|deflate|shmem|\[k\] .*folio"),
    ("reading, labels, text", r"table::|config::|cli::|panel::|fmt::|toml"),
    ("memory of the system", r"page_fault|clear_page|\[k\]|irqentry|memset|memmove|malloc|free"),
]


def part_of(line):
    return next((name for name, pattern in PARTS if re.search(pattern, line)), "other")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("study")
    parser.add_argument("--nokkel", default="build/bench/io/cli/nokkel")
    parser.add_argument("--threads", default="1")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = folder + "/perf.data"
        subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-F", "997", "-o", data, arguments.nokkel, "run", arguments.study,
                        "-o", folder + "/out.h5", "--threads", arguments.threads, "--quiet"],
                       check=True, stdout=subprocess.DEVNULL)
        text = subprocess.run(["perf", "report", "-i", data, "--stdio", "--no-children", "--sort", "dso,symbol"], check=True,
                              text=True, capture_output=True).stdout
    shares, examples = collections.Counter(), collections.defaultdict(list)
    for line in text.split("\n"):
        if found := re.match(r"\s*([\d.]+)%\s+(.*\S)", line):
            name = part_of(found[2])
            shares[name] += float(found[1])
            symbol = re.sub(r"^.*\[[.k]\] ", "", found[2])
            examples[name].append(f"{found[1]} {symbol[:60]}")
    for name, share in shares.most_common():
        print(f"{share:6.1f} %  {name:24} {'; '.join(examples[name][:3])}")
    kernel = shares["sweep kernels"] + shares["moments"]
    print(f"{100 - kernel:6.1f} %  not kernel (all but sweep kernels and moments)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
