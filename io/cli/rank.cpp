#include <fmt/format.h>

#include <algorithm>

#include "engine/error.h"
#include "io/cli/commands.h"
#include "io/cli/ranking_table.h"

namespace nokkel::cli {
namespace {

int year_index(const results::Reader& reader, int year) {
  if (year == 0) return -1;
  const std::vector<int>& years = reader.description().years;
  const auto found = std::find(years.begin(), years.end(), year);
  if (found == years.end())
    throw InputError("--year", fmt::format("{} is not in this file", year), fmt::format("years: {}", fmt::join(years, ", ")));
  return static_cast<int>(found - years.begin());
}

}  // namespace

int rank(const RankOptions& options) {
  const results::Reader reader(options.file);
  RankingQuery query{year_index(reader, options.year), options.top, std::nullopt};
  if (!options.by.empty()) query.by = sortable_variable(reader, options.by);
  Table all;
  for (const int outcome : outcomes_named(reader, options.outcome)) {
    Table table = ranking_table(reader, outcome, query);
    if (options.format == Format::text) {
      print("rank", table, Format::text);
      print("\n");
    }
    all.columns = table.columns;
    all.rows.insert(all.rows.end(), table.rows.begin(), table.rows.end());
  }
  if (options.format == Format::text)
    print(ranking_caveat(reader) + "\n");
  else
    print("rank", all, options.format);
  return kOk;
}

}  // namespace nokkel::cli
