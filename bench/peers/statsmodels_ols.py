"""statsmodels, one thread: one OLS(...).fit() a draw, as a script of a few lines does it; every fit also gets its SEs.

Usage: /usr/bin/python3 bench/peers/statsmodels_ols.py FOLDER [seconds]
"""

import os
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402
import statsmodels  # noqa: E402
import statsmodels.api as sm  # noqa: E402

from peer import Data, run  # noqa: E402


def main():
    data = Data()
    all_rows = [np.arange(len(data.y)), *data.draws]

    def r2_of(columns):
        x = sm.add_constant(data.x[:, columns])
        fits = (sm.OLS(data.y[rows], x[rows]).fit() for rows in all_rows)
        return [fit.rsquared for fit in fits if fit.bse is not None]

    run("statsmodels_ols", f"statsmodels {statsmodels.__version__}", data, r2_of, time.process_time())


if __name__ == "__main__":
    main()
