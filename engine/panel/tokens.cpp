#include "engine/panel/tokens.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "engine/error.h"
#include "engine/text.h"

namespace nokkel::panel {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

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

}  // namespace

std::string Source::at(std::size_t position) const {
  const std::size_t character = 1 + code_points(std::string_view(text).substr(0, position)).size();
  return fmt::format("{}: at character {} of `{}`", where, character, text);
}

void Source::fail(std::size_t position, const std::string& what, const std::string& remedy) const {
  throw InputError(at(position), what, remedy);
}

std::vector<Token> checked_tokens(const Source& source) {
  std::vector<Token> tokens = Scanner(source).tokens();
  if (tokens.size() == 1) source.fail(0, "the formula is empty", "write one or leave the key out");
  Grammar(source, tokens).check();
  return tokens;
}

}  // namespace nokkel::panel
