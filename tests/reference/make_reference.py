# Made tests/data/reference_statsmodels.csv and tests/data/reference_universe.csv, from the root of the repository, with
#   /usr/bin/python3 tests/reference/make_reference.py --cells /tmp/cells
# Python 3.11.2, numpy 1.24.2, statsmodels 0.13.5 (Debian 12: python3-statsmodels).
"""Least squares by statsmodels (pinv, thus SVD) on the shipped studies: 200 random admissible combinations, each outcome and
year in which all their criteria are available. The universe is enumerated here by the study's own rules (study.py), apart
from the engine; the random combinations are drawn from that list, without replacement, N of size k in proportion to k.

One row a fit: study, outcome, year, combination, n, r2, adj_r2, aic, bic, intercept and its SE, then coefficient and
classical SE of each criterion in the order of the label. 17 significant digits.

AIC and BIC are in R's convention: sigma2 counts as a parameter, which statsmodels leaves out, so 2 and ln n are added.
Columns run from 1e-3 to 1e5: they are centred and scaled before the fit and coefficients and their covariance transformed
back, which loses no digit (the subtraction of a rounded mean is exact or nearly so, and is undone with the same mean).

--cells FOLDER also writes the rows of every cell, one file a study, reals in hexadecimal so that none is rounded:
make_reference.R and bench/peers/boot_se.R read them.
"""

import argparse
import csv
import pathlib
import random

import numpy as np
import statsmodels.api as sm

from study import Study

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
SEED = 20141201
N_BY_SIZE = {"norway-child-welfare": {1: 15, 2: 30, 3: 45, 4: 60}, "norway": {1: 5, 2: 10, 3: 15, 4: 20}}
FIGURES = ["n", "r2", "adj_r2", "aic", "bic", "intercept", "intercept_se"]


def fit(cell, members):
    raw = np.array([cell.x[m] for m in members]).T
    mean, scale = raw.mean(axis=0), raw.std(axis=0)
    result = sm.OLS(np.array(cell.y), sm.add_constant((raw - mean) / scale, has_constant="raise")).fit()
    n, k = raw.shape[0], len(members) + 1
    # beta_raw = T beta_scaled
    back = np.diag(np.concatenate([[1.0], 1 / scale]))
    back[0, 1:] = -mean / scale
    coef = back @ result.params
    se = np.sqrt(np.diag(back @ result.cov_params() @ back.T))
    figures = [n, result.rsquared, result.rsquared_adj, result.aic + 2, result.bic + np.log(n)]
    assert result.df_resid == n - k
    return figures + [value for pair in zip(coef, se) for value in pair]


def draw(study, universe, generator):
    chosen = [m for size, count in N_BY_SIZE[study.name].items() for m in generator.sample(universe[size], count)]
    unseen = set(study.criteria) - {m for members in chosen for m in members}
    assert not unseen, f"{study.name}: no combination holds {unseen}"
    return chosen


def write_cells(study, folder):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{study.name}.csv", "w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(["outcome", "sample", "year", "unit", "y", *study.criteria])
        for (outcome, year), cell in study.cells.items():
            for i, unit in enumerate(cell.units):
                x = [cell.x[c][i].hex() if c in cell.x else "NA" for c in study.criteria]
                out.writerow([outcome, study.sample_of[outcome], year, unit, cell.y[i].hex(), *x])


def text(value):
    return value if isinstance(value, (str, int)) else f"{value:.17g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=pathlib.Path, help="folder for the rows of every cell")
    arguments = parser.parse_args()
    generator = random.Random(SEED)
    fits, counts = [], []
    for name in N_BY_SIZE:
        study = Study(ROOT / "configs" / f"{name}.toml")
        universe = study.combinations()
        counts += [(name, size, len(members)) for size, members in universe.items()]
        for members in draw(study, universe, generator):
            for (outcome, year), cell in study.cells.items():
                if all(m in cell.x for m in members):
                    fits.append([name, outcome, year, " + ".join(members), *fit(cell, members)])
        if arguments.cells:
            write_cells(study, arguments.cells)
    header = ["study", "outcome", "year", "combination", *FIGURES]
    header += [f"{figure}_{slot}" for slot in range(1, 5) for figure in ("coef", "se")]
    for file, rows in (("reference_statsmodels.csv", [header] + [f + [""] * (len(header) - len(f)) for f in fits]),
                       ("reference_universe.csv", [("study", "size", "combinations"), *counts])):
        with open(DATA / file, "w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([text(v) for v in row] for row in rows)
    print(f"{len(fits)} fits of {sum(sum(n.values()) for n in N_BY_SIZE.values())} combinations; universe {counts}")


if __name__ == "__main__":
    main()
