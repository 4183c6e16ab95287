/** @file The exponentials of a row and their sum, and the row by it, for attention and cross-entropy. */
#pragma once

#include <immintrin.h>

#include <limits>

#include "exponential.h"
#include "sums.h"

namespace kernels {

/** Of eight lanes without NaN; of 0 and -0, which are equal, 0. */
ALWAYS_INLINE float largestLane(Lanes<8> lanes) {
  const __m128 low = _mm256_castps256_ps128((__m256)lanes);
  __m128 m = _mm_max_ps(_mm256_extractf128_ps((__m256)lanes, 1), low);
  __m128 other = _mm_movehl_ps(m, m);
  m = _mm_and_ps(_mm_max_ps(m, other), _mm_max_ps(other, m));
  other = _mm_shuffle_ps(m, m, 1);
  return _mm_cvtss_f32(_mm_and_ps(_mm_max_ss(m, other), _mm_max_ss(other, m)));
}

/** y = exp(x * scale - max) along a row; returns the sum. */
template <int lanes>
ALWAYS_INLINE float exponentials(float* y, const float* x, float scale, float max, int64_t n) {
  Partials<lanes> sums;
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    for (int j = 0; j < sums.vectors; j++) {
      const int64_t at = i + j * lanes;
      const Lanes<lanes> e = exponential<lanes>(load<lanes>(x + at) * scale - max);
      store<lanes>(y + at, e);
      sums.parts[j] = sums.parts[j] + e;
    }
  }
  if (i < n) {
    // Lanes beyond the row: exp(-infinity) adds nothing.
    Part<16> part(x + i, n - i, -std::numeric_limits<float>::infinity());
    for (int j = 0; j < sums.vectors; j++) {
      float* values = part.values + j * lanes;
      store<lanes>(values, exponential<lanes>(load<lanes>(values) * scale - max));
    }
    addElements(sums, part.values);
    part.storeTo(y + i, n - i);
  }
  return sums.join();
}

template <int lanes>
ALWAYS_INLINE void divideRow(float* y, float divisor, int64_t n) {
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) store<lanes>(y + i, load<lanes>(y + i) / divisor);
  for (; i < n; i++) y[i] = y[i] / divisor;
}

}  // namespace kernels
