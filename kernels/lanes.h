/// Lanes: replicates side by side in memory, entry by entry, so that every step of a fit is a vector operation over them.
#pragma once

#include <bit>
#include <cstdint>

namespace nokkel::kernels {

inline constexpr int kVectorLanes = 8;     ///< lanes of one vector operation, on every instruction set
inline constexpr int kTileLanes = 96;      ///< lanes of a tile: one panel of the moments GEMM
inline constexpr int kYearTileLanes = 48;  ///< lanes of a tile that is walked together with those of other years
inline constexpr int kTileVectors = kTileLanes / kVectorLanes;

/// A set of lanes of one tile.
struct LaneMask {
  std::uint64_t low = 0, high = 0;  ///< lanes 0..63, 64..95
  [[nodiscard]] bool has(int lane) const { return ((lane < 64 ? low >> lane : high >> (lane - 64)) & 1U) != 0; }
  void add(int lane) { (lane < 64 ? low : high) |= std::uint64_t{1} << (lane & 63); }
  [[nodiscard]] bool any() const { return (low | high) != 0; }
  [[nodiscard]] int count() const {
    return any() ? std::popcount(low) + std::popcount(high) : 0;  // mostly none, and x86-64 has no popcount
  }
  [[nodiscard]] LaneMask without(LaneMask m) const { return {low & ~m.low, high & ~m.high}; }
  friend LaneMask operator|(LaneMask a, LaneMask b) { return {a.low | b.low, a.high | b.high}; }
  friend LaneMask operator&(LaneMask a, LaneMask b) { return {a.low & b.low, a.high & b.high}; }
  friend bool operator==(const LaneMask&, const LaneMask&) = default;
  /// Lanes 0 .. n-1.
  static LaneMask first(int n) {
    const auto ones = [](int k) { return k >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << k) - 1; };
    return {ones(n), n > 64 ? ones(n - 64) : 0};
  }
  /// Calls f(lane) for each lane, ascending.
  template <class F>
  void for_each(F f) const {
    for (std::uint64_t w = low; w != 0; w &= w - 1) f(std::countr_zero(w));
    for (std::uint64_t w = high; w != 0; w &= w - 1) f(64 + std::countr_zero(w));
  }
};

}  // namespace nokkel::kernels
