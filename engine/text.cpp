// The distance is counted in half edits, so that a wrong capital letter is nearer than a wrong letter and all stays in
// integers. Three rows of the table are enough, since a swap looks back two.
#include "engine/text.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace nokkel {
namespace {

constexpr int kEdit = 2;  // half edits

char32_t lower_ascii(char32_t c) { return c >= U'A' && c <= U'Z' ? c + (U'a' - U'A') : c; }

int replace_cost(char32_t a, char32_t b) {
  if (a == b) return 0;
  return lower_ascii(a) == lower_ascii(b) ? kEdit / 2 : kEdit;
}

int distance(const std::u32string& a, const std::u32string& b) {
  std::vector<int> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = kEdit * static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = kEdit * static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + kEdit, row[j - 1] + kEdit, last[j - 1] + replace_cost(a[i - 1], b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + kEdit);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

int near(std::size_t length) { return kEdit * (length <= 5 ? 1 : static_cast<int>(length / 3)); }

/// Length in bytes of the well-formed sequence at `text[0]`; 0: there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : (lead & 0xF0) == 0xE0        ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  // Only the second byte has a range of its own (Unicode 15, table 3-7).
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  return length;
}

}  // namespace

std::string closest(std::string_view wrong, std::span<const std::string> known) {
  const std::u32string given = code_points(wrong);
  std::string best;
  int best_distance = 0;
  for (const std::string& name : known) {
    const std::u32string candidate = code_points(name);
    const int d = distance(given, candidate);
    if (d > near(std::max(given.size(), candidate.size()))) continue;
    if (best.empty() || d < best_distance) {
      best = name;
      best_distance = d;
    }
  }
  return best;
}

std::size_t utf8_error(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

std::u32string code_points(std::string_view text) {
  constexpr std::array<unsigned char, 5> kLeadBits{0xFF, 0x7F, 0x1F, 0x0F, 0x07};
  std::u32string points;
  points.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text.substr(i));
    char32_t point = static_cast<unsigned char>(text[i]) & kLeadBits[length];
    for (std::size_t k = 1; k < length; ++k) point = (point << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3F);
    points.push_back(point);
    i += std::max<std::size_t>(length, 1);
  }
  return points;
}

}  // namespace nokkel
