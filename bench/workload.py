"""A study file and its CSV of the size of a workload of `nokkel bench` (w1, w2, w3), for whole runs from the CSV to the closed
file and for profiles of them.

Usage: python3 bench/workload.py w1|w2|w3 FOLDER
"""

import csv
import pathlib
import random
import sys

# P criteria, largest size, years, pairs, half-sample pairs, folds, repeats; 106 units.
SIZES = {"w1": (30, 4, 7, 999, 500, 10, 10), "w2": (60, 4, 1, 9999, 500, 10, 10), "w3": (60, 6, 7, 999, 500, 10, 10)}
N = 106

STUDY = """[study]
title = "{name}: n = {n}, P = {p}"
seed = 1
[[data]]
file = "{name}.csv"
unit = "unit"
year = "year"
[[response]]
name = "y"
column = "y"
price = "nominal"
[universe]
size = [1, {most}]
[resample]
pairs = {pairs}
half_pairs = {halves}
[cross_validation]
folds = {folds}
repeats = {repeats}
"""


def main():
    name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    p, most, years, pairs, halves, folds, repeats = SIZES[name]
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(106).gauss
    common = [draw(0, 1) for _ in range(N)]
    own = [[draw(0, 1) for _ in range(p)] for _ in range(N)]
    criteria = [f"x{j + 1}" for j in range(p)]
    with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(["unit", "year", "y", *criteria])
        for year in range(2006, 2006 + years):
            for i in range(N):
                x = [10 + 0.5 * common[i] + own[i][j] + 0.2 * draw(0, 1) for j in range(p)]
                out.writerow([f"u{i:03d}", year, repr(50 + sum(x[::10]) + 2 * draw(0, 1)), *map(repr, x)])
    text = STUDY.format(name=name, n=N, p=p, most=most, pairs=pairs, halves=halves, folds=folds, repeats=repeats)
    text += "".join(f'[[criterion]]\nname = "{c}"\n' for c in criteria)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
