/// Random numbers as a function of (seed, counter): Philox4x32-10 through Random123 [Salmon11], METHODS 4.1.
#pragma once

#include <cstdint>

namespace nokkel::kernels {

enum class Purpose : std::uint32_t {
  pairs = 1,
  half_sample = 2,
  subsample = 3,
  wild = 4,
  permutation = 5,
  folds = 6,
  bayesian = 7,
  residual = 8,
  nested_cv = 9,
  weight_space = 10,
  inner = 11
};

/// Names one sequence of draws. Counter words: c0 block, c1 replicate, c2 purpose<<24 | year<<16 | response<<8 | sample,
/// c3 substream. year, response and sample are 0..255; 0xFF means shared.
struct DrawKey {
  std::uint64_t seed = 0;
  Purpose purpose = Purpose::pairs;
  std::uint32_t year = 0xFF, response = 0xFF, sample = 0;
  std::uint32_t substream = 0;
  std::uint32_t replicate = 0;
};

/// Draw number d of a sequence: value d mod 2 of block d div 2.
class Draws {
 public:
  explicit Draws(const DrawKey& key);
  std::uint64_t next();                  ///< 64 random bits
  std::uint64_t index(std::uint64_t n);  ///< in [0, n): high 64 bits of bits * n; bias < n / 2^64
  double uniform();                      ///< ((bits >> 11) + 0.5) * 2^-53, in (0, 1)
 private:
  void refill();
  std::uint32_t key_[2];
  std::uint32_t counter_[4];
  std::uint64_t value_[2];
  int used_ = 2;
};

/// One raw block, for the known-answer vectors.
void philox4x32_10(const std::uint32_t counter[4], const std::uint32_t key[2], std::uint32_t out[4]);

}  // namespace nokkel::kernels
