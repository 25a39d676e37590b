/// The sweep kernels of every instruction set on random tiles, against least squares on rows, and against each other.
#include "kernels/sweep.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "engine/aligned.h"
#include "kernels/moments.h"
#include "kernels/qr.h"
#include "tests/support/tolerance.h"

namespace nokkel::kernels {
namespace {

/// n rows of q standardised columns and y, with a weight per lane and row; one tile with its root.
struct World {
  static constexpr int kRows = 40;
  int n_swept, n_free, lanes;
  std::vector<double> z;                    // [column][row]: one, swept, free, y
  std::vector<std::vector<double>> weight;  // [lane][row]
  RootShape shape;
  AlignedBuffer memory, moments;
  Root root;
  std::vector<LaneMask> column_dead;

  World(std::uint64_t seed, int swept, int free, int n_lanes) : n_swept(swept), n_free(free), lanes(n_lanes) {
    std::mt19937_64 random(seed);
    const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
    const int columns = n_swept + n_free + 2;
    z.assign(static_cast<std::size_t>(columns) * kRows, 1.0);
    for (int i = 0; i < kRows; ++i) {
      const double common = uniform() - 0.5;
      for (int j = 1; j < columns; ++j)
        z[static_cast<std::size_t>(j * kRows + i)] =
            0.7 * common + uniform() - 0.5 + (j == columns - 1 ? z[static_cast<std::size_t>(kRows + i)] : 0);
    }
    weight.assign(static_cast<std::size_t>(lanes), std::vector<double>(kRows));
    for (auto& w : weight)
      for (double& x : w) x = static_cast<double>(random() % 3);
    shape.node = {lanes, n_free, n_swept + n_free};
    shape.n_swept = n_swept;
    make();
  }

