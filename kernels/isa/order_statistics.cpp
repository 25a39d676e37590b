/// Order statistics by filter-and-select, compiled once per instruction set (NOKKEL_ISA). No standard templates here, as in
/// sweep.cpp.
#include "kernels/order_statistics.h"

#include "kernels/isa/vector.h"

namespace nokkel::kernels::NOKKEL_ISA {
namespace {

constexpr double kInfinity = __builtin_inf();
constexpr int kFew = 24;     // values that counting orders at once
constexpr int kSome = 96;    // values that counting still orders
constexpr int kSample = 48;  // values among which bounds are looked for when mean and SD mislead

// --- a piece and the bits of its lanes -----------------------------------------------------------------------------

inline Piece load(const double* x) {
  Piece p;
  __builtin_memcpy(&p, x, sizeof p);
  return p;
}
inline Piece all(double x) { return Piece{} + x; }

#if defined(__AVX512F__)
inline unsigned less(Piece a, Piece b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
inline unsigned at_most(Piece a, Piece b) { return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ); }
inline void store_kept(double* to, Piece x, unsigned keep) {
  _mm512_storeu_pd(to, _mm512_maskz_compress_pd(static_cast<__mmask8>(keep), x));
}
inline int count(unsigned bits) { return __builtin_popcount(bits); }
#elif defined(__AVX2__)
inline unsigned less(Piece a, Piece b) { return static_cast<unsigned>(_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_LT_OQ))); }
inline unsigned at_most(Piece a, Piece b) { return static_cast<unsigned>(_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_LE_OQ))); }
/// Which 32-bit halves go to the front, by the bits kept.
alignas(32) const int kFront[16][8] = {
    {0, 1, 2, 3, 4, 5, 6, 7}, {0, 1, 2, 3, 4, 5, 6, 7}, {2, 3, 0, 1, 4, 5, 6, 7}, {0, 1, 2, 3, 4, 5, 6, 7},
    {4, 5, 0, 1, 2, 3, 6, 7}, {0, 1, 4, 5, 2, 3, 6, 7}, {2, 3, 4, 5, 0, 1, 6, 7}, {0, 1, 2, 3, 4, 5, 6, 7},
    {6, 7, 0, 1, 2, 3, 4, 5}, {0, 1, 6, 7, 2, 3, 4, 5}, {2, 3, 6, 7, 0, 1, 4, 5}, {0, 1, 2, 3, 6, 7, 4, 5},
    {4, 5, 6, 7, 0, 1, 2, 3}, {0, 1, 4, 5, 6, 7, 2, 3}, {2, 3, 4, 5, 6, 7, 0, 1}, {0, 1, 2, 3, 4, 5, 6, 7}};
inline void store_kept(double* to, Piece x, unsigned keep) {
  const __m256i order = _mm256_load_si256(reinterpret_cast<const __m256i*>(kFront[keep]));
  _mm256_storeu_pd(to, _mm256_castps_pd(_mm256_permutevar8x32_ps(_mm256_castpd_ps(x), order)));
}
inline int count(unsigned bits) { return __builtin_popcount(bits); }
#else
inline unsigned less(Piece a, Piece b) { return static_cast<unsigned>(_mm_movemask_pd(_mm_cmplt_pd(a, b))); }
inline unsigned at_most(Piece a, Piece b) { return static_cast<unsigned>(_mm_movemask_pd(_mm_cmple_pd(a, b))); }
inline void store_kept(double* to, Piece x, unsigned keep) {
  to[0] = x[0];
  to[keep & 1U] = x[1];
}
inline int count(unsigned bits) { return static_cast<int>((bits & 1U) + (bits >> 1U)); }
#endif

/// Calls f(piece, valid bits) over x: all lanes of the whole pieces, then what is left.
template <class F>
inline void for_pieces(const double* x, int n, F f) {
  int i = 0;
  for (; i + kPieceLanes <= n; i += kPieceLanes) f(load(x + i), (1U << kPieceLanes) - 1);
  if (i == n) return;
  double rest[kPieceLanes] = {};
  for (int j = i; j < n; ++j) rest[j - i] = x[j];
  f(load(rest), (1U << (n - i)) - 1);
}

// --- filters -------------------------------------------------------------------------------------------------------

struct Window {
  int below = 0;  ///< values below the window
  int n = 0;      ///< values in it, its ends included
  [[nodiscard]] bool holds(int rank) const { return below <= rank && rank < below + n; }
};

