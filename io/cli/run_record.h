/// OUT.run.json: what may differ between two runs of equal bytes (time, host, threads, paths), beside the result.
#pragma once

#include <filesystem>
#include <string>

#include "engine/search/search.h"

namespace nokkel::cli {

struct RunRecord {
  std::filesystem::path study;   ///< absolute
  std::string command, started;  ///< as typed; UTC, ISO 8601
  double seconds = 0;            ///< from the command's start to the closed file
  search::Summary summary;
};

/// "results.run.json" for "results.h5".
std::filesystem::path record_path(const std::filesystem::path& out);

/// Errors (MachineError): it cannot be written; the result itself stands.
void write_run_record(const std::filesystem::path& out, const RunRecord& record);

/// Absolute path of the study in the record beside `out`; empty when there is no record.
std::filesystem::path recorded_study(const std::filesystem::path& out);

}  // namespace nokkel::cli