  void make() {
    const int columns = n_swept + n_free + 2;
    const long entries = triangle(columns - 1, columns - 1, columns) + 1;
    moments = AlignedBuffer(static_cast<std::size_t>(entries) * lanes);
    for (int j = 0; j < columns; ++j)
      for (int l = j; l < columns; ++l)
        for (int r = 0; r < lanes; ++r) {
          double s = 0;
          for (int i = 0; i < kRows; ++i)
            s += weight[static_cast<std::size_t>(r)][static_cast<std::size_t>(i)] * z[static_cast<std::size_t>(j * kRows + i)] *
                 z[static_cast<std::size_t>(l * kRows + i)];
          moments[static_cast<std::size_t>(triangle(j, l, columns) * lanes + r)] = s;
        }
    Carver counter(nullptr);
    carve(counter);
    memory = AlignedBuffer(counter.used());
    Carver carver(memory.data());
    carve(carver);
    column_dead.assign(static_cast<std::size_t>(n_swept + n_free), {});
    root.column_dead = column_dead.data();
    std::vector<double> scratch(static_cast<std::size_t>(root_scratch(shape)));
    make_root(shape, moments.data(), LaneMask::first(lanes), scratch.data(), &root);
  }
  void carve(Carver& c) {
    const std::size_t n = static_cast<std::size_t>(lanes), x = static_cast<std::size_t>(n_swept + n_free);
    root.node.a = c.take(static_cast<std::size_t>(shape.node.n_entries()) * n);
    root.node.d = c.take(static_cast<std::size_t>(n_free * shape.node.max_members) * n);
    root.node.b = c.take(x * n);
    root.node.v = c.take(x * n);
    root.node.sse = c.take(n);
    root.node.det = c.take(n);
    root.floor = c.take(static_cast<std::size_t>(n_free) * n);
    root.diagonal = c.take(x * n);
    root.mean = c.take((x + 1) * n);
    root.sst = c.take(n);
    root.n_rows = c.take(n);
  }
  [[nodiscard]] LeastSquares twin(int lane, const std::vector<int>& free_members) const {
    std::vector<const double*> columns;
    for (int j = 0; j < n_swept; ++j) columns.push_back(z.data() + static_cast<std::size_t>(j + 1) * kRows);
    for (const int m : free_members) columns.push_back(z.data() + static_cast<std::size_t>(n_swept + m + 1) * kRows);
    return least_squares(kRows, columns, z.data() + static_cast<std::size_t>(n_swept + n_free + 1) * kRows,
                         weight[static_cast<std::size_t>(lane)].data(), true);
  }
};

/// Nodes for a path and the rows of a leaf.
struct Memory {
  AlignedBuffer buffer;
  std::vector<Node> nodes;
  Node head;
  Rows rows;
  explicit Memory(const World& w, bool with_v) {
    Carver counter(nullptr);
    carve(w, with_v, counter);
    buffer = AlignedBuffer(counter.used());
    Carver carver(buffer.data());
    carve(w, with_v, carver);
    nodes[0] = w.root.node;
    if (!with_v) nodes[0].v = nullptr;
    for (int d = 1; d < w.n_free; ++d) nodes[static_cast<std::size_t>(d)].n_members = w.n_swept + d;
  }
  void carve(const World& w, bool with_v, Carver& c) {
    const std::size_t n = static_cast<std::size_t>(w.lanes), m = static_cast<std::size_t>(w.shape.node.max_members);
    nodes.assign(static_cast<std::size_t>(w.n_free), {});
    for (std::size_t d = 1; d < nodes.size(); ++d)
      nodes[d] = {c.take(static_cast<std::size_t>(w.shape.node.n_entries()) * n),
                  c.take(static_cast<std::size_t>(w.n_free) * m * n),
                  c.take(m * n),
                  with_v ? c.take(m * n) : nullptr,
                  c.take(n),
                  0,
                  with_v ? c.take(n) : nullptr};
    head = {c.take(n), nullptr, c.take(m * n), with_v ? c.take(m * n) : nullptr, c.take(n), 0, with_v ? c.take(n) : nullptr};
    rows = {c.take(m * n), with_v ? c.take(m * n) : nullptr, c.take(n), 0, w.lanes};
  }
};

/// The fit of a path through `down` and the fused pair.
void fit(const World& w, const Kernels& k, Memory& memory, const std::vector<int>& members) {
  const auto floor = [&](int c) { return w.root.floor + static_cast<std::size_t>(c) * w.lanes; };
  if (members.size() == 1) {
    k.single(w.shape.node, memory.nodes[0], members[0], floor(members[0]), &memory.rows);
    return;
  }
  std::size_t d = 0;
  for (; d + 2 < members.size(); ++d)
    k.down(w.shape.node, memory.nodes[d], members[d], floor(members[d]), &memory.nodes[d + 1]);
  k.head(w.shape.node, memory.nodes[d], members[d], floor(members[d]), &memory.head);
  memory.head.n_members = memory.nodes[d].n_members + 1;
  k.pair(w.shape.node, memory.nodes[d], memory.head, members[d], members[d + 1], floor(members[d + 1]), &memory.rows);
}

std::vector<const Kernels*> all_kernels() {
  std::vector<const Kernels*> out;
  for (const Isa isa : {Isa::portable, Isa::v3, Isa::v4})
    if (const Kernels* k = kernels_for(isa)) out.push_back(k);
  return out;
}

/// Every subset of 8 candidates, 100 seeds: b, v and SSE of forward sweeps against pivoted QR in long double. The bound is
/// rounding_bound at a VIF of 60, which no subset here reaches (asserted).
TEST(Sweep, EverySubsetOfEightEqualsPivotedQr) {
  const double bound = testing::rounding_bound(World::kRows, 8, 60);
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const World w(seed, 0, 8, 8);
    const Kernels& k = *all_kernels()[seed % all_kernels().size()];
    Memory memory(w, true);
    for (unsigned set = 1; set < 256; ++set) {
      std::vector<int> members;
      for (int j = 0; j < 8; ++j)
        if (((set >> j) & 1U) != 0) members.push_back(j);
      fit(w, k, memory, members);
      for (int lane = 0; lane < w.lanes; lane += 3) {
        const LeastSquares twin = w.twin(lane, members);
        ASSERT_TRUE(twin.full_rank);
        for (std::size_t i = 0; i < members.size(); ++i)
          ASSERT_LT(twin.v[i] * w.root.diagonal[static_cast<std::size_t>(members[i] * w.lanes + lane)], 60);
        ASSERT_NEAR(memory.rows.sse[lane], twin.sse, bound * twin.sst) << k.name << " seed " << seed << " set " << set;
        for (std::size_t i = 0; i < members.size(); ++i) {
          const double se = std::sqrt(twin.v[i] * twin.sst);
          ASSERT_NEAR(memory.rows.b[i * static_cast<std::size_t>(w.lanes) + static_cast<std::size_t>(lane)], twin.b[i],
                      bound * se)
              << k.name << " seed " << seed << " set " << set;
          ASSERT_NEAR(memory.rows.v[i * static_cast<std::size_t>(w.lanes) + static_cast<std::size_t>(lane)], twin.v[i],
                      bound * twin.v[i]);
        }
      }
    }
  }
}

TEST(Sweep, ColumnsSweptFirstAreMembersOfEveryFit) {
  const World w(3, 2, 6, 96);
  for (const Kernels* k : all_kernels()) {
    Memory memory(w, true);
    fit(w, *k, memory, {1, 3, 4});
    ASSERT_EQ(memory.rows.n_members, 5);
    for (int lane = 0; lane < 96; lane += 7) {
      const LeastSquares twin = w.twin(lane, {1, 3, 4});
      for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_NEAR(memory.rows.b[i * 96 + static_cast<std::size_t>(lane)], twin.b[i], 1e-11) << k->name;
        EXPECT_NEAR(memory.rows.v[i * 96 + static_cast<std::size_t>(lane)], twin.v[i], 1e-11) << k->name;
      }
    }
  }
}

