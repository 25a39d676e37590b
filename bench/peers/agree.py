"""Do the peers, and nokkel, give the same answers? R2 of every combination that two of them did, to 1e-10.

Usage: /usr/bin/python3 bench/peers/agree.py FOLDER [OUT.h5]     OUT.h5: of nokkel run FOLDER/w1.toml
Exit code 1: a difference above 1e-10, or nothing to compare.
"""

import csv
import pathlib
import sys

import h5py

MOST = 1e-10


def answers(file):
    with open(file, encoding="utf-8") as stream:
        return {row["combination"]: {k: float(row[k]) for k in ("r2", "mean_r2") if row[k]} for row in csv.DictReader(stream)}


def of_nokkel(file):
    with h5py.File(file) as h5:
        return {label.decode(): {"r2": r2} for label, r2 in zip(h5["label"][:], h5["r2"][:, 0, 0])}


def main():
    found = {file.stem[5:]: answers(file) for file in sorted(pathlib.Path(sys.argv[1]).glob("peer_*.csv"))}
    if len(sys.argv) > 2:
        found["nokkel"] = of_nokkel(sys.argv[2])
    names = list(found)
    compared, broken = 0, 0
    for i, a in enumerate(names):
        for b in names[i + 1:]:
            for figure in ("r2", "mean_r2"):
                differences = [abs(found[a][label][figure] - found[b][label][figure])
                               for label in found[a].keys() & found[b].keys()
                               if figure in found[a][label] and figure in found[b][label]]
                if not differences:
                    continue
                compared += 1
                broken += not max(differences) <= MOST
                print(f"{figure:8} {a:16} {b:16} {len(differences):6,} combinations, largest difference {max(differences):.1e}")
    return 0 if compared and not broken else 1


if __name__ == "__main__":
    sys.exit(main())
