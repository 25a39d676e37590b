#include "tests/resample/frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace nokkel::resample {

panel::Frame plain_frame(int n) { return stratified_frame(std::vector<std::string>(n), {""}); }

panel::Frame stratified_frame(const std::vector<std::string>& labels, std::vector<std::string> all_labels) {
  panel::Frame frame;
  frame.name = "all";
  frame.strata = std::move(all_labels);
  for (std::size_t u = 0; u < labels.size(); ++u) {
    frame.units.push_back(fmt::format("u{:03}", u));
    frame.unit_names.push_back(frame.units.back());
    frame.stratum.push_back(static_cast<int>(std::ranges::find(frame.strata, labels[u]) - frame.strata.begin()));
  }
  return frame;
}

panel::Frame without(const panel::Frame& frame, const std::string& label) {
  panel::Frame rest;
  rest.name = "without_" + label;
  rest.strata = frame.strata;
  for (std::size_t u = 0; u < frame.units.size(); ++u) {
    if (frame.strata[frame.stratum[u]] == label) continue;
    rest.units.push_back(frame.units[u]);
    rest.unit_names.push_back(frame.unit_names[u]);
    rest.stratum.push_back(frame.stratum[u]);
  }
  return rest;
}

std::vector<std::vector<double>> weights(const Provider& provider, Stream stream, int first, int n) {
  const int n_units = provider.n_units();
  const int stride = n + 3;
  std::vector<double> w(static_cast<std::size_t>(n_units) * stride, -1.0);
  provider.weights(stream, first, n, w.data(), stride);
  std::vector<std::vector<double>> by_replicate(n, std::vector<double>(n_units));
  for (int u = 0; u < n_units; ++u) {
    for (int r = 0; r < n; ++r) by_replicate[r][u] = w[static_cast<std::size_t>(u) * stride + r];
  }
  return by_replicate;
}

double sum(const std::vector<double>& w) { return std::accumulate(w.begin(), w.end(), 0.0); }

}  // namespace nokkel::resample