/// Same operations in the same order, fused alike: AVX2 and AVX-512 may not differ in a single bit.
TEST(Sweep, V3AndV4GiveEqualBits) {
  const Kernels *v3 = kernels_for(Isa::v3), *v4 = kernels_for(Isa::v4);
  if (v3 == nullptr || v4 == nullptr) {
    std::printf("this processor runs %s at most; nothing to compare\n", best_kernels().name);
    return;
  }
  for (const int lanes : {8, 40, 96}) {
    const World w(5, 1, 9, lanes);
    Memory a(w, true), b(w, true);
    for (const std::vector<int>& members : {std::vector<int>{2}, {0, 8}, {1, 2, 3}, {0, 2, 4, 6, 7}}) {
      fit(w, *v3, a, members);
      fit(w, *v4, b, members);
      const std::size_t n = static_cast<std::size_t>(a.rows.n_members * lanes);
      EXPECT_TRUE(testing::equal_bits(a.rows.b, b.rows.b, n));
      EXPECT_TRUE(testing::equal_bits(a.rows.v, b.rows.v, n));
      EXPECT_TRUE(testing::equal_bits(a.rows.sse, b.rows.sse, static_cast<std::size_t>(lanes)));
      const std::vector<double> shift(32, 0.25);
      AlignedBuffer sa(64), sb(64), inverse_sst(96);
      std::fill_n(inverse_sst.data(), 96, 1.0 / World::kRows);
      const auto both = [&](auto call) {
        call(*v3, a.rows, sa.data());
        call(*v4, b.rows, sb.data());
        EXPECT_TRUE(testing::equal_bits(sa.data(), sb.data(), 64));
      };
      both([&](const Kernels& k, const Rows& r, double* to) {
        k.tally(lanes, r.n_members, r.b, r.sse, shift.data(), inverse_sst.data(), nullptr, to);
      });
      both([&](const Kernels& k, const Rows& r, double* to) {
        k.marks(lanes, r.n_members, r.b, r.v, r.sse, inverse_sst.data(), inverse_sst.data(), to);
      });
      both([&](const Kernels& k, const Rows& r, double* to) {
        const double *rows[2] = {r.b, r.v}, weight[3] = {0.7, -1.3, 0.4};
        k.year_sums(lanes, 2, r.n_members, rows, weight, weight + 1, shift.data(), nullptr, to);
      });
    }
  }
}

