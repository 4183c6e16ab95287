/**
 * @file What attention does between its matrix products, in the order of ../wasm/assembly/attention.ts:
 * rows of scores follow each other, `keys` long; under a causal mask row r looks at the first
 * `first` + r + 1 of them, and the others are zero.
 */
#include <limits>

#include "softmax.h"
#include "table.h"

namespace kernels {
namespace {

constexpr float least = -std::numeric_limits<float>::infinity();

/** The scores of a block of queries. */
struct Scores {
  float* p;        // (rows, keys)
  float* stats;    // (rows, 2): largest score and sum
  int64_t rows, keys, first;
  bool isCausal;
  float scale;
  const float* tokens;  // (keys), or null
  float token;

  ALWAYS_INLINE int64_t count(int64_t r) const { return isCausal ? first + r + 1 : keys; }
};

/** Some scores from the i-th on; those that are not looked at are never the largest, their exponential 0. */
template <int lanes>
ALWAYS_INLINE Lanes<lanes> scoresAt(const Scores& s, const float* row, int64_t i, int64_t count) {
  Lanes<lanes> x = loadUpTo<lanes>(row + i, s.keys - i);
  if (s.tokens) {
    x = loadUpTo<lanes>(s.tokens + i, s.keys - i) == s.token ? splat<lanes>(least) : x;
  }
  return areBelow<lanes>(count - i) ? x : splat<lanes>(least);
}

/** Looks by the vector: of the last four that the query sees all are as computed, the others zero. */
template <int lanes>
ALWAYS_INLINE void storeLooks(const Scores& s, float* row, int64_t i, int64_t count,
                              Lanes<lanes> x) {
  const int64_t whole = (count + 3) / 4 * 4;
  x = areBelow<lanes>(whole - i) ? x : Lanes<lanes>{};
  storeUpTo<lanes>(row + i, s.keys - i, x);
}

/**
 * The largest score of a row; NaN may get lost, since its exponential will be NaN. By eight lanes
 * always: which of 0 and -0 is met first depends on them.
 */
ALWAYS_INLINE float largestScore(const Scores& s, const float* row, int64_t count) {
  Lanes<8> largest = splat<8>(least);
  for (int64_t i = 0; i < count; i += 8) {
    Lanes<8> x = scoresAt<8>(s, row, i, count);
    // Whole fours are for the first lanes, what is left of the row for the others.
    if (s.keys - i < 4) x = (Lanes<8>)_mm256_permute2f128_ps((__m256)x, (__m256)x, 1);
    largest = largest < x ? x : largest;
  }
  return largestLane(largest);
}

struct Looks {
  template <int lanes>
  static ALWAYS_INLINE void run(const Scores* scores) {
    const Scores s = *scores;
    for (int64_t r = 0; r < s.rows; r++) {
      float* row = s.p + r * s.keys;
      const int64_t count = s.count(r);
      float max = largestScore(s, row, count) * s.scale;
      if (max == least) max = 0;
      Partials<lanes> sums;
      for (int64_t i = 0; i < count; i += 16) {
        for (int j = 0; j < sums.vectors; j++) {
          const int64_t at = i + j * lanes;
          const Lanes<lanes> x = scoresAt<lanes>(s, row, at, count);
          const Lanes<lanes> e = exponential<lanes>(x * s.scale - max);
          storeUpTo<lanes>(row + at, s.keys - at, e);
          sums.parts[j] = sums.parts[j] + e;
        }
      }
      float sum = sums.join();
      if (sum == 0) sum = 1;
      int64_t i = 0;
      for (; i < count; i += lanes) {
        storeLooks<lanes>(s, row, i, count, loadUpTo<lanes>(row + i, s.keys - i) / sum);
      }
      clearFrom<lanes>(row, i, s.keys);
      s.stats[2 * r] = max;
      s.stats[2 * r + 1] = sum;
    }
  }
};

/** The same once more, to the bit, from what was saved. */
struct LooksAgain {
  template <int lanes>
  static ALWAYS_INLINE void run(const Scores* scores) {
    const Scores s = *scores;
    for (int64_t r = 0; r < s.rows; r++) {
      float* row = s.p + r * s.keys;
      const int64_t count = s.count(r);
      const float max = s.stats[2 * r];
      const float sum = s.stats[2 * r + 1];
      int64_t i = 0;
      for (; i < count; i += lanes) {
        const Lanes<lanes> x = scoresAt<lanes>(s, row, i, count);
        storeLooks<lanes>(s, row, i, count, exponential<lanes>(x * s.scale - max) / sum);
      }
      clearFrom<lanes>(row, i, s.keys);
    }
  }
};

/** (p, stats, rows, keys, first, isCausal, scale, tokens, token) */
template <class Kernel>
void looks(Call& call) {
  const int64_t rows = call.size(2);
  const int64_t keys = call.size(3);
  const Scores scores{
      call.floats(0, rows * keys), call.floats(1, rows * 2), rows, keys, call.size(4), call.flag(5),
      call.number(6), call.floatsOrNone(7, keys), call.number(8)};
  if (call.isGood()) run<Kernel>(call.lanes(), &scores);
}

/** ds = p * (dp - dy y) * scale, where dy y is the product of the rows of one query. */
struct Slopes {
  template <int lanes>
  static ALWAYS_INLINE void run(float* ds, const float* dy, const float* y, const Scores* scores,
                                int64_t D, int64_t width) {
    const Scores s = *scores;
    const float* p = s.p;
    for (int64_t r = 0; r < s.rows; r++, ds += s.keys, p += s.keys, dy += width, y += width) {
      const int64_t count = s.count(r);
      const float along = dot<lanes>(dy, y, D);
      int64_t i = 0;
      for (; i < count; i += lanes) {
        const Lanes<lanes> change = loadUpTo<lanes>(ds + i, s.keys - i) - along;
        const Lanes<lanes> look = loadUpTo<lanes>(p + i, s.keys - i);
        storeLooks<lanes>(s, ds, i, count, (look * change) * s.scale);
      }
      clearFrom<lanes>(ds, i, s.keys);
    }
  }
};

/** (ds, p, dy, y, rows, keys, first, isCausal, scale, D, width) */
void slopes(Call& call) {
  const int64_t rows = call.size(4);
  const int64_t keys = call.size(5);
  const int64_t D = call.size(9);
  const int64_t width = call.size(10);
  const int64_t elements = rows > 0 ? (rows - 1) * width + D : 0;
  float* ds = call.floats(0, rows * keys);
  const Scores scores{call.floats(1, rows * keys), nullptr, rows, keys, call.size(6), call.flag(7),
                      call.number(8), nullptr, 0};
  const float* dy = call.floats(2, elements);
  const float* y = call.floats(3, elements);
  if (call.isGood()) run<Slopes>(call.lanes(), ds, dy, y, &scores, D, width);
}

}  // namespace

const Table attentionKernels = {
    {"attentionLooks", 9, looks<Looks>},
    {"attentionLooksAgain", 9, looks<LooksAgain>},
    {"attentionSlopes", 11, slopes},
};

}  // namespace kernels
