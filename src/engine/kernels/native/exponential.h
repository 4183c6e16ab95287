/**
 * @file exp and tanh, operation by operation those of ../wasm/assembly/exp.ts: what they are and where
 * they come from stands there.
 */
#pragma once

#include "lanes.h"

namespace kernels {

constexpr float lowestExponent = -87.33654f;

template <int lanes>
ALWAYS_INLINE Lanes<lanes> exponential(Lanes<lanes> x) {
  using Integers = typename Vector<lanes>::integers;
  const Lanes<lanes> lowest = splat<lanes>(lowestExponent);
  const Lanes<lanes> highest = splat<lanes>(88.0f);
  const Lanes<lanes> below = highest < x ? highest : x;
  const Lanes<lanes> inside = below < lowest ? lowest : below;
  const Lanes<lanes> shifted = 12582912.0f + inside * 1.44269504088896341f;
  const Lanes<lanes> n = shifted - 12582912.0f;
  const Lanes<lanes> r = (inside + n * -0.693359375f) + n * 2.12194440e-4f;
  Lanes<lanes> p = 1.3981999507e-3f + 1.9875691500e-4f * r;
  p = 8.3334519073e-3f + p * r;
  p = 4.1665795894e-2f + p * r;
  p = 1.6666665459e-1f + p * r;
  p = 0.5f + p * r;
  p = (r + p * (r * r)) + 1.0f;
  const Lanes<lanes> scaled = (Lanes<lanes>)((Integers)p + ((Integers)shifted << 23));
  return x < lowest ? Lanes<lanes>{} : scaled;
}

template <int lanes>
ALWAYS_INLINE Lanes<lanes> hyperbolicTangent(Lanes<lanes> x) {
  const Lanes<lanes> far = 1.0f - splat<lanes>(2) / (1.0f + exponential<lanes>(x + x));
  const Lanes<lanes> x2 = x * x;
  Lanes<lanes> p = 2.06390887954e-2f + -5.70498872745e-3f * x2;
  p = -5.37397155531e-2f + p * x2;
  p = 1.33314422036e-1f + p * x2;
  p = -3.33332819422e-1f + p * x2;
  const Lanes<lanes> near = x + (p * x2) * x;
  return magnitude<lanes>(x) < 0.625f ? near : far;
}

}  // namespace kernels