/// A fit of three members on a tile, and what the row functions meet besides.
struct Fitted {
  World w;
  Memory m;
  AlignedBuffer weight, f1, f2, sums;
  Fitted(const Kernels& k, int lanes, bool with_v)
      : w(9, 0, 4, lanes),
        m(w, with_v),
        weight(static_cast<std::size_t>(lanes)),
        f1(static_cast<std::size_t>(lanes)),
        f2(static_cast<std::size_t>(lanes)),
        sums(16) {
    fit(w, k, m, {0, 1, 3});
    for (int r = 0; r < lanes; ++r) {
      weight[static_cast<std::size_t>(r)] = r % 5 == 0 ? 0 : 1;
      f1[static_cast<std::size_t>(r)] = 0.5 + 0.01 * r;
      f2[static_cast<std::size_t>(r)] = 0.2;
    }
  }
  [[nodiscard]] double b(int i, int r) const { return m.rows.b[i * w.lanes + r]; }
};

template <class Test>
void on_every_kernel_and_width(bool with_v, Test test) {
  for (const Kernels* k : all_kernels())
    for (const int lanes : {8, 24, 48, 88, 96}) {
      SCOPED_TRACE(std::string(k->name) + " with " + std::to_string(lanes) + " lanes");
      Fitted f(*k, lanes, with_v);
      test(*k, f, lanes);
    }
}

/// Sums of n numbers of order 1 in any order agree within n^2 u.
double sum_bound(int n) { return static_cast<double>(n) * n * std::numeric_limits<double>::epsilon(); }

TEST(Sweep, TallyAddsWhatAPlainLoopAdds) {
  on_every_kernel_and_width(false, [](const Kernels& k, Fitted& f, int lanes) {
    const double shift[4] = {0.1, -0.2, 0.3, 0.25};
    for (const bool weighted : {false, true}) {
      std::fill_n(f.sums.data(), 16, 1000.0);  // tally adds
      k.tally(lanes, 3, f.m.rows.b, f.m.rows.sse, shift, f.f1.data(), weighted ? f.weight.data() : nullptr, f.sums.data());
      double expected[16];
      std::fill_n(expected, 16, 1000.0);
      for (int r = 0; r < lanes; ++r) {
        if (weighted && r % 5 == 0) continue;
        for (int i = 0; i < 3; ++i) {
          const double e = f.b(i, r) - shift[i];
          expected[3 * i] += e;
          expected[3 * i + 1] += e * e;
          expected[3 * i + 2] += f.b(i, r) > 0 ? 1 : 0;
        }
        const double e = 1 - f.m.rows.sse[r] * f.f1[static_cast<std::size_t>(r)] - shift[3];
        expected[9] += e;
        expected[10] += e * e;
      }
      for (int i = 0; i < 16; ++i) EXPECT_NEAR(f.sums[static_cast<std::size_t>(i)], expected[i], 1000 * sum_bound(lanes)) << i;
      for (const int i : {2, 5, 8}) EXPECT_EQ(f.sums[static_cast<std::size_t>(i)], expected[i]);
      for (int i = 11; i < 16; ++i) EXPECT_EQ(f.sums[static_cast<std::size_t>(i)], 1000.0);
    }
  });
}