/// Values of x in [low, high], in order, to `to` (n + kPieceLanes doubles).
Window filter(const double* x, int n, double low, double high, double* to) {
  const Piece l = all(low), h = all(high);
  Window w;
  for_pieces(x, n, [&](Piece v, unsigned valid) {
    const unsigned below = less(v, l) & valid, keep = at_most(v, h) & at_most(l, v) & valid;
    store_kept(to + w.n, v, keep);
    w.n += count(keep);
    w.below += count(below);
  });
  return w;
}

int filter_low(const double* x, int n, double high, double* to) {
  const Piece h = all(high);
  int m = 0;
  for_pieces(x, n, [&](Piece v, unsigned valid) {
    const unsigned keep = at_most(v, h) & valid;
    store_kept(to + m, v, keep);
    m += count(keep);
  });
  return m;
}

int filter_high(const double* x, int n, double low, double* to) {
  const Piece l = all(low);
  int m = 0;
  for_pieces(x, n, [&](Piece v, unsigned valid) {
    const unsigned keep = at_most(l, v) & valid;
    store_kept(to + m, v, keep);
    m += count(keep);
  });
  return m;
}

int count_at_most(const double* x, int n, double limit) {
  const Piece l = all(limit);
  int m = 0;
  for_pieces(x, n, [&](Piece v, unsigned valid) { m += count(at_most(v, l) & valid); });
  return m;
}

/// Mean and SD, for a guess: an overflow or cancellation makes the guess useless, not the answer.
struct Guess {
  double mean = 0, sd = 0;
  [[nodiscard]] double at(double z) const { return mean + z * sd; }
};

Guess guess(const double* x, int n) {
  const double shift = x[0];
  const Piece s = all(shift);
  Piece sum[4] = {}, square[4] = {};  // four chains of additions in flight
  int i = 0;
  for (; i + 4 * kPieceLanes <= n; i += 4 * kPieceLanes)
    for (int c = 0; c < 4; ++c) {
      const Piece e = load(x + i + c * kPieceLanes) - s;
      sum[c] += e;
      square[c] += e * e;
    }
  sum[0] += sum[1] + (sum[2] + sum[3]);
  square[0] += square[1] + (square[2] + square[3]);
  double total = 0, total2 = 0;
  for (int k = 0; k < kPieceLanes; ++k) total += sum[0][k], total2 += square[0][k];
  for (; i < n; ++i) total += x[i] - shift, total2 += (x[i] - shift) * (x[i] - shift);
  const double variance = (total2 - total * total / n) / n;
  return {shift + total / n, variance > 0 ? __builtin_sqrt(variance) : 0};
}

// --- select --------------------------------------------------------------------------------------------------------

/// By counting, for each value, those below it: the answer is the largest with at most `rank` below. x has room for
/// kPieceLanes more, which are overwritten. Cost n^2 / kPieceLanes compares.
double by_counting(double* x, int n, int rank) {
  for (int i = 0; i < kPieceLanes; ++i) x[n + i] = kInfinity;
  const Bits most = Bits{} + rank;
  Piece answer = all(-kInfinity);
  for (int i = 0; i < n; i += kPieceLanes) {
    const Piece v = load(x + i);
    Bits below0 = Bits{}, below1 = Bits{};
    for (int j = 0; j < n; j += 2) {  // an odd n reads the first infinity, which is below nothing
      below0 -= reinterpret_cast<Bits>(all(x[j]) < v);
      below1 -= reinterpret_cast<Bits>(all(x[j + 1]) < v);
    }
    const Piece candidate = (below0 + below1 <= most) ? v : all(-kInfinity);
    answer = answer < candidate ? candidate : answer;
  }
  double largest = answer[0];
  for (int k = 1; k < kPieceLanes; ++k) largest = answer[k] > largest ? answer[k] : largest;
  return largest;
}

