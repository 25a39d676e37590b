"""scikit-learn, one thread: LinearRegression under RepeatedKFold (10 x 10), as its documentation does it; held-out squared errors.

Usage: /usr/bin/python3 bench/peers/sklearn_folds.py FOLDER [seconds]
R2 of the rows as they are is compared with the other peers; folds are scikit-learn's own draws.
"""

import os
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402
import sklearn  # noqa: E402
from sklearn.linear_model import LinearRegression  # noqa: E402
from sklearn.model_selection import RepeatedKFold, cross_val_score  # noqa: E402

from peer import Data, run  # noqa: E402

FOLDS = 10 * 10


def main():
    data = Data()
    splitter = RepeatedKFold(n_splits=10, n_repeats=10, random_state=106)

    def r2_of(columns):
        x = data.x[:, columns]
        scores = cross_val_score(LinearRegression(), x, data.y, cv=splitter, scoring="neg_mean_squared_error")
        if not np.all(scores < 0):
            raise ValueError("a held-out error is missing")
        return [LinearRegression().fit(x, data.y).score(x, data.y)]

    run("sklearn_folds", f"scikit-learn {sklearn.__version__}", data, r2_of, time.process_time(), fits_each=FOLDS + 1)


if __name__ == "__main__":
    main()
