/**
 * @file The Gaussian error linear unit, exact and by tanh, operation by operation those of
 * ../wasm/assembly/gelu.ts. Where there is a slope, it is saved for the backward pass.
 */
#include "exponential.h"
#include "table.h"

namespace kernels {
namespace {

struct Exact {
  /** Phi(x), given e = exp(-x^2 / 2). */
  template <int lanes>
  static ALWAYS_INLINE Lanes<lanes> normal(Lanes<lanes> x, Lanes<lanes> e) {
    const Lanes<lanes> z = magnitude<lanes>(x * 0.70710678f);
    const Lanes<lanes> t = splat<lanes>(1) / (1.0f + z * 0.3275911f);
    Lanes<lanes> p = -1.453152027f + t * 1.061405429f;
    p = 1.421413741f + p * t;
    p = -0.284496736f + p * t;
    p = 0.254829592f + p * t;
    const Lanes<lanes> tail = ((p * t) * e) * 0.5f;
    return x < 0.0f ? tail : 1.0f - tail;
  }

  template <int lanes>
  static ALWAYS_INLINE Lanes<lanes> value(Lanes<lanes> x, Lanes<lanes>& slope) {
    const Lanes<lanes> bell = exponential<lanes>((x * x) * -0.5f);
    const Lanes<lanes> phi = normal<lanes>(x, bell);
    slope = phi + (x * 0.39894228f) * bell;
    return x * phi;
  }
};

struct ByTanh {
  template <int lanes>
  static ALWAYS_INLINE Lanes<lanes> value(Lanes<lanes> x, Lanes<lanes>& slope) {
    constexpr float rootTwoOverPi = 0.7978845608f;
    constexpr float cubic = 0.044715f;
    const Lanes<lanes> x2 = x * x;
    const Lanes<lanes> t = hyperbolicTangent<lanes>((x + (x2 * x) * cubic) * rootTwoOverPi);
    const Lanes<lanes> inner = (1.0f + x2 * (3 * cubic)) * rootTwoOverPi;
    const Lanes<lanes> rise = (x * (1.0f - t * t)) * inner;
    slope = 0.5f * ((1.0f + t) + rise);
    return (x * 0.5f) * (1.0f + t);
  }
};

template <class Form>
struct Gelu {
  template <int lanes>
  static ALWAYS_INLINE void run(float* y, float* slope, const float* x, int64_t n) {
    Lanes<lanes> rise;
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) {
      store<lanes>(y + i, Form::template value<lanes>(load<lanes>(x + i), rise));
      if (slope) store<lanes>(slope + i, rise);
    }
    if (i == n) return;
    Part<lanes> part(x + i, n - i, 0);
    store<lanes>(part.values, Form::template value<lanes>(load<lanes>(part.values), rise));
    part.storeTo(y + i, n - i);
    if (!slope) return;
    store<lanes>(part.values, rise);
    part.storeTo(slope + i, n - i);
  }
};

/** (y, x, n) */
template <class Form>
void forward(Call& call) {
  const int64_t n = call.size(2);
  float* y = call.floats(0, n);
  const float* x = call.floats(1, n);
  if (call.isGood()) run<Gelu<Form>>(call.lanes(), y, static_cast<float*>(nullptr), x, n);
}

/** (y, slope, x, n) */
template <class Form>
void forwardSlope(Call& call) {
  const int64_t n = call.size(3);
  float* y = call.floats(0, n);
  float* slope = call.floats(1, n);
  const float* x = call.floats(2, n);
  if (call.isGood()) run<Gelu<Form>>(call.lanes(), y, slope, x, n);
}

}  // namespace

const Table geluKernels = {
    {"geluForward", 3, forward<Exact>},
    {"geluForwardSlope", 4, forwardSlope<Exact>},
    {"geluTanhForward", 3, forward<ByTanh>},
    {"geluTanhForwardSlope", 4, forwardSlope<ByTanh>},
};

}  // namespace kernels
