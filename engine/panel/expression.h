/// Formulas over the columns of a panel: the only files that use muParser.
///
/// Grammar, loosest first:  or | and | not | == != < <= > >= | + - | * / | sign | ^ | ( ) , and functions
/// abs exp ln log10 max min sqrt. Column names: letters of any script, digits and '_', or anything in `back quotes`.
/// Texts stand in single or double quotes (doubled inside) and compare by == and != with a column, as they are: an
/// empty cell is an empty text. Comparisons do not chain.
/// Missing numbers: a comparison with a missing operand is false, so its `not` is true; a missing number on its own is
/// false; a formula for a number is missing wherever one of its numeric columns is.
#pragma once

#include <string>
#include <vector>

#include "engine/panel/panel.h"

namespace nokkel::panel {

/// The formula in every row; NaN where a numeric operand is missing.
/// Errors (InputError at `where`): empty text, unknown column or function, syntax (position in characters, and what was
/// expected), a row with all operands whose result is not finite (row named). Cost: O(rows).
std::vector<double> evaluate_number(const Panel& panel, const std::string& text, const std::string& where);

/// Rows where the condition holds. Errors and cost: as above, save that no result is refused.
std::vector<char> evaluate_condition(const Panel& panel, const std::string& text, const std::string& where);

}  // namespace nokkel::panel
