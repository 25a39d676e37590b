/// The user's formulas cut into tokens and checked, before anything is looked up or computed (grammar: expression.h).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace nokkel::panel {

enum class Kind { number, name, text, function, sign, arithmetic, comparison, logic, negation, open, close, comma, end };

struct Token {
  Kind kind = Kind::end;
  std::string text;          ///< as muParser writes it; of names and texts: the content
  std::size_t position = 0;  ///< byte in the user's text
  bool quoted = false;       ///< a back-quoted name
  double value = 0;
};

/// The user's text with the place that messages name.
struct Source {
  const std::string& text;
  const std::string& where;

  /// "study.toml:5: sample.where: at character 9 of `pop > $`"; characters count from 1, `position` is a byte.
  [[nodiscard]] std::string at(std::size_t position) const;
  [[noreturn]] void fail(std::size_t position, const std::string& what, const std::string& remedy) const;
};

/// The tokens of a formula, the last of kind end: operands and operators alternate, parentheses close, comparisons do not
/// chain, every text is one side of a whole comparison with a name, and signs are told from differences.
/// Errors (InputError): empty text, syntax (position and what was expected). Cost: O(length).
std::vector<Token> checked_tokens(const Source& source);

}  // namespace nokkel::panel
