#include <fmt/format.h>

#include "io/cli/commands.h"
#include "io/results/results_file.h"

namespace nokkel::cli {
namespace {

Table table_of(const results::Difference& difference) {
  const bool same = difference.what.empty();
  Table table;
  table.columns = {{"same", "same"},
                   {"first_difference", "first difference"},
                   {"n_different", "values that differ", Kind::count},
                   {"worst_relative", "worst relative", Kind::general, 3},
                   {"worst_variable", "worst variable"}};
  table.rows = {{same ? "yes" : "no", difference.what, static_cast<std::int64_t>(difference.n_different),
                 difference.worst_relative, difference.worst_variable}};
  return table;
}

std::string words_of(const results::Difference& difference, double rtol) {
  if (difference.what.empty())
    return rtol == 0 ? "no difference\n" : fmt::format("no difference above {} relative\n", shortest(rtol));
  std::string words = "first difference: " + difference.what + "\n";
  if (difference.n_different == 0) return words;
  words += fmt::format("{} values differ", grouped(difference.n_different));
  if (!difference.worst_variable.empty())
    words += fmt::format("; worst relative difference {:.3g} in {}", difference.worst_relative, difference.worst_variable);
  return words + "\n";
}

}  // namespace

int diff(const DiffOptions& options) {
  const results::Difference difference = results::compare(options.a, options.b, options.rtol, options.rtol == 0);
  if (options.format == Format::text)
    print(words_of(difference, options.rtol));
  else
    print("diff", table_of(difference), options.format);
  return difference.what.empty() ? kOk : kFindings;
}

}  // namespace nokkel::cli