TEST(Sweep, ExceedAndMarksCountWhatAPlainLoopCounts) {
  on_every_kernel_and_width(true, [](const Kernels& k, Fitted& f, int lanes) {
    const double inverse[3] = {1 / 0.02, 1 / 0.3, 1 / 0.0001};
    double by_square[8] = {}, by_error[8] = {};
    for (int i = 0; i < 3; ++i)
      for (int r = 0; r < lanes; ++r) {
        const double b2 = f.b(i, r) * f.b(i, r), se2 = f.m.rows.v[i * lanes + r] * f.m.rows.sse[r];
        const double f1 = f.f1[static_cast<std::size_t>(r)], f2 = f.f2[static_cast<std::size_t>(r)];
        by_square[2 * i] += b2 * inverse[i] > f1 ? 1 : 0;
        by_square[2 * i + 1] += b2 * inverse[i] > f2 ? 1 : 0;
        by_error[2 * i] += b2 > se2 * f1 * 0.1 ? 1 : 0;
        by_error[2 * i + 1] += b2 > se2 * f2 * 0.1 ? 1 : 0;
      }
    EXPECT_GT(by_error[0], 0);
    k.exceed(lanes, 3, f.m.rows.b, inverse, f.f1.data(), f.f2.data(), f.sums.data());
    for (int i = 0; i < 8; ++i) EXPECT_EQ(f.sums[static_cast<std::size_t>(i)], by_square[i]) << i;
    for (int r = 0; r < lanes; ++r) {
      f.f1[static_cast<std::size_t>(r)] *= 0.1;
      f.f2[static_cast<std::size_t>(r)] *= 0.1;
    }
    std::fill_n(f.sums.data(), 16, 0.0);
    k.marks(lanes, 3, f.m.rows.b, f.m.rows.v, f.m.rows.sse, f.f1.data(), f.f2.data(), f.sums.data());
    for (int i = 0; i < 8; ++i) EXPECT_EQ(f.sums[static_cast<std::size_t>(i)], by_error[i]) << i;
  });
}

TEST(Sweep, MaxTKeepsTheLargestStandardisedDistance) {
  on_every_kernel_and_width(false, [](const Kernels& k, Fitted& f, int lanes) {
    const double shift[3] = {0.1, -0.2, 0.3}, inverse_se[3] = {2, 0, 5};
    AlignedBuffer most(static_cast<std::size_t>(3 * lanes));
    std::fill_n(most.data(), 3 * lanes, 0.3);
    double* rows[3] = {most.data(), most.data() + lanes, most.data() + 2L * lanes};
    k.max_t(lanes, 3, f.m.rows.b, shift, inverse_se, f.weight.data(), rows);
    for (int i = 0; i < 3; ++i)
      for (int r = 0; r < lanes; ++r)
        EXPECT_EQ(rows[i][r],
                  std::max(0.3, f.weight[static_cast<std::size_t>(r)] * std::fabs((f.b(i, r) - shift[i]) * inverse_se[i])));
  });
}

/// Contrasts of three years of one tile (here the same fit times 1, 2, -1).
TEST(Sweep, YearSumsAreThoseOfTheContrasts) {
  on_every_kernel_and_width(false, [](const Kernels& k, Fitted& f, int lanes) {
    const std::size_t n = static_cast<std::size_t>(3 * lanes);
    AlignedBuffer twice(n), minus(n);
    for (std::size_t i = 0; i < n; ++i) twice[i] = 2 * f.m.rows.b[i], minus[i] = -f.m.rows.b[i];
    const double *rows[3] = {f.m.rows.b, twice.data(), minus.data()}, level[3] = {1, 0.5, 2}, trend[3] = {-1, 0, 1};
    const double shift[6] = {0.1, 0.2, -0.1, 0.4, 0, 1};
    for (const bool weighted : {false, true}) {
      std::fill_n(f.sums.data(), 16, 0.0);
      k.year_sums(lanes, 3, 3, rows, level, trend, shift, weighted ? f.weight.data() : nullptr, f.sums.data());
      for (int i = 0; i < 3; ++i) {
        double expected[4] = {};
        for (int r = 0; r < lanes; ++r) {
          if (weighted && r % 5 == 0) continue;
          const double c = f.b(i, r) * (1 + 0.5 * 2 - 2) - shift[2 * i], d = -2 * f.b(i, r) - shift[2 * i + 1];
          expected[0] += c;
          expected[1] += c * c;
          expected[2] += d;
          expected[3] += d * d;
        }
        for (int j = 0; j < 4; ++j)
          EXPECT_NEAR(f.sums[static_cast<std::size_t>(4 * i + j)], expected[j], 100 * sum_bound(lanes)) << i << " " << j;
      }
    }
  });
}

