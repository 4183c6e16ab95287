/** @file The sum of a row in its canonical order (docs/numerics.md): sixteen partials by place. */
#pragma once

#include "lanes.h"

namespace kernels {

template <int lanes>
struct Partials {
  static constexpr int vectors = 16 / lanes;
  Lanes<lanes> parts[vectors] = {};

  /** In four groups of four, (a + b) + (c + d), then (l0 + l1) + (l2 + l3). */
  ALWAYS_INLINE float join() const {
    alignas(64) float p[16];
    for (int j = 0; j < vectors; j++) store<lanes>(p + j * lanes, parts[j]);
    float l[4];
    for (int i = 0; i < 4; i++) l[i] = (p[i] + p[i + 4]) + (p[i + 8] + p[i + 12]);
    return (l[0] + l[1]) + (l[2] + l[3]);
  }
};

template <int lanes>
ALWAYS_INLINE void addElements(Partials<lanes>& sums, const float* x) {
  for (int j = 0; j < sums.vectors; j++) {
    sums.parts[j] = sums.parts[j] + load<lanes>(x + j * lanes);
  }
}

template <int lanes>
ALWAYS_INLINE float sum(const float* x, int64_t n) {
  Partials<lanes> sums;
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) addElements(sums, x + i);
  if (i < n) addElements(sums, Part<16>(x + i, n - i, 0).values);
  return sums.join();
}

template <int lanes>
ALWAYS_INLINE void addProducts(Partials<lanes>& sums, const float* x, const float* y) {
  for (int j = 0; j < sums.vectors; j++) {
    sums.parts[j] = sums.parts[j] + load<lanes>(x + j * lanes) * load<lanes>(y + j * lanes);
  }
}

template <int lanes>
ALWAYS_INLINE float dot(const float* x, const float* y, int64_t n) {
  Partials<lanes> sums;
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) addProducts(sums, x + i, y + i);
  if (i < n) addProducts(sums, Part<16>(x + i, n - i, 0).values, Part<16>(y + i, n - i, 0).values);
  return sums.join();
}

}  // namespace kernels
