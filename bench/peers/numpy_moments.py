"""numpy, one thread: cross-products of all draws by one matrix product, then one batched solve a combination.

Usage: /usr/bin/python3 bench/peers/numpy_moments.py FOLDER [seconds]
"""

import os
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402

from peer import Data, run  # noqa: E402


def main():
    data = Data()
    n, p = data.x.shape
    start = time.process_time()
    z = np.column_stack([(data.x - data.x.mean(axis=0)) / data.x.std(axis=0), data.y - data.y.mean()])
    weights = np.vstack([np.ones(n), *(np.bincount(draw, minlength=n) for draw in data.draws)])
    upper = np.triu_indices(p + 1)
    products = weights @ (z[:, upper[0]] * z[:, upper[1]])
    moments = np.empty((len(weights), p + 1, p + 1))
    moments[:, upper[0], upper[1]] = moments[:, upper[1], upper[0]] = products
    mean = weights @ z / n
    moments -= n * mean[:, :, None] * mean[:, None, :]

    def r2_of(columns):
        s = moments[:, columns, p]
        b = np.linalg.solve(moments[np.ix_(range(len(weights)), columns, columns)], s[..., None])[..., 0]
        return np.sum(b * s, axis=1) / moments[:, p, p]

    run("numpy_moments", f"numpy {np.__version__}", data, r2_of, start)


if __name__ == "__main__":
    main()
