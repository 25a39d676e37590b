"""What the Python peers share: the data of w1.py, the clock (CPU seconds of the one thread), the written answers."""

import csv
import pathlib
import sys
import time

import numpy as np


class Data:
    def __init__(self):
        self.folder = pathlib.Path(sys.argv[1])
        self.seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10
        table = np.genfromtxt(self.folder / "w1.csv", delimiter=",", skip_header=1)
        self.y, self.x = table[:, 1], table[:, 2:]
        self.draws = np.loadtxt(self.folder / "draws.csv", delimiter=",", dtype=int)
        with open(self.folder / "combinations.csv", encoding="utf-8") as stream:
            self.labels = [row["combination"] for row in csv.DictReader(stream)]

    @staticmethod
    def columns(label):
        return [int(name[1:]) - 1 for name in label.split(" + ")]


def run(name, version, data, r2_of, start, fits_each=None):
    """r2_of(columns): R2 of the rows as they are, then of every draw of draws.csv where the peer uses them. `start`: clock before
    what is made once for all. fits_each: fits a combination where they are not those of the draws."""
    rows = []
    for label in data.labels:
        r2 = r2_of(data.columns(label))
        rows.append((label, repr(float(r2[0])), repr(float(np.mean(r2[1:]))) if len(r2) > 1 else ""))
        if time.process_time() - start > data.seconds:
            break
    seconds = time.process_time() - start
    with open(data.folder / f"peer_{name}.csv", "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([("combination", "r2", "mean_r2"), *rows])
    fits = len(rows) * (fits_each or len(data.draws) + 1)
    mean = sum(float(row[2] or row[1]) for row in rows) / len(rows)
    print(f"{name} ({version}): {fits:,} fits of {len(rows):,} combinations in {seconds:.2f} CPU s, "
          f"{fits / seconds:,.0f} fits/s, mean R2 {mean:.12f}")