TEST(Sweep, BelowFindsEveryLane) {
  on_every_kernel_and_width(false, [](const Kernels& k, Fitted& f, int lanes) {
    for (int r = 0; r < lanes; ++r) f.f2[static_cast<std::size_t>(r)] = f.f1[static_cast<std::size_t>(r)] + (r % 3 - 1);
    const LaneMask found = k.below(lanes, f.f1.data(), f.f2.data());
    for (int r = 0; r < 96; ++r) EXPECT_EQ(found.has(r), r < lanes && r % 3 == 2) << r;
  });
}

/// Values before, in and past the bins, on their edges, and none.
TEST(Sweep, BinsAreCutAndClamped) {
  on_every_kernel_and_width(false, [](const Kernels& k, Fitted& f, int lanes) {
    AlignedBuffer value(96), per_bin(96);
    alignas(64) std::int32_t index[96];
    for (std::size_t r = 0; r < static_cast<std::size_t>(lanes); ++r) {
      f.f2[r] = 0.5 + static_cast<double>(r);
      per_bin[r] = r % 5 == 0 ? 0 : 4;
      value[r] = f.f2[r] + 0.125 * (static_cast<double>(r * 7 % 48) - 8);
      if (r % 11 == 10) value[r] = std::numeric_limits<double>::quiet_NaN();
      if (r % 13 == 12) value[r] = 1e300;
    }
    k.bins(lanes, value.data(), f.f2.data(), per_bin.data(), 16, index);
    for (std::size_t r = 0; r < static_cast<std::size_t>(lanes); ++r) {
      const double at = (value[r] - f.f2[r]) * per_bin[r];
      EXPECT_EQ(index[r], at > 0 ? static_cast<int>(std::min(at, 15.0)) : 0) << r << " " << at;
    }
  });
}

/// 1/x of a pivot x, correctly rounded on every instruction set, whether it divides or not.
TEST(Sweep, PivotsAreInvertedWithCorrectRounding) {
  NodeShape shape{8, 1, 1};
  AlignedBuffer a(16), d(8), b(8), sse(8), floor(8), row_b(8), row_sse(8);
  Node node{a.data(), d.data(), b.data(), nullptr, sse.data(), 0};
  Rows rows{row_b.data(), nullptr, row_sse.data(), 0, 8};
  std::mt19937_64 random(4);
  for (const Kernels* k : all_kernels())
    for (int round = 0; round < 100000; ++round) {
      for (std::size_t r = 0; r < 8; ++r) {
        // Mantissas at random, and those near the ends, where Newton steps round worst; exponents -20 .. 20.
        const std::uint64_t mantissa = r < 6    ? random() >> 12
                                       : r == 6 ? static_cast<std::uint64_t>(round)
                                                : ((std::uint64_t{1} << 52) - 1 - static_cast<std::uint64_t>(round));
        a[r] = 1;
        a[8 + r] = std::bit_cast<double>((std::uint64_t{1023 - 20 + random() % 41} << 52) | mantissa);
      }
      k->single(shape, node, 0, floor.data(), &rows);
      for (std::size_t r = 0; r < 8; ++r) ASSERT_EQ(row_b[r], 1 / a[8 + r]) << k->name << " " << std::hexfloat << a[8 + r];
    }
}

/// Without coefficients a fit has the same SSE, to the bit.
TEST(Sweep, TheFitAloneHasTheSameSse) {
  on_every_kernel_and_width(false, [](const Kernels& k, Fitted& f, int lanes) {
    for (const std::vector<int>& members : {std::vector<int>{2}, {0, 3}, {0, 1, 2}, {0, 1, 2, 3}}) {
      Memory alone(f.w, false);
      for (Node& n : alone.nodes) n.b = nullptr;
      alone.head.b = alone.rows.b = nullptr;
      fit(f.w, k, f.m, members);
      fit(f.w, k, alone, members);
      EXPECT_TRUE(testing::equal_bits(f.m.rows.sse, alone.rows.sse, static_cast<std::size_t>(lanes)));
      EXPECT_EQ(alone.rows.n_members, static_cast<int>(members.size()));
    }
  });
}

