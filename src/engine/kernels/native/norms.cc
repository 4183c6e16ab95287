/**
 * @file Layer and RMS normalization, in the order of ../wasm/assembly/norms.ts. The second has no mean:
 * its pointer is null, and nothing is subtracted.
 */
#include <algorithm>
#include <cmath>

#include "sums.h"
#include "table.h"

namespace kernels {
namespace {

template <int lanes>
ALWAYS_INLINE void addSquares(Partials<lanes>& sums, const float* x, float m) {
  for (int j = 0; j < sums.vectors; j++) {
    const Lanes<lanes> e = load<lanes>(x + j * lanes) - m;
    sums.parts[j] = sums.parts[j] + e * e;
  }
}

/** The sum of (x - m)^2. */
template <int lanes>
ALWAYS_INLINE float squaresAround(float m, const float* x, int64_t n) {
  Partials<lanes> sums;
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) addSquares(sums, x + i, m);
  if (i < n) addSquares(sums, Part<16>(x + i, n - i, m).values, m);
  return sums.join();
}

struct NormForward {
  template <int lanes>
  static ALWAYS_INLINE void run(float* y, float* mean, float* rstd, const float* x,
                                const float* weight, const float* bias, float epsilon, int64_t N,
                                int64_t C) {
    const float count = static_cast<float>(C);
    for (int64_t n = 0; n < N; n++, x += C, y += C) {
      const float m = mean ? sum<lanes>(x, C) / count : 0;
      const float r = 1.0f / std::sqrt(squaresAround<lanes>(m, x, C) / count + epsilon);
      if (mean) mean[n] = m;
      rstd[n] = r;
      int64_t i = 0;
      for (; i + lanes <= C; i += lanes) {
        const Lanes<lanes> scaled = ((load<lanes>(x + i) - m) * r) * load<lanes>(weight + i);
        store<lanes>(y + i, bias ? scaled + load<lanes>(bias + i) : scaled);
      }
      for (; i < C; i++) {
        const float scaled = ((x[i] - m) * r) * weight[i];
        y[i] = bias ? scaled + bias[i] : scaled;
      }
    }
  }
};

/** (y, mean, rstd, x, weight, bias, epsilon, N, C) */
void normForward(Call& call) {
  const int64_t N = call.size(7);
  const int64_t C = call.size(8);
  float* y = call.floats(0, N * C);
  float* mean = call.floatsOrNone(1, N);
  float* rstd = call.floats(2, N);
  const float* x = call.floats(3, N * C);
  const float* weight = call.floats(4, C);
  const float* bias = call.floatsOrNone(5, C);
  const float epsilon = call.number(6);
  if (call.isGood()) run<NormForward>(call.lanes(), y, mean, rstd, x, weight, bias, epsilon, N, C);
}

template <int lanes>
ALWAYS_INLINE void addSlopes(Partials<lanes>& sums, const float* dy, const float* weight,
                             const float* x, float m) {
  for (int j = 0; j < sums.vectors; j++) {
    const int at = j * lanes;
    const Lanes<lanes> g = load<lanes>(dy + at) * load<lanes>(weight + at);
    sums.parts[j] = sums.parts[j] + g * (load<lanes>(x + at) - m);
  }
}

/** The sum of g * (x - m), with g = dy * weight. */
template <int lanes>
ALWAYS_INLINE float slopeSum(const float* dy, const float* weight, const float* x, float m,
                             int64_t n) {
  Partials<lanes> sums;
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) addSlopes(sums, dy + i, weight + i, x + i, m);
  if (i < n) {
    // Whole vectors of four, as there: what is missing of the last is 0 * (m - m), NaN at infinity.
    Part<16> slopes(x, 0, 0);
    for (int64_t j = 0; j < (n - i + 3) / 4 * 4; j++) {
      slopes.values[j] = i + j < n ? (dy[i + j] * weight[i + j]) * (x[i + j] - m) : 0 * (m - m);
    }
    addElements(sums, slopes.values);
  }
  return sums.join();
}

struct NormBackwardInput {
  template <int lanes>
  static ALWAYS_INLINE void run(float* dx, const float* dy, const float* mean, const float* rstd,
                                const float* x, const float* weight, int64_t N, int64_t C) {
    const float count = static_cast<float>(C);
    for (int64_t n = 0; n < N; n++, dx += C, dy += C, x += C) {
      const float m = mean ? mean[n] : 0;
      const float r = rstd[n];
      const float g = mean ? dot<lanes>(dy, weight, C) / count : 0;
      const float k = (slopeSum<lanes>(dy, weight, x, m, C) / count) * (r * r);
      int64_t i = 0;
      for (; i + lanes <= C; i += lanes) {
        const Lanes<lanes> gradient = load<lanes>(dy + i) * load<lanes>(weight + i) - g;
        store<lanes>(dx + i, r * (gradient - (load<lanes>(x + i) - m) * k));
      }
      for (; i < C; i++) dx[i] = r * ((dy[i] * weight[i] - g) - (x[i] - m) * k);
    }
  }
};

