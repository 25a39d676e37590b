/// The price index of a response, from a CSV file with the columns `year` and `index`.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace nokkel::config {

/// (year, index), by year; only the ratio of two years' indices matters. `source` names the file in messages.
/// Errors (InputError): what read_csv refuses, other columns, a year that is no whole number in 1000..9999 or occurs twice,
/// an index that is no finite number above 0 (file and line named).
std::vector<std::pair<int, double>> read_deflator(const std::filesystem::path& file, const std::string& source);

}  // namespace nokkel::config