/// (1, -b)' T (1, -b) against residuals of test rows.
TEST(Sweep, HeldOutErrorEqualsResiduals) {
  World train(13, 0, 5, 16), test(14, 0, 5, 16);
  test.z = train.z;
  test.make();
  const int q = 6;
  AlignedBuffer t(static_cast<std::size_t>(q * (q + 1) / 2 * 16)), n_test(16), out(16);
  test_moments(train.shape, test.moments.data(), train.root.mean, t.data(), n_test.data());
  for (const Kernels* k : all_kernels()) {
    Memory m(train, false);
    const std::vector<int> members = {0, 2, 4};
    fit(train, *k, m, members);
    k->held_out(16, 3, m.rows.b, t.data(), q, members.data(), out.data());
    for (int lane = 0; lane < 16; ++lane) {
      const LeastSquares fit_rows = train.twin(lane, members);
      double sse = 0;
      for (int i = 0; i < World::kRows; ++i) {
        double e = train.z[static_cast<std::size_t>(6 * World::kRows + i)] - fit_rows.intercept;
        for (std::size_t j = 0; j < 3; ++j)
          e -= fit_rows.b[j] * train.z[static_cast<std::size_t>((members[j] + 1) * World::kRows + i)];
        sse += test.weight[static_cast<std::size_t>(lane)][static_cast<std::size_t>(i)] * e * e;
      }
      EXPECT_NEAR(out[static_cast<std::size_t>(lane)], sse, 1e-12 * sse) << k->name;
    }
  }
}

TEST(Sweep, AConstantColumnIsADeadLaneAndItsMatesKeepTheirBits) {
  World w(21, 0, 4, 16);
  const World before(21, 0, 4, 16);
  for (int i = 0; i < World::kRows; ++i)  // in lane 5 only rows with column 2 equal to that of row 0 are drawn
    w.weight[5][static_cast<std::size_t>(i)] = i == 0 ? 40 : 0;
  w.make();
  EXPECT_TRUE(w.column_dead[2].has(5));
  for (const Kernels* k : all_kernels()) {
    Memory a(w, true), b(before, true);
    fit(w, *k, a, {0, 2, 3});
    fit(before, *k, b, {0, 2, 3});
    for (int lane = 0; lane < 16; ++lane)
      for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(std::isfinite(a.rows.b[i * 16 + lane]));
        if (lane != 5) {
          EXPECT_EQ(a.rows.b[i * 16 + lane], b.rows.b[i * 16 + lane]);
        }
      }
  }
}

TEST(Sweep, ACollinearPairIsReportedByItsPivot) {
  World w(22, 0, 4, 8);
  for (int i = 0; i < World::kRows; ++i)
    w.z[static_cast<std::size_t>(4 * World::kRows + i)] =
        w.z[static_cast<std::size_t>(World::kRows + i)] - 2 * w.z[static_cast<std::size_t>(2 * World::kRows + i)];
  w.make();
  for (const Kernels* k : all_kernels()) {
    Memory m(w, true);
    k->down(w.shape.node, m.nodes[0], 0, w.root.floor, &m.nodes[1]);
    EXPECT_FALSE(k->head(w.shape.node, m.nodes[1], 1, w.root.floor + 8, &m.head));
    m.head.n_members = 2;
    EXPECT_FALSE(k->pair(w.shape.node, m.nodes[1], m.head, 1, 2, w.root.floor + 16, &m.rows));
    EXPECT_TRUE(k->pair(w.shape.node, m.nodes[1], m.head, 1, 3, w.root.floor + 24, &m.rows));
    for (int i = 0; i < 24; ++i) EXPECT_TRUE(std::isfinite(m.rows.b[i]));
    EXPECT_FALSE(w.twin(0, {0, 1, 3}).full_rank);
    EXPECT_EQ(w.twin(0, {0, 1, 3}).rank, 2);
  }
}

}  // namespace
}  // namespace nokkel::kernels
