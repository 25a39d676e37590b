// muParser reads ASCII names and numbers in its own way and answers syntax errors in its own words. So the user's text is
// cut into tokens here, its grammar is checked here, and muParser gets a formula in which every column, number and text
// comparison is a plain variable. Its built-in comparisons and logic take NaN for true; ours replace them.
#include "engine/panel/expression.h"

#include <fmt/format.h>
#include <muParser.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <deque>
#include <limits>
#include <span>

#include "engine/error.h"
#include "engine/panel/messages.h"
#include "engine/text.h"

namespace nokkel::panel {
namespace {

enum class Kind { number, name, text, function, sign, arithmetic, comparison, logic, negation, open, close, comma, end };

struct Token {
  Kind kind = Kind::end;
  std::string text;          ///< as muParser writes it; of names and texts: the content
  std::size_t position = 0;  ///< byte in the user's text
  bool quoted = false;       ///< a back-quoted name
  double value = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// The user's text with the place that messages name.
struct Source {
  const std::string& text;
  const std::string& where;

  [[noreturn]] void fail(std::size_t position, const std::string& what, const std::string& remedy) const {
    const std::size_t character = 1 + code_points(std::string_view(text).substr(0, position)).size();
    throw InputError(where, fmt::format("at character {} of `{}`: {}", character, text, what), remedy);
  }
};

class Scanner {
 public:
  explicit Scanner(const Source& source) : source_(source), text_(source.text) {}

  std::vector<Token> tokens() {
    std::vector<Token> all;
    do all.push_back(next());
    while (all.back().kind != Kind::end);
    return all;
  }

 private:
  Token next() {
    while (position_ < text_.size() && is_blank(text_[position_])) ++position_;
    if (position_ == text_.size()) return {Kind::end, "", position_};
    const char c = text_[position_];
    if (is_digit(c) || (c == '.' && position_ + 1 < text_.size() && is_digit(text_[position_ + 1]))) return number();
    if (is_letter(c)) return word();
    if (c == '`' || c == '\'' || c == '"') return quoted(c);
    return sign();
  }

  Token number() {
    Token token{Kind::number, "", position_};
    const char* const begin = text_.data() + position_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), token.value);
    position_ += static_cast<std::size_t>(end - begin);
    const bool runs_on = position_ < text_.size() && (is_letter(text_[position_]) || text_[position_] == '.');
    if (error != std::errc{} || runs_on)
      source_.fail(token.position, "this is no number",
                   "write it with a decimal point, and names that begin with a digit in `back quotes`");
    return token;
  }

  Token word() {
    const std::size_t start = position_;
    while (position_ < text_.size() && (is_letter(text_[position_]) || is_digit(text_[position_]))) ++position_;
    const std::string name(text_.substr(start, position_ - start));
    if (name == "and") return {Kind::logic, "&", start};
    if (name == "or") return {Kind::logic, "|", start};
    if (name == "not") return {Kind::negation, "!", start};
    std::size_t after = position_;
    while (after < text_.size() && is_blank(text_[after])) ++after;
    const bool is_call = after < text_.size() && text_[after] == '(';
    return {is_call ? Kind::function : Kind::name, name, start};
  }

  Token quoted(char quote) {
    Token token{quote == '`' ? Kind::name : Kind::text, "", position_, quote == '`'};
    for (++position_;; ++position_) {
      if (position_ == text_.size())
        source_.fail(token.position, fmt::format("the {} is never closed", quote), "close it, or double one inside");
      if (text_[position_] == quote) {
        if (position_ + 1 == text_.size() || text_[position_ + 1] != quote) break;
        ++position_;
      }
      token.text += text_[position_];
    }
    ++position_;
    return token;
  }

  Token sign() {
    static constexpr std::array<std::pair<std::string_view, Kind>, 14> kSigns{{{"==", Kind::comparison},
                                                                               {"!=", Kind::comparison},
                                                                               {"<=", Kind::comparison},
                                                                               {">=", Kind::comparison},
                                                                               {"<", Kind::comparison},
                                                                               {">", Kind::comparison},
                                                                               {"+", Kind::arithmetic},
                                                                               {"-", Kind::arithmetic},
                                                                               {"*", Kind::arithmetic},
                                                                               {"/", Kind::arithmetic},
                                                                               {"^", Kind::arithmetic},
                                                                               {"(", Kind::open},
                                                                               {")", Kind::close},
                                                                               {",", Kind::comma}}};
    for (const auto& [sign, kind] : kSigns)
      if (text_.substr(position_).starts_with(sign)) {
        position_ += sign.size();
        return {kind, std::string(sign), position_ - sign.size()};
      }
    source_.fail(position_, fmt::format("'{}' has no meaning here", text_[position_]), wrong_sign_remedy());
  }