/// Integers in the order of the doubles, and back.
inline long long key_of(double x) {
  long long bits = 0;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits < 0 ? bits ^ 0x7fffffffffffffffLL : bits;
}
inline double of_key(long long key) {
  const long long bits = key < 0 ? key ^ 0x7fffffffffffffffLL : key;
  double x = 0;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

/// The smallest double that more than `rank` values do not exceed, by halving the range: at most 64 passes, for any input.
double by_halving(const double* x, int n, int rank) {
  long long low = key_of(x[0]), high = low;
  for (int i = 1; i < n; ++i) {
    const long long k = key_of(x[i]);
    low = k < low ? k : low;
    high = k > high ? k : high;
  }
  while (low < high) {
    const long long middle = (low & high) + ((low ^ high) >> 1);
    if (count_at_most(x, n, of_key(middle)) > rank)
      high = middle;
    else
      low = middle + 1;
  }
  return of_key(low);
}

/// The value of a rank of any n values, between two order statistics of a sample of them, again and again until few are
/// left. room: 2 (n + kPieceLanes) doubles.
double by_sample(const double* x, int n, int rank, double* room) {
  double* const other = room + n + kPieceLanes;
  double* to = room;
  double sample[kSample + kPieceLanes];
  for (int round = 0; round < 6 && n > kSome; ++round) {
    const int stride = n / kSample;
    for (int i = 0; i < kSample; ++i) sample[i] = x[i * stride + round % stride];
    const int middle = static_cast<int>(static_cast<long>(rank) * kSample / n), reach = 4 + 2 * round;
    const double low = middle < reach ? -kInfinity : by_counting(sample, kSample, middle - reach);
    const double high = middle + reach >= kSample ? kInfinity : by_counting(sample, kSample, middle + reach);
    const Window w = filter(x, n, low, high, to);
    if (!w.holds(rank)) continue;
    rank -= w.below;
    n = w.n;
    x = to;
    to = to == room ? other : room;
  }
  if (n > kSome) return by_halving(x, n, rank);
  filter(x, n, -kInfinity, kInfinity, to);
  return by_counting(to, n, rank);
}

/// Rank among the n values of [low, high]. room: 2 (n + kPieceLanes) doubles; x has kPieceLanes more.
double among(double* x, int n, int rank, double low, double high, double* room) {
  if (n <= kFew) return by_counting(x, n, rank);
  // Evenly spread inside a narrow window, up to the binomial spread of a rank.
  const double step = (high - low) / n, centre = low + (rank + 0.5) * step;
  const double reach = step * (2 + 2 * __builtin_sqrt(static_cast<double>(rank + 1) * (n - rank) / n));
  const Window w = filter(x, n, centre - reach, centre + reach, room);
  if (w.holds(rank) && w.n <= kSome) return by_counting(room, w.n, rank - w.below);
  return n <= kSome ? by_counting(x, n, rank) : by_sample(x, n, rank, room);
}

/// The value of a rank among n, looked for in [low, high] first, then in a window beside it. room: 3 (n + kPieceLanes) doubles.
double one(const double* x, int n, int rank, double low, double high, double* room) {
  double* more = room + n + kPieceLanes;
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Window w = filter(x, n, low, high, room);
    if (w.holds(rank)) return among(room, w.n, rank - w.below, low, high, more);
    const double reach = 3 * (high - low);
    if (rank < w.below) {
      high = low;
      low -= reach;
    } else {
      low = high;
      high += reach;
    }
  }
  return by_sample(x, n, rank, room);
}

void select(const Orders& orders, const double* x, double* scratch, double* out) {
  const int n = orders.n, n_orders = orders.n_orders;
  const Guess g = guess(x, n);
  double* tail = scratch;
  double* room = scratch + n + kVectorLanes;
  int done = 0, last = n_orders;
  if (orders.n_low > 0) {
    const int m = filter_low(x, n, g.at(orders.low_tail), tail);
    if (m > orders.order[orders.n_low - 1].rank)
      for (; done < orders.n_low; ++done) {
        const Order& o = orders.order[done];
        out[done] = one(tail, m, o.rank, g.at(o.low), g.at(o.high), room) + 0.0;
      }
  }
  if (orders.n_high > 0) {
    const int m = filter_high(x, n, g.at(orders.high_tail), tail), below = n - m;
    if (below <= orders.order[n_orders - orders.n_high].rank)
      for (; last > n_orders - orders.n_high; --last) {
        const Order& o = orders.order[last - 1];
        out[last - 1] = one(tail, m, o.rank - below, g.at(o.low), g.at(o.high), room) + 0.0;
      }
  }
  for (; done < last; ++done) {
    const Order& o = orders.order[done];
    out[done] = one(x, n, o.rank, g.at(o.low), g.at(o.high), room) + 0.0;
  }
}

#define NOKKEL_TEXT(x) #x
#define NOKKEL_NAME(x) NOKKEL_TEXT(x)

}  // namespace

extern const OrderKernels kOrderTable;
const OrderKernels kOrderTable = {NOKKEL_NAME(NOKKEL_ISA), select};

}  // namespace nokkel::kernels::NOKKEL_ISA
