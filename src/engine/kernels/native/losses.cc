/** @file Softmax with categorical cross-entropy, in the order of ../wasm/assembly/softmax.ts. */
#include <cstring>
#include <limits>

#include "softmax.h"
#include "table.h"

namespace kernels {
namespace {

/** The largest of a row; NaN where there is one. */
ALWAYS_INLINE float largestOf(const float* x, int64_t n) {
  Lanes<8> largest = splat<8>(x[0]);
  typename Vector<8>::integers isNaN = {};
  int64_t i = 0;
  for (; i < n; i += 8) {
    const Lanes<8> value = i + 8 <= n ? load<8>(x + i) : load<8>(Part<8>(x + i, n - i, x[0]).values);
    largest = largest < value ? value : largest;
    isNaN |= value != value;
  }
  const bool isBroken = _mm256_movemask_ps((__m256)isNaN) != 0;
  return isBroken ? std::numeric_limits<float>::quiet_NaN() : largestLane(largest);
}

/** log x by the series of ../wasm/assembly/exp.ts, in double. */
ALWAYS_INLINE double logarithm(double x) {
  if (!(x > 0) || x == std::numeric_limits<double>::infinity()) {
    if (x == 0) return -std::numeric_limits<double>::infinity();
    return x < 0 ? std::numeric_limits<double>::quiet_NaN() : x;
  }
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  double e = static_cast<double>(static_cast<int32_t>(bits >> 52) - 1022);
  bits = (bits & 0x000fffffffffffff) | 0x3fe0000000000000;
  double m;
  std::memcpy(&m, &bits, sizeof m);
  if (m < 0.7071067811865476) {
    m *= 2;
    e -= 1;
  }
  const double s = (m - 1) / (m + 1);
  const double s2 = s * s;
  double series = 1.0 / 19.0;
  for (const double term : {1.0 / 17.0, 1.0 / 15.0, 1.0 / 13.0, 1.0 / 11.0, 1.0 / 9.0, 1.0 / 7.0,
                            1.0 / 5.0, 1.0 / 3.0}) {
    series = term + s2 * series;
  }
  series = s2 * series;
  return e * 0.6931471803691238 + (2 * s + (2 * s * series + e * 1.9082149292705877e-10));
}

struct CategoricalCrossEntropy {
  template <int lanes>
  static ALWAYS_INLINE void run(float* losses, float* probabilities, const float* x,
                                const float* targets, int64_t N, int64_t C) {
    for (int64_t n = 0; n < N; n++, x += C, probabilities += C) {
      const float max = largestOf(x, C);
      const float sum = exponentials<lanes>(probabilities, x, 1, max, C);
      divideRow<lanes>(probabilities, sum, C);
      losses[n] = static_cast<float>(logarithm(sum)) - (x[static_cast<int64_t>(targets[n])] - max);
    }
  }
};

/** (losses, probabilities, x, targets, N, C) */
void categoricalCrossEntropyForward(Call& call) {
  const int64_t N = call.size(4);
  const int64_t C = call.size(5);
  float* losses = call.floats(0, N);
  float* probabilities = call.floats(1, N * C);
  const float* x = call.floats(2, N * C);
  const float* targets = call.floats(3, N);
  if (!call.isGood()) return;
  run<CategoricalCrossEntropy>(call.lanes(), losses, probabilities, x, targets, N, C);
}

}  // namespace

const Table lossKernels = {
    {"categoricalCrossEntropyForward", 6, categoricalCrossEntropyForward},
};

}  // namespace kernels
