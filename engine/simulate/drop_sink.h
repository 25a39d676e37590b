/// A sink that counts records and drops them, but for what ranks are read back from: the time of a search without a file.
#pragma once

#include <map>
#include <utility>

#include "engine/sink.h"

namespace nokkel::simulate {

class DropSink final : public ResultSink {
 public:
  void begin(const Extents& extents) override { extents_ = extents; }
  void block(const RecordBlock& records) override;
  Values read(Var v, int outcome, std::uint64_t first, std::uint64_t count) override;
  void after(const AfterLoop&) override {}
  void finish() override {}

  std::uint64_t n_records = 0;  ///< combinations received, once an outcome

 private:
  Extents extents_;
  std::map<std::pair<Var, int>, Values> kept_;
};

}  // namespace nokkel::simulate
