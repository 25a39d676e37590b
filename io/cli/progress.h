/// The progress of a run on standard error: a bar on a terminal, a plain line now and then elsewhere, or JSON lines.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace nokkel::cli {

enum class ProgressMode { automatic, json, none, plain };

/// What one report says; separated from the clock so that it can be tested.
struct Advance {
  std::uint64_t done = 0, total = 0;       ///< fits
  double seconds = 0;                      ///< since the start
  [[nodiscard]] double rate() const;       ///< fits a second; 0 at the start
  [[nodiscard]] double remaining() const;  ///< seconds; NaN at the start
};

/// "[#####.....]  48 %  210.4 M fits/s  12 s left", cut to `width` cells.
std::string bar_line(const Advance& advance, int width);
/// "48 % of 469,000,000 fits, 210.4 M fits/s, 12 s left".
std::string plain_line(const Advance& advance);
/// {"schema": "nokkel-progress/1", "done": …}.
std::string json_line(const Advance& advance);

/// Called from one thread at a time. Bar: ten times a second; JSON: once a second; plain: every 30 s.
class Progress {
 public:
  explicit Progress(ProgressMode mode);
  ~Progress();  ///< ends the bar's line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void report(std::uint64_t done, std::uint64_t total);
  /// Ends the bar's line, so that messages start on one of their own.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  enum class Style { none, bar, plain, json };
  Style style_ = Style::none;
  int width_ = 80;
  bool line_open_ = false;
  Clock::time_point start_, last_;
};

}  // namespace nokkel::cli