  [[nodiscard]] std::string wrong_sign_remedy() const {
    switch (text_[position_]) {
      case '=':
        return "compare with ==";
      case '&':
        return "write and";
      case '|':
        return "write or";
      case '!':
        return "write not";
      default:
        return "put names with other signs than letters, digits and '_' in `back quotes`";
    }
  }

  const Source& source_;
  std::string_view text_;
  std::size_t position_ = 0;
};

/// Checks that operands and operators alternate, parentheses close and comparisons do not chain; tells signs from
/// differences. After it the tokens are a formula that muParser accepts, argument counts aside.
class Grammar {
 public:
  Grammar(const Source& source, std::vector<Token>& tokens) : source_(source), tokens_(tokens) {}

  void check() {
    bool want_operand = true;
    for (i_ = 0; i_ < tokens_.size(); ++i_) want_operand = want_operand ? operand() : after_operand();
  }

 private:
  [[nodiscard]] Token& token() { return tokens_[i_]; }
  [[nodiscard]] Kind previous() const { return i_ == 0 ? Kind::open : tokens_[i_ - 1].kind; }

  bool operand() {
    switch (token().kind) {
      case Kind::number:
      case Kind::name:
        return false;
      case Kind::text:
        return text_operand();
      case Kind::function:
        return true;
      case Kind::open:
        levels_.push_back({previous() == Kind::function, false});
        return true;
      case Kind::negation:
        if (previous() == Kind::negation || previous() == Kind::arithmetic || previous() == Kind::sign) break;
        return true;
      case Kind::arithmetic:
        if ((token().text != "-" && token().text != "+") || previous() == Kind::sign || previous() == Kind::negation) break;
        token().kind = Kind::sign;
        return true;
      default:
        break;
    }
    fail("a column, a number or '('");
  }

  /// A text stands beside == or != with a name on the other side, and the two are a whole condition: `1 + name == 'x'` is
  /// refused, since the comparison becomes one variable.
  bool text_operand() {
    const auto kind = [&](std::size_t at) { return at < tokens_.size() ? tokens_[at].kind : Kind::open; };
    const auto is_equality = [&](std::size_t at) {
      return kind(at) == Kind::comparison && (tokens_[at].text == "==" || tokens_[at].text == "!=");
    };
    const auto begins = [](Kind k) { return k == Kind::open || k == Kind::logic || k == Kind::negation || k == Kind::comma; };
    const auto ends = [](Kind k) { return k == Kind::close || k == Kind::logic || k == Kind::comma || k == Kind::end; };
    // Places before the first token wrap round to beyond the last, which counts as an opening.
    const bool right = is_equality(i_ - 1) && kind(i_ - 2) == Kind::name && begins(kind(i_ - 3)) && ends(kind(i_ + 1));
    const bool left = is_equality(i_ + 1) && kind(i_ + 2) == Kind::name && begins(kind(i_ - 1)) && ends(kind(i_ + 3));
    if (!right && !left)
      source_.fail(token().position, "a text compares only with a column, by == or !=", "for example group == 'north'");
    return false;
  }

  bool after_operand() {
    Level& level = levels_.back();
    switch (token().kind) {
      case Kind::arithmetic:
        return true;
      case Kind::logic:
        level.compared = false;
        return true;
      case Kind::comparison:
        if (level.compared) source_.fail(token().position, "comparisons do not chain", "join two comparisons with and");
        return level.compared = true;
      case Kind::comma:
        if (!level.in_call) break;
        level.compared = false;
        return true;
      case Kind::close:
        if (levels_.size() == 1) break;
        levels_.pop_back();
        return false;
      case Kind::end:
        if (levels_.size() > 1) fail("')'");
        return false;
      default:
        break;
    }
    fail(levels_.size() > 1 ? "an operator or ')'" : "an operator or the end");
  }

  [[noreturn]] void fail(const std::string& expected) {
    const bool at_end = token().kind == Kind::end;
    source_.fail(token().position, fmt::format("{} was expected", expected),
                 at_end ? "the text ends too early" : "mend the text there");
  }

  struct Level {
    bool in_call = false, compared = false;
  };
  const Source& source_;
  std::vector<Token>& tokens_;
  std::size_t i_ = 0;
  std::vector<Level> levels_{Level{}};
};

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
    std::vector<Token> tokens = Scanner(source).tokens();
    if (tokens.size() == 1) source.fail(0, "the formula is empty", "write one or leave the key out");
    Grammar(source, tokens).check();
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
    const std::size_t character = 1 + code_points(std::string_view(source_.text).substr(0, t.position)).size();
    require_column(panel_, t.text, fmt::format("{}: at character {} of `{}`", source_.where, character, source_.text));
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
