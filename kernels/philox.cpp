#include "kernels/philox.h"

#include <Random123/philox.h>

namespace nokkel::kernels {

void philox4x32_10(const std::uint32_t counter[4], const std::uint32_t key[2], std::uint32_t out[4]) {
  const r123::Philox4x32 philox;
  const r123::Philox4x32::ctr_type c{{counter[0], counter[1], counter[2], counter[3]}};
  const r123::Philox4x32::key_type k{{key[0], key[1]}};
  const r123::Philox4x32::ctr_type r = philox(c, k);
  for (int i = 0; i < 4; ++i) out[i] = r[static_cast<unsigned>(i)];
}

Draws::Draws(const DrawKey& key)
    : key_{static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32)},
      counter_{0, key.replicate,
               (static_cast<std::uint32_t>(key.purpose) << 24) | (key.year << 16) | (key.response << 8) | key.sample,
               key.substream},
      value_{} {}

void Draws::refill() {
  std::uint32_t w[4];
  philox4x32_10(counter_, key_, w);
  ++counter_[0];
  value_[0] = w[0] | (std::uint64_t{w[1]} << 32);
  value_[1] = w[2] | (std::uint64_t{w[3]} << 32);
  used_ = 0;
}

std::uint64_t Draws::next() {
  if (used_ == 2) refill();
  return value_[used_++];
}

std::uint64_t Draws::index(std::uint64_t n) {
  __extension__ using Wide = unsigned __int128;  // ISO C++ has no 64 x 64 -> 128 multiplication
  return static_cast<std::uint64_t>((static_cast<Wide>(next()) * n) >> 64);
}

double Draws::uniform() { return (static_cast<double>(next() >> 11) + 0.5) * 0x1p-53; }

}  // namespace nokkel::kernels
