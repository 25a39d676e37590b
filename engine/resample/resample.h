/// Weights of resamples: a function of (seed, purpose, replicate), shared by all combinations, years and responses.
///
/// Contract of the draws: METHODS 4.1 (Philox4x32-10, purposes, counters); schemes: METHODS 4.2 and 5. Increasing the
/// number of replicates extends, never changes, earlier ones.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/options.h"
#include "engine/panel/sample.h"

namespace nokkel::resample {

/// full: one row of ones. pairs: multinomial counts. halves: 0/1, halves 2p and 2p+1 are complementary.
/// folds: 0/1 indicator of the test units; replicate = repeat * n_folds + fold.
enum class Stream { full, pairs, halves, folds };

/// Where weights come from. Tests implement it to enumerate all resamples of a small world.
class Provider {
 public:
  virtual ~Provider() = default;
  [[nodiscard]] virtual int n_units() const = 0;
  [[nodiscard]] virtual int n_replicates(Stream stream) const = 0;
  /// Weights of replicates first .. first+n-1: w[unit * stride + r], r = 0 .. n-1, written; the rest of the stride is
  /// left alone. Thread-safe. Errors: none; ranges are asserted. Cost: O(n_units) a replicate.
  virtual void weights(Stream stream, int first, int n, double* w, int stride) const = 0;
};

/// The engine's own resamples of one frame. `frame_index` is the counter's sample field (0 .. 254, asserted), or 0xFF
/// stands there when strata are given (so that a stratum draws alike in every frame: METHODS 4.1). Every draw takes one
/// 64-bit value, units in frame order. The frame is not needed afterwards.
///
/// pairs      n draws with replacement over the units; stratified: n_h draws within stratum h (substream = the stratum's
///            place in Frame::strata), or, when the smallest stratum has fewer than 20 units, n_h - 1 draws times
///            n_h / (n_h - 1) [RaoWu88]: weights are then no whole numbers, their sum is n all the same.
/// halves     one permutation a pair (replicate = pair): first floor(n/2) units, next floor(n/2); odd unit unused;
///            within strata if given.
/// folds      random order (substream = stratum << 16 | repeat, replicate 0) dealt round-robin, strata by label, the
///            pointer continuing across them; sizes differ by at most 1, in all and within a stratum.
/// Strata with fewer than 5 units are merged first (METHODS 4.2); what is merged keeps the first one's substream. A
/// provider sees one frame, so a frame without some units may merge otherwise: stratum_notes tells.
/// Errors (InputError): fewer units than folds (remedy: fewer folds), fewer than 4 units.
std::unique_ptr<Provider> make_provider(const panel::Frame& frame, int frame_index, const Statistics& statistics);

/// What METHODS 4.2 asks to be told of one frame's strata: merged, single-unit, Rao-Wu in use. Empty when unstratified.
std::vector<std::string> stratum_notes(const panel::Frame& frame);

/// The notes of all frames, each with the frame's name, and where a frame does not draw like the first one.
std::vector<std::string> stratum_notes(const std::vector<panel::Frame>& frames);

}  // namespace nokkel::resample
