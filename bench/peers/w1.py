"""Data of the size of a real study for all peers: n = 106 rows, p = 30 columns, every combination of up to 4 of them.

Usage: /usr/bin/python3 bench/peers/w1.py FOLDER     writes into it, always the same
  w1.csv            unit, y, x1 … x30
  combinations.csv  the 31,930 combinations "x1 + x7" in one random order: a peer does as many as its time allows
  draws.csv         999 pairs bootstrap draws: row numbers from 0, one draw a line
  w1.toml           the same as a study of nokkel
"""

import csv
import itertools
import pathlib
import random
import sys

import numpy as np

N, P, MOST, DRAWS = 106, 30, 4, 999

STUDY = """[study]
title = "Peers: n = {n}, p = {p}"
seed = 1
[[data]]
file = "w1.csv"
unit = "unit"
[[response]]
name = "y"
column = "y"
price = "nominal"
[universe]
size = [1, {most}]
[resample]
pairs = {draws}
half_pairs = 0
[cross_validation]
folds = 2
repeats = 1
"""


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(106)
    x = 10 + 0.5 * generator.standard_normal((N, 1)) + generator.standard_normal((N, P))
    y = 50 + x[:, 0] + x[:, 10] + x[:, 20] + 2 * generator.standard_normal(N)
    names = [f"x{j + 1}" for j in range(P)]
    labels = [" + ".join(c) for size in range(1, MOST + 1) for c in itertools.combinations(names, size)]
    random.Random(106).shuffle(labels)

    def write(name, rows):
        with open(folder / name, "w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)

    write("w1.csv", [["unit", "y", *names], *([f"u{i:03d}", repr(float(y[i])), *map(repr, x[i].tolist())] for i in range(N))])
    write("combinations.csv", [["combination"], *([label] for label in labels)])
    write("draws.csv", generator.integers(0, N, (DRAWS, N)).tolist())
    criteria = "".join(f'[[criterion]]\nname = "{name}"\n' for name in names)
    (folder / "w1.toml").write_text(STUDY.format(n=N, p=P, most=MOST, draws=DRAWS) + criteria, encoding="utf-8")


if __name__ == "__main__":
    main()
