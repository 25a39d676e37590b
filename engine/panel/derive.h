/// New columns made from those of a panel. Kinds first; an expression only where no kind fits.
#pragma once

#include <string>
#include <vector>

#include "engine/panel/panel.h"

namespace nokkel::panel {

enum class DerivedKind { share, relative_share, sum, product, power, per_inhabitant, expression };

struct DerivedSpec {
  std::string name;
  DerivedKind kind = DerivedKind::sum;
  std::vector<std::string> of;  ///< source columns
  std::string by;               ///< denominator (share, relative_share); empty: the population column
  double exponent = 1.0;        ///< power
  double scale = 1.0;           ///< result is multiplied by it (1000: "per 1000")
  std::string expression;       ///< muParser over column names
  std::string where;            ///< `file:line: key` of the study, for messages
};

/// Adds the columns in the order given; a later one may use an earlier one. Missing operands give missing results.
///   share            sum(of) / by
///   relative_share   (x_i / X) / (p_i / P), x = sum(of), p = by, totals over the year's rows that have both
///                    operands, without cities whose districts are there too (SYSTEMS A9)
///   sum, product     over `of`
///   power            of[0] ^ exponent (SYSTEMS A11)
///   per_inhabitant   sum(of) / population
/// Errors (InputError at spec.where): unknown column, name already taken, denominator zero or negative (row named),
/// wrong number of operands, negative base of a fractional power, expression that does not parse.
/// `population` names the population column; empty when the study has none. Cost: O(rows) a column.
void add_derived(Panel& panel, const std::vector<DerivedSpec>& specs, const std::string& population);

/// Rows of the panel for which a condition holds, for example `population >= 12000 and group != 'oslo'`.
/// Numbers compare with == != < <= > >= and + - * / ( ) ; text compares with == and != to a 'quoted' text; and, or, not
/// combine. Column names may be any UTF-8 name made of letters, digits and '_', or `back-quoted`.
/// A comparison with a missing number is false (so its `not` is true). Empty condition: all rows. Grammar: expression.h.
/// Errors (InputError at `where`): unknown column, syntax (position and what was expected).
std::vector<char> rows_where(const Panel& panel, const std::string& condition, const std::string& where);

}  // namespace nokkel::panel
