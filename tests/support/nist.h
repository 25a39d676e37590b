/// The NIST StRD linear least-squares sets: the table of METHODS 1.5, and the files of data/nist.
#pragma once

#include <string>
#include <vector>

#include "kernels/double_double.h"

namespace nokkel::testing {

/// One row of the table of METHODS 1.5.
struct NistSet {
  std::string name;  ///< as certified; the file is its lower case
  int n = 0, k = 0;  ///< rows, coefficients
  double r2 = 0, residual_sd = 0;
  int degree = 0;  ///< of the polynomial in x; 0: the columns as they are
  bool intercept = true;
  double screen = 0;    ///< least LRE of the fast path; 0: none asked, the set must be routed to the slow path
  double report = 0;    ///< least LRE of the report path
  bool exact = false;   ///< certified residuals are 0: standard errors within 1e-8, no LRE
  bool routed = false;  ///< the search must flag it
};

/// All eleven.
const std::vector<NistSet>& nist_table();

/// Those whose data and certified values are in data/nist. A data file that the table does not know is a test failure.
std::vector<NistSet> nist_sets_present();

struct NistData {
  std::vector<double> y;
  std::vector<std::vector<kernels::DoubleDouble>> x;  ///< [column][row]; powers in double-double
  std::vector<double> b, se;                          ///< certified, intercept first where there is one
  double r2 = 0, residual_sd = 0;
  /// Powers formed by multiplication in double.
  [[nodiscard]] std::vector<std::vector<double>> plain_columns() const;
  int degree = 0;
};
NistData read_nist(const NistSet& set);

}  // namespace nokkel::testing
