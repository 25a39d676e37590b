/// A result file for measuring, in a folder of its own that is gone at the end.
#pragma once

#include <filesystem>
#include <memory>

#include "engine/simulate/workload.h"
#include "engine/sink.h"

namespace nokkel::cli {

class BenchFile {
 public:
  /// Errors (MachineError): the folder for temporary files has too little room or cannot be written.
  explicit BenchFile(const simulate::Case& data);
  ~BenchFile();
  BenchFile(const BenchFile&) = delete;
  BenchFile& operator=(const BenchFile&) = delete;
  [[nodiscard]] ResultSink& sink() { return *sink_; }
  /// Bytes of the finished file.
  [[nodiscard]] std::uint64_t size() const;

 private:
  std::filesystem::path folder_;
  std::unique_ptr<ResultSink> sink_;
};

}  // namespace nokkel::cli
