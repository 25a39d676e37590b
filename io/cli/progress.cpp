#include "io/cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "io/cli/json.h"
#include "io/cli/terminal.h"

namespace nokkel::cli {
namespace {

constexpr double kBarEvery = 0.1, kJsonEvery = 1, kPlainEvery = 30;  // seconds
constexpr int kWidestBar = 40;

int percent(const Advance& advance) {
  return advance.total == 0 ? 100
                            : static_cast<int>(100 * (static_cast<double>(advance.done) / static_cast<double>(advance.total)));
}

std::string rate_text(double rate) {
  if (rate >= 1e6) return fmt::format("{:.1f} M fits/s", rate / 1e6);
  return fmt::format("{:.0f} fits/s", rate);
}

std::string remaining_text(const Advance& advance) {
  const double left = advance.remaining();
  return std::isnan(left) ? std::string() : seconds_text(left) + " left";
}

}  // namespace

double Advance::rate() const { return seconds > 0 ? static_cast<double>(done) / seconds : 0; }

double Advance::remaining() const {
  if (rate() <= 0) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(total - std::min(done, total)) / rate();
}

std::string bar_line(const Advance& advance, int width) {
  const std::string figures =
      fmt::format(" {:3} %  {}  {}", percent(advance), rate_text(advance.rate()), remaining_text(advance));
  const int room = std::clamp(width - 3 - display_width(figures), 0, kWidestBar);
  const int full = room * percent(advance) / 100;
  const std::string bar = room == 0 ? "" : fmt::format("[{:#<{}}{:.<{}}]", "", full, "", room - full);
  return shorten(bar + figures, width - 1);
}

std::string plain_line(const Advance& advance) {
  const std::string left = remaining_text(advance);
  return fmt::format("{} % of {} fits, {}{}", percent(advance), grouped(advance.total), rate_text(advance.rate()),
                     left.empty() ? "" : ", " + left);
}

std::string json_line(const Advance& advance) {
  return object_json({{"schema", "nokkel-progress/1"},
                      {"done", static_cast<std::int64_t>(advance.done)},
                      {"total", static_cast<std::int64_t>(advance.total)},
                      {"seconds", advance.seconds},
                      {"fits_per_second", advance.rate()},
                      {"seconds_left", advance.remaining()}},
                     false);
}

Progress::Progress(ProgressMode mode) : start_(Clock::now()), last_(start_) {
  const bool terminal = is_terminal(stderr);
  switch (mode) {
    case ProgressMode::automatic:
      style_ = terminal ? Style::bar : Style::plain;
      break;
    case ProgressMode::json:
      style_ = Style::json;
      break;
    case ProgressMode::plain:
      style_ = Style::plain;
      break;
    case ProgressMode::none:
      style_ = Style::none;
      break;
  }
  width_ = screen_of(stderr).width;
}

Progress::~Progress() { finish(); }

void Progress::report(std::uint64_t done, std::uint64_t total) {
  if (style_ == Style::none) return;
  const Clock::time_point now = Clock::now();
  const double since_last = std::chrono::duration<double>(now - last_).count();
  const double every = style_ == Style::bar ? kBarEvery : style_ == Style::json ? kJsonEvery : kPlainEvery;
  const bool last = done >= total && style_ != Style::plain;  // a plain log needs no line for what ends at once
  if (since_last < every && !last) return;
  last_ = now;
  const Advance advance{done, total, std::chrono::duration<double>(now - start_).count()};
  switch (style_) {
    case Style::bar:
      fmt::print(stderr, "\r\033[K{}", bar_line(advance, width_));
      line_open_ = true;
      break;
    case Style::plain:
      fmt::print(stderr, "nokkel: {}\n", plain_line(advance));
      break;
    case Style::json:
      fmt::print(stderr, "{}\n", json_line(advance));
      break;
    case Style::none:
      break;
  }
  std::fflush(stderr);
}

void Progress::finish() {
  if (!line_open_) return;
  fmt::print(stderr, "\n");
  line_open_ = false;
}

}  // namespace nokkel::cli
