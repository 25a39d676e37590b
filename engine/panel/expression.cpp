// muParser reads ASCII names and numbers in its own way and answers syntax errors in its own words. So the user's text is
// cut into tokens here, its grammar is checked here, and muParser gets a formula in which every column, number and text
// comparison is a plain variable. Its built-in comparisons and logic take NaN for true; ours replace them.
#include "engine/panel/expression.h"

#include <fmt/format.h>
#include <muParser.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <limits>

#include "engine/error.h"
#include "engine/panel/messages.h"
#include "engine/panel/tokens.h"
#include "engine/text.h"

namespace nokkel::panel {
namespace {

double truth(double x) { return !std::isnan(x) && x != 0 ? 1 : 0; }

void define_operators(mu::Parser& parser) {
  using mu::EOprtPrecedence;
  parser.EnableBuiltInOprt(false);
  const auto define = [&](const char* sign, mu::fun_type2 f, EOprtPrecedence precedence) {
    parser.DefineOprt(sign, f, precedence, precedence == mu::prPOW ? mu::oaRIGHT : mu::oaLEFT);
  };
  define("+", [](double a, double b) { return a + b; }, mu::prADD_SUB);
  define("-", [](double a, double b) { return a - b; }, mu::prADD_SUB);
  define("*", [](double a, double b) { return a * b; }, mu::prMUL_DIV);
  define("/", [](double a, double b) { return a / b; }, mu::prMUL_DIV);
  define("^", [](double a, double b) { return std::pow(a, b); }, mu::prPOW);
  define("<", [](double a, double b) { return a < b ? 1. : 0.; }, mu::prCMP);
  define("<=", [](double a, double b) { return a <= b ? 1. : 0.; }, mu::prCMP);
  define(">", [](double a, double b) { return a > b ? 1. : 0.; }, mu::prCMP);
  define(">=", [](double a, double b) { return a >= b ? 1. : 0.; }, mu::prCMP);
  define("==", [](double a, double b) { return a == b ? 1. : 0.; }, mu::prCMP);
  define("!=", [](double a, double b) { return a < b || a > b ? 1. : 0.; }, mu::prCMP);  // false for NaN, unlike a != b
  define("&", [](double a, double b) { return truth(a) * truth(b); }, mu::prLAND);
  define("|", [](double a, double b) { return std::max(truth(a), truth(b)); }, mu::prLOR);
  parser.DefineInfixOprt("!", [](double a) { return 1 - truth(a); }, mu::prLOGIC);
}

/// A formula bound to the columns of a panel.
class Formula {
 public:
  Formula(const Panel& panel, const Source& source) : panel_(panel), source_(source) {
    const std::vector<Token> tokens = checked_tokens(source);
    define_operators(parser_);
    translate(tokens);
  }

  struct Result {
    double value = 0;
    bool missing = false;
  };

  Result at(std::size_t row) {
    Result result;
    for (Variable& v : variables_) {
      if (v.values.empty()) continue;
      v.now = v.values[row];
      result.missing = result.missing || std::isnan(v.now);
    }
    result.value = call([&] { return parser_.Eval(); });
    return result;
  }

 private:
  struct Variable {
    std::string name;            ///< ASCII, for muParser
    std::string column;          ///< the panel's; empty: a constant or a text comparison
    std::vector<double> values;  ///< per row; empty: `now` never changes
    double now = 0;
  };

  void translate(const std::vector<Token>& tokens) {
    std::string formula;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const Token& t = tokens[i];
      const bool text_comparison = i + 2 < tokens.size() && tokens[i + 1].kind == Kind::comparison &&
                                   (t.kind == Kind::text || tokens[i + 2].kind == Kind::text);
      if (text_comparison) {
        const bool left = t.kind == Kind::text;
        formula += compared(left ? tokens[i + 2] : t, left ? t : tokens[i + 2], tokens[i + 1].text == "==") + " ";
        i += 2;
      } else if (t.kind == Kind::function) {
        formula += function(t);
      } else {
        formula += (t.kind == Kind::name ? column(t) : t.kind == Kind::number ? constant(t.value) : t.text) + " ";
      }
    }
    for (Variable& v : variables_) parser_.DefineVar(v.name, &v.now);
    call([&] { return parser_.SetExpr(formula), parser_.Eval(); });
  }

  std::string column(const Token& t) {
    for (const Variable& v : variables_)
      if (v.column == t.text) return v.name;
    require(t);
    return variable(t.text, column_as_numbers(panel_, t.text), 0);
  }

  std::string constant(double value) { return variable("", {}, value); }

  std::string compared(const Token& name, const Token& text, bool equal) {
    require(name);
    const std::vector<std::string>& cells = column_as_text(panel_, name.text);
    std::vector<double> values(cells.size());
    std::transform(cells.begin(), cells.end(), values.begin(),
                   [&](const std::string& cell) { return (cell == text.text) == equal ? 1. : 0.; });
    return variable("", std::move(values), 0);
  }

  std::string function(const Token& t) const {
    static const std::array<std::string, 7> kFunctions{"abs", "exp", "ln", "log10", "max", "min", "sqrt"};
    if (std::find(kFunctions.begin(), kFunctions.end(), t.text) != kFunctions.end()) return t.text;
    const std::string near = closest(t.text, kFunctions);
    source_.fail(t.position, fmt::format("no function \"{}\"", t.text),
                 near.empty() ? "there are abs, exp, ln, log10, max, min and sqrt" : fmt::format("did you mean \"{}\"?", near));
  }

  void require(const Token& t) const {
    if (panel_.has(t.text)) return;
    require_column(panel_, t.text, source_.at(t.position));
  }

  std::string variable(const std::string& of, std::vector<double> values, double now) {
    const std::string name = fmt::format("v{}", variables_.size());
    variables_.push_back({name, of, std::move(values), now});
    return name;
  }

  /// Runs muParser; what it still refuses after our own check is a wrong number of arguments.
  template <class F>
  double call(F&& f) const {
    try {
      return f();
    } catch (const mu::Parser::exception_type& error) {
      throw InputError(source_.where, fmt::format("`{}`: {}", source_.text, error.GetMsg()),
                       "check how many arguments its functions have");
    }
  }

  const Panel& panel_;
  const Source& source_;
  mu::Parser parser_;
  std::deque<Variable> variables_;  // muParser keeps addresses: elements must not move
};

}  // namespace

std::vector<double> evaluate_number(const Panel& panel, const std::string& text, const std::string& where) {
  const Source source{text, where};
  Formula formula(panel, source);
  std::vector<double> values(panel.n_rows(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t row = 0; row < values.size(); ++row) {
    const Formula::Result result = formula.at(row);
    if (result.missing) continue;
    if (!std::isfinite(result.value))
      throw InputError(where, fmt::format("`{}` gives no finite number at {}", text, row_place(panel, row)),
                       "mend the row, or guard the formula");
    values[row] = result.value;
  }
  return values;
}

std::vector<char> evaluate_condition(const Panel& panel, const std::string& text, const std::string& where) {
  const Source source{text, where};
  Formula formula(panel, source);
  std::vector<char> holds(panel.n_rows());
  for (std::size_t row = 0; row < holds.size(); ++row) holds[row] = truth(formula.at(row).value) != 0;
  return holds;
}

}  // namespace nokkel::panel
