/** @file One step of Adam over an arena, in the order of ../wasm/assembly/optimizers.ts. */
#include "lanes.h"
#include "table.h"

namespace kernels {
namespace {

constexpr float smallestKept = 0x1p-100f;
constexpr float smallestNormal = 0x1p-126f;
constexpr float smallestSquared = 0x1p-56f;

/** x, or 0 where it is smaller, for the reason that is given there. NaN stays NaN. */
template <int lanes>
ALWAYS_INLINE Lanes<lanes> atLeast(float smallest, Lanes<lanes> x) {
  return magnitude<lanes>(x) < splat<lanes>(smallest) ? Lanes<lanes>{} : x;
}

/** What is the same for all elements. */
struct AdamSettings {
  float rate, beta1, oneMinusBeta1, beta2, oneMinusBeta2, eps, scale, l2, keep;
  bool decays;
};

struct Adam {
  template <int lanes>
  static ALWAYS_INLINE void update(float* p, float* m, float* v, const float* g,
                                   const AdamSettings& s) {
    const Lanes<lanes> value = load<lanes>(p);
    const Lanes<lanes> gradient = load<lanes>(g) + s.l2 * value;
    const Lanes<lanes> mean =
        atLeast<lanes>(smallestKept, s.oneMinusBeta1 * gradient + s.beta1 * load<lanes>(m));
    const Lanes<lanes> squared = atLeast<lanes>(smallestSquared, gradient);
    const Lanes<lanes> sum = (s.oneMinusBeta2 * squared) * squared + s.beta2 * load<lanes>(v);
    const Lanes<lanes> square = sum < splat<lanes>(smallestNormal) ? Lanes<lanes>{} : sum;
    store<lanes>(m, mean);
    store<lanes>(v, square);
    const Lanes<lanes> root = squareRoot<lanes>(square * s.scale) + s.eps;
    const Lanes<lanes> next = value * s.keep - (s.rate * mean) / root;
    store<lanes>(p, s.decays ? atLeast<lanes>(smallestKept, next) : next);
  }

  template <int lanes>
  static ALWAYS_INLINE void run(float* p, float* m, float* v, const float* g,
                                const AdamSettings* settings, int64_t n) {
    const AdamSettings s = *settings;
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) update<lanes>(p + i, m + i, v + i, g + i, s);
    for (; i < n; i += 4) update<4>(p + i, m + i, v + i, g + i, s);
  }
};

/**
 * (p, m, v, g, learningRate, beta1, oneMinusBeta1, beta2, oneMinusBeta2, eps, mScale, vScale, l2, keep, n).
 * Arenas are padded to whole vectors of four with zeros, so there are no tails.
 */
void adamStep(Call& call) {
  const int64_t n = (call.size(14) + 3) / 4 * 4;
  float* p = call.floats(0, n);
  float* m = call.floats(1, n);
  float* v = call.floats(2, n);
  const float* g = call.floats(3, n);
  const AdamSettings settings{
      call.number(4) * call.number(10),
      call.number(5),
      call.number(6),
      call.number(7),
      call.number(8),
      call.number(9),
      call.number(11),
      call.number(12),
      call.number(13),
      call.number(12) != 0 || call.number(13) != 1,
  };
  if (call.isGood()) run<Adam>(call.lanes(), p, m, v, g, &settings, n);
}

}  // namespace

const Table optimizerKernels = {{"adamStep", 15, adamStep}};

}  // namespace kernels