/** (dx, dy, mean, rstd, x, weight, N, C) */
void normBackwardInput(Call& call) {
  const int64_t N = call.size(6);
  const int64_t C = call.size(7);
  float* dx = call.floats(0, N * C);
  const float* dy = call.floats(1, N * C);
  const float* mean = call.floatsOrNone(2, N);
  const float* rstd = call.floats(3, N);
  const float* x = call.floats(4, N * C);
  const float* weight = call.floats(5, C);
  if (call.isGood()) run<NormBackwardInput>(call.lanes(), dx, dy, mean, rstd, x, weight, N, C);
}

/** The rows of a block whose sums are joined as one: part of the bits. */
constexpr int64_t block = 256;

struct NormBackwardParameters {
  /** Some vectors of columns of one block. */
  template <int lanes, int vectors>
  static ALWAYS_INLINE void addBlock(float* dweight, float* dbias, const float* dy,
                                     const float* mean, const float* rstd, const float* x,
                                     int64_t rows, int64_t width) {
    Lanes<lanes> w[vectors] = {};
    Lanes<lanes> b[vectors] = {};
    for (int64_t r = 0; r < rows; r++, dy += width, x += width) {
      const float m = mean ? mean[r] : 0;
#pragma GCC unroll 4
      for (int j = 0; j < vectors; j++) {
        const Lanes<lanes> gradient = load<lanes>(dy + j * lanes);
        b[j] = b[j] + gradient;
        w[j] = w[j] + gradient * ((load<lanes>(x + j * lanes) - m) * rstd[r]);
      }
    }
#pragma GCC unroll 4
    for (int j = 0; j < vectors; j++) {
      store<lanes>(dweight + j * lanes, load<lanes>(dweight + j * lanes) + w[j]);
      if (dbias) store<lanes>(dbias + j * lanes, load<lanes>(dbias + j * lanes) + b[j]);
    }
  }

  template <int lanes>
  static ALWAYS_INLINE void run(float* dweight, float* dbias, const float* dy, const float* mean,
                                const float* rstd, const float* x, int64_t N, int64_t columns,
                                int64_t width) {
    for (int64_t start = 0; start < N; start += block) {
      const int64_t rows = std::min(block, N - start);
      const float* dyBlock = dy + start * width;
      const float* xBlock = x + start * width;
      const float* means = mean ? mean + start : nullptr;
      const float* scales = rstd + start;
      int64_t i = 0;
      for (; i + 4 * lanes <= columns; i += 4 * lanes) {
        addBlock<lanes, 4>(dweight + i, dbias ? dbias + i : nullptr, dyBlock + i, means, scales,
                           xBlock + i, rows, width);
      }
      for (; i + lanes <= columns; i += lanes) {
        addBlock<lanes, 1>(dweight + i, dbias ? dbias + i : nullptr, dyBlock + i, means, scales,
                           xBlock + i, rows, width);
      }
      for (; i < columns; i++) {
        addBlock<1, 1>(dweight + i, dbias ? dbias + i : nullptr, dyBlock + i, means, scales,
                       xBlock + i, rows, width);
      }
    }
  }
};

/** (dweight, dbias, dy, mean, rstd, x, N, columns, width) */
void normBackwardParameters(Call& call) {
  const int64_t N = call.size(6);
  const int64_t columns = call.size(7);
  const int64_t width = call.size(8);
  const int64_t elements = N > 0 ? (N - 1) * width + columns : 0;
  float* dweight = call.floats(0, columns);
  float* dbias = call.floatsOrNone(1, columns);
  const float* dy = call.floats(2, elements);
  const float* mean = call.floatsOrNone(3, N);
  const float* rstd = call.floats(4, N);
  const float* x = call.floats(5, elements);
  if (!call.isGood()) return;
  run<NormBackwardParameters>(call.lanes(), dweight, dbias, dy, mean, rstd, x, N, columns, width);
}

}  // namespace

const Table normKernels = {
    {"normForward", 9, normForward},
    {"normBackwardInput", 8, normBackwardInput},
    {"normBackwardParameters", 9, normBackwardParameters},
};

}  // namespace kernels
